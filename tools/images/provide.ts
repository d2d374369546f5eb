import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { cacheRoot, exists, publish, workFolder } from "../build/cache";
import { showProgress, type Output } from "../build/progress";
import type { Tools } from "../install";
import { writeImageArchive } from "./archive";
import { rememberedDigests } from "./digests";
import { archiveName, localImages, type LocalImage } from "./images";
import { RootFilesystem } from "./root-filesystem";

/** An image archive that is ready to be imported. */
export interface ProvidedImage {
  /** Full name with registry and tag. */
  readonly name: string;
  /** Changes with the content of the image. */
  readonly key: string;
  /** Path of the archive. */
  readonly archive: string;
}

/**
 * Provides the archives of images: from the cache, else made from programs of this machine and of the tools.
 *
 * @param tools Provides the tools that `imageTools` names.
 * @param output Receives the progress of what is made.
 */
export async function provideImages(
  tools: Pick<Tools, "path">,
  output: Output,
  images: readonly LocalImage[] = localImages,
): Promise<ProvidedImage[]> {
  const provided: ProvidedImage[] = [];
  const digestOf = rememberedDigests(path.join(cacheRoot(), "images", "digests.json"));
  for (const image of images) {
    const key = await keyOf(image, tools, digestOf);
    const folder = path.join(cacheRoot(), "images", key);
    if (!(await exists(folder))) {
      await showProgress(output, `making the image ${image.name}`, () => make(image, tools, folder));
    }
    provided.push({ name: image.name, key, archive: path.join(folder, archiveName(image)) });
  }
  return provided;
}

async function keyOf(
  image: LocalImage,
  tools: Pick<Tools, "path">,
  digestOf: (file: string) => Promise<string>,
): Promise<string> {
  const hash = createHash("sha256");
  // The functions' own text stands for what they put where.
  hash.update(JSON.stringify([image.name, image.config, image.fill.toString(), RootFilesystem.toString()]));
  for (const file of image.inputs(tools)) {
    hash.update(`${file}:${await digestOf(file)}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

async function make(image: LocalImage, tools: Pick<Tools, "path">, destination: string): Promise<void> {
  const work = await workFolder(cacheRoot());
  try {
    const root = path.join(work, "root");
    await fs.mkdir(root);
    const filesystem = new RootFilesystem(root);
    await filesystem.skeleton();
    await image.fill(filesystem, tools);
    const finished = path.join(work, "finished");
    await fs.mkdir(finished);
    await writeImageArchive(root, image.name, image.config, path.join(finished, archiveName(image)));
    await publish(finished, destination);
  } finally {
    await fs.rm(work, { recursive: true, force: true });
  }
}

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a container of an image does when nothing else is said (`config` of the OCI image configuration). */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  /** Variables beside PATH. */
  readonly environment?: Readonly<Record<string, string>>;
  /** User and group by number, `65534:65534`. Default: root. */
  readonly user?: string;
}

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" };

/** Everything that would differ between two archives of the same files is fixed. */
const reproducible = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=ustar"];

/**
 * Packs a root file system into an image archive of one layer, in the format that `docker save` writes and every runtime imports.
 *
 * @param rootFilesystem Folder whose content is the image's.
 * @param name Full name with registry and tag.
 * @param file Archive to write.
 */
export async function writeImageArchive(
  rootFilesystem: string,
  name: string,
  config: ImageConfig,
  file: string,
): Promise<void> {
  const work = await fs.mkdtemp(`${file}.`);
  try {
    await run("tar", [...reproducible, "-cf", path.join(work, "layer.tar"), "-C", rootFilesystem, "."]);
    const layer = await digestOf(path.join(work, "layer.tar"));
    const variables = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...config.environment };
    const configuration = JSON.stringify({
      architecture: architectures[process.arch] ?? process.arch,
      os: "linux",
      config: {
        Entrypoint: config.entrypoint,
        Cmd: config.command ?? [],
        Env: Object.entries(variables).map(([key, value]) => `${key}=${value}`),
        User: config.user ?? "",
        WorkingDir: "/",
      },
      rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
      history: [{ created_by: "local images of ollama-platform" }],
    });
    const configFile = `${createHash("sha256").update(configuration).digest("hex")}.json`;
    await fs.writeFile(path.join(work, configFile), configuration);
    const manifest = [{ Config: configFile, RepoTags: [name], Layers: ["layer.tar"] }];
    await fs.writeFile(path.join(work, "manifest.json"), JSON.stringify(manifest));
    await run("tar", [...reproducible, "-cf", file, "-C", work, "manifest.json", configFile, "layer.tar"]);
  } finally {
    await fs.rm(work, { recursive: true, force: true });
  }
}

/** SHA-256 of a file in hexadecimal digits. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

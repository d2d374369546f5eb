import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_IMAGES } from "../../../components/spec/images";
import { digestOf, writeImageArchive } from "../../../tools/images/archive";
import { rememberedDigests } from "../../../tools/images/digests";
import { localImages } from "../../../tools/images/images";
import { envoyImage, ollamaImage } from "../../../tools/images/names";

describe("image archives", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "images-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const rootFilesystem = (name: string, modified: Date): string => {
    const root = path.join(folder, name);
    mkdirSync(path.join(root, "bin"), { recursive: true });
    for (const file of ["b", "a"]) {
      writeFileSync(path.join(root, "bin", file), `program ${file}`, { mode: 0o755 });
      utimesSync(path.join(root, "bin", file), modified, modified);
    }
    return root;
  };
  const config = { entrypoint: ["/bin/a"], command: ["serve"], environment: { MODE: "test" }, user: "65534:65534" };

  it("hold name, configuration and the digest of their one layer", async () => {
    const archive = path.join(folder, "image.tar");
    await writeImageArchive(rootFilesystem("root", new Date()), "example.test/a:1", config, archive);
    const content = path.join(folder, "content");
    mkdirSync(content);
    execFileSync("tar", ["-xf", archive, "-C", content]);
    const read = (name: string) => JSON.parse(readFileSync(path.join(content, name), "utf8"));
    const [manifest] = read("manifest.json");
    assert.deepEqual(manifest.RepoTags, ["example.test/a:1"]);
    const image = read(manifest.Config);
    assert.deepEqual(image.config.Entrypoint, ["/bin/a"]);
    assert.deepEqual(image.config.Cmd, ["serve"]);
    assert.equal(image.config.User, "65534:65534");
    assert.ok(image.config.Env.includes("MODE=test"));
    const layer = path.join(content, manifest.Layers[0]);
    assert.deepEqual(image.rootfs.diff_ids, [`sha256:${await digestOf(layer)}`]);
    const listed = execFileSync("tar", ["-tvf", layer], { encoding: "utf8" });
    assert.match(listed, /-rwxr-xr-x 0\/0 .* \.\/bin\/a/);
  });

  it("are the same bytes for the same files, whenever and in whatever order they were made", async () => {
    const archives = [new Date(0), new Date()].map((modified, index) => ({
      root: rootFilesystem(`root-${index}`, modified),
      file: path.join(folder, `image-${index}.tar`),
    }));
    for (const { root, file } of archives) await writeImageArchive(root, "example.test/a:1", config, file);
    const digests = await Promise.all(archives.map(({ file }) => digestOf(file)));
    assert.equal(digests[0], digests[1]);
  });
});

describe("digests of the programs of images", () => {
  let folder: string;
  let file: string;
  let record: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "digests-"));
    [file, record] = [path.join(folder, "program"), path.join(folder, "digests.json")];
    writeFileSync(file, "one");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const digest = () => rememberedDigests(record)(file);
  /** A file is remembered once it has not been written for two seconds. */
  const settle = () => sleep(statSync(file).ctimeMs + 2050 - Date.now());

  it("are remembered, and read again of a file that was written or replaced, also by one with the same size and times", async () => {
    await settle();
    const one = await digest();
    assert.equal(one, await digestOf(file));
    // What is remembered is what is told.
    const mark = "f".repeat(64);
    writeFileSync(record, readFileSync(record, "utf8").replace(one, mark));
    assert.equal(await digest(), mark);
    const { atime, mtime } = statSync(file);
    writeFileSync(file, "two");
    utimesSync(file, atime, mtime);
    assert.equal(await digest(), await digestOf(file));
    writeFileSync(path.join(folder, "other"), "six");
    utimesSync(path.join(folder, "other"), atime, mtime);
    renameSync(path.join(folder, "other"), file);
    assert.equal(await digest(), await digestOf(file));
  });

  it("are not remembered of a file that was written a moment ago, nor from a damaged record", async () => {
    await digest();
    assert.throws(() => statSync(record), /ENOENT/);
    writeFileSync(record, "{");
    assert.equal(await digest(), await digestOf(file));
  });
});

describe("images of the real node", () => {
  it("carry the very names that the product's specification defaults to", () => {
    assert.deepEqual([ollamaImage, envoyImage], [DEFAULT_IMAGES.ollama, DEFAULT_IMAGES.envoy]);
    const names = localImages.map(({ name }) => name);
    for (const image of ["ollama", "envoy", "modelLoader"] as const)
      assert.ok(names.includes(DEFAULT_IMAGES[image]), image);
  });
});

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheRoot, contentKey, publish } from "../../../../tools/build/cache";
import { temporaryFolder } from "../temporary-folder";

describe("the tool cache", () => {
  const folder = temporaryFolder();

  function sources(name: string): string {
    const made = path.join(folder(), name);
    fs.mkdirSync(path.join(made, "inner"), { recursive: true });
    fs.writeFileSync(path.join(made, "go.mod"), "module a\n");
    fs.writeFileSync(path.join(made, "inner", "main.go"), "package main\n");
    return made;
  }

  it("gives equal content equal keys, wherever it lies", async () => {
    assert.equal(await contentKey(sources("a"), { flags: ["-s"] }), await contentKey(sources("b"), { flags: ["-s"] }));
  });

  const changes: Record<string, (made: string) => void> = {
    "a file's content": (made) => fs.writeFileSync(path.join(made, "inner", "main.go"), "package main \n"),
    "a file's name": (made) => fs.renameSync(path.join(made, "go.mod"), path.join(made, "go.sum")),
    "a file more": (made) => fs.writeFileSync(path.join(made, "go.sum"), ""),
    "content that moved from one file to the next": (made) => {
      fs.writeFileSync(path.join(made, "go.mod"), "module a\npackage");
      fs.writeFileSync(path.join(made, "inner", "main.go"), " main\n");
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`changes the key with ${what}`, async () => {
      const made = sources("a");
      const before = await contentKey(made, {});
      change(made);
      assert.notEqual(await contentKey(made, {}), before);
    });
  }

  it("changes the key with the build's settings", async () => {
    const made = sources("a");
    assert.notEqual(await contentKey(made, { flags: ["-s"] }), await contentKey(made, { flags: ["-w"] }));
  });

  it("lies where the environment says, else in the user's cache folder", () => {
    assert.equal(cacheRoot({ OLLAMA_PLATFORM_CACHE: "/somewhere", XDG_CACHE_HOME: "/cache" }), "/somewhere");
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "/cache" }), path.join("/cache", "ollama-platform"));
    assert.match(cacheRoot({}), /\.cache.ollama-platform$/);
  });

  it("keeps the first of two results for the same place", async () => {
    const [first, second] = [sources("first"), sources("second")];
    fs.writeFileSync(path.join(first, "which"), "first");
    const place = path.join(folder(), "cache", "place");
    await publish(first, place);
    await publish(second, place);
    assert.equal(fs.readFileSync(path.join(place, "which"), "utf8"), "first");
    assert.equal(fs.existsSync(second), false);
  });
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";
import { temporaryFolder } from "../tools/temporary-folder";

describe("the start of the pack", () => {
  const folder = temporaryFolder();
  const pack = path.join(repositoryRoot, "policy-pack");

  it("is main.js when the engine loads the folder", () => {
    assert.equal(require.resolve(pack), path.join(pack, "main.js"));
  });

  it("does not check types, although the engine's start-up asks for it", () => {
    for (const file of ["main.js", "package.json", "tsconfig.json"])
      copyFileSync(path.join(pack, file), path.join(folder(), file));
    symlinkSync(path.join(repositoryRoot, "node_modules"), path.join(folder(), "node_modules"));
    writeFileSync(path.join(folder(), "index.ts"), 'const wrong: number = "loaded";\nconsole.log(wrong);\n');
    // As the SDK's cmd/run-policy-pack does.
    const engine = 'require("ts-node").register({ typeCheck: true }); require(process.cwd());';
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", engine], { cwd: folder(), encoding: "utf8" });
    assert.equal(stdout, "loaded\n", stderr);
  });
});

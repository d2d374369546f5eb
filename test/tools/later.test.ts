import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { provideNodeProgram } from "../../tools/build/node-program";
import { repositoryRoot } from "../../tools/local/paths";

describe("what a bundled program's SDK loads", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "later-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("comes without compiler and package manager until they are used, and does the same with them", async () => {
    const host = path.dirname(
      await provideNodeProgram("pulumi-language-nodejs", { kind: "node", folder: "language-host" }),
    );
    const sdk = path.dirname(
      createRequire(path.join(repositoryRoot, "package.json")).resolve("@pulumi/pulumi/cmd/run"),
    );
    const program = `
      process.argv[1] = ${JSON.stringify(path.join(sdk, "index.js"))};
      const load = require("node:module").createRequire(process.argv[1]);
      const loaded = (pattern) => Object.keys(load.cache).filter((file) => pattern.test(file)).length;
      const heavy = () => [loaded(/node_modules.typescript./) > 0, loaded(/@npmcli.arborist/) > 0];
      const sdk = load("../..");
      const before = heavy();
      const factor = 6;
      sdk.runtime.serializeFunction(() => factor * 7).then(({ text }) => {
        const { Arborist } = load("../../runtime/closure/codePaths") && load("@npmcli/arborist");
        console.log(JSON.stringify({ before, after: heavy(), text, arborist: typeof Arborist }));
      });`;
    writeFileSync(path.join(folder, "program.cjs"), program);
    const run = (...args: string[]) =>
      JSON.parse(execFileSync(process.execPath, [...args, path.join(folder, "program.cjs")], { encoding: "utf8" })) as {
        before: boolean[];
        after: boolean[];
        text: string;
      };
    const later = run("-r", path.join(host, "language-host", "later.js"));
    assert.deepEqual(later.before, [false, false]);
    const atOnce = run();
    assert.deepEqual(atOnce.before, [true, true]);
    assert.deepEqual({ ...later, before: [] }, { ...atOnce, before: [] });
    assert.match(later.text, /factor/);
  });
});

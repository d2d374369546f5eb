import assert from "node:assert/strict";
import * as path from "node:path";
import { ensureTools, missingTools, ToolError } from "../../../tools/install";
import { script, temporaryFolder } from "./temporary-folder";

describe("ensuring tools", () => {
  const folder = temporaryFolder();
  const output = { write: () => true };

  it("takes the right version from PATH and builds nothing", async () => {
    const etcd = script(path.join(folder(), "bin"), "etcd", 'echo "etcd Version: 3.6.4"');
    const env = { PATH: path.join(folder(), "bin") };
    const tools = await ensureTools(["etcd"], { env, root: path.join(folder(), "cache"), output });
    assert.equal(tools.path("etcd"), etcd);
    assert.deepEqual(tools.binDirs(), [path.dirname(etcd)]);
    assert.deepEqual(tools.plugins(), []);
  });

  it("tells which tools would be built", async () => {
    script(path.join(folder(), "bin"), "etcd", 'echo "etcd Version: 3.6.4"');
    const env = { ...process.env, PATH: `${path.join(folder(), "bin")}${path.delimiter}${process.env["PATH"]}` };
    const context = { env, root: path.join(folder(), "cache"), output };
    assert.deepEqual(await missingTools(["etcd", "pulumi-language-nodejs"], context), []);
    assert.deepEqual(await missingTools(["etcd", "probe"], context), ["probe"]);
  });

  it("says what to do when nothing on PATH fits and there is no Go", async () => {
    const etcd = script(path.join(folder(), "bin"), "etcd", 'echo "etcd Version: 3.5.9"');
    const env = { PATH: path.join(folder(), "bin") };
    const failing = ensureTools(["etcd"], { env, root: path.join(folder(), "cache"), output });
    await assert.rejects(failing, (error: Error) => {
      assert.ok(error instanceof ToolError);
      assert.match(error.message, /Go is needed to build etcd/);
      assert.ok(error.message.includes(`${etcd} is version 3.5.9; needed: 3.6.0 or later, below 3.7.0`));
      return true;
    });
  });

  it("compiles programs of our own and offers the provider as a plug-in", async () => {
    const names = ["pulumi-language-nodejs", "pulumi-resource-random"] as const;
    const env = { PATH: folder(), PULUMI_HOME: folder() };
    const tools = await ensureTools(names, { env, root: path.join(folder(), "cache"), output });
    assert.deepEqual(tools.binDirs(), [path.dirname(tools.path("pulumi-language-nodejs"))]);
    const executable = tools.path("pulumi-resource-random");
    assert.deepEqual(tools.plugins(), [{ folder: "resource-random-v4.21.2", executable }]);
  });

  it("knows only what was asked for", async () => {
    const tools = await ensureTools([], { env: { PATH: folder() }, root: path.join(folder(), "cache"), output });
    assert.throws(() => tools.path("kwok"), /kwok was not asked for/);
    assert.throws(() => tools.files("kwok-stages"), /kwok-stages was not asked for/);
  });
});

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { engineEnvironment, runPulumi, stateFolder } from "../../../tools/engine";
import { script, temporaryFolder } from "./temporary-folder";

describe("the engine's environment", () => {
  const folder = temporaryFolder();
  const tools = (plugins: { folder: string; executable: string }[] = []) => ({
    binDirs: () => ["/first", "/second"],
    plugins: () => plugins,
  });

  it("keeps state and home in the given folder and finds the tools first", () => {
    const env = engineEnvironment({ directory: folder(), tools: tools(), passphrase: "p" });
    assert.equal(env.PULUMI_BACKEND_URL, `file://${folder()}/state?metadata=skip`);
    assert.equal(stateFolder(env), `${folder()}/state`);
    assert.equal(env.PULUMI_HOME, path.join(folder(), "pulumi-home"));
    assert.equal(env.PULUMI_CONFIG_PASSPHRASE, "p");
    assert.deepEqual(env.PATH?.split(path.delimiter).slice(0, 2), ["/first", "/second"]);
    assert.ok(fs.existsSync(path.join(folder(), "state")));
  });

  it("does not inherit the settings of an enclosing run of Pulumi", () => {
    process.env.PULUMI_NODEJS_STACK = "outer";
    process.env.PULUMI_CONFIG = "{}";
    try {
      const env = engineEnvironment({ directory: folder(), tools: tools() });
      assert.equal(env.PULUMI_NODEJS_STACK, undefined);
      assert.equal(env.PULUMI_CONFIG, undefined);
    } finally {
      delete process.env.PULUMI_NODEJS_STACK;
      delete process.env.PULUMI_CONFIG;
    }
  });

  it("keeps states compressed, in one form", () => {
    const environment = () => engineEnvironment({ directory: folder(), tools: tools() });
    assert.equal(environment().PULUMI_DIY_BACKEND_ZSTD, "true");
    for (const name of ["PULUMI_DIY_BACKEND_GZIP", "PULUMI_SELF_MANAGED_STATE_ZSTD"]) {
      process.env[name] = "true";
      try {
        assert.equal(environment().PULUMI_DIY_BACKEND_ZSTD, undefined, name);
      } finally {
        delete process.env[name];
      }
    }
  });

  it("links plug-ins into the engine's home, and again when they were rebuilt", () => {
    for (const version of ["old", "new", "new"]) {
      const executable = script(path.join(folder(), version), "pulumi-resource-x", "");
      engineEnvironment({ directory: folder(), tools: tools([{ folder: "resource-x-v1.0.0", executable }]) });
      const link = path.join(folder(), "pulumi-home", "plugins", "resource-x-v1.0.0", "pulumi-resource-x");
      assert.equal(fs.readlinkSync(link), executable);
    }
  });

  it("returns exit code and both outputs of the command, and passes them on as they come", async () => {
    script(folder(), "pulumi", 'echo "out $1"; echo err >&2; exit 3');
    let seen = "";
    const env = { ...process.env, PATH: `${folder()}${path.delimiter}${process.env.PATH}` };
    const result = await runPulumi(["up"], { env, cwd: folder(), onOutput: (text) => void (seen += text) });
    assert.deepEqual(result, { code: 3, stdout: "out up\n", stderr: "err\n" });
    assert.match(seen, /out up/);
  });
});

/** The verifier as a program of the component package, from an empty folder. */
import { strict as assert } from "node:assert";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "../../../tools/local/paths";
import { bundleMonitor } from "../../../tools/monitor/bundle";
import { bundleVerifier } from "../../../tools/verifier/bundle";
import { FakeApiServer } from "./monitor/api-server";

const run = promisify(execFile);
const BIN = "ollama-platform-verify";

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

describe("the verifier of the component package", function () {
  this.timeout(300_000);
  const server = new FakeApiServer([]);
  let folder: string;

  before("install it into an empty folder, without any other package", async () => {
    bundleMonitor();
    bundleVerifier();
    folder = mkdtempSync(path.join(tmpdir(), "verifier-"));
    const options = ["--ignore-scripts", "--silent", "--pack-destination", folder];
    const components = path.join(repositoryRoot, "components");
    const file = execFileSync("npm", ["pack", ...options], { cwd: components, encoding: "utf8" }).trim();
    mkdirSync(path.join(folder, "package"));
    execFileSync("tar", ["-x", "-f", path.join(folder, file), "-C", folder]);
    await server.start();
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function verify(...args: string[]): Promise<Ended> {
    const manifest = JSON.parse(
      execFileSync("cat", [path.join(folder, "package", "package.json")], { encoding: "utf8" }),
    ) as { bin: Record<string, string> };
    const program = path.join(folder, "package", manifest.bin[BIN] ?? "");
    try {
      const { stdout, stderr } = await run(process.execPath, [program, ...args], { cwd: folder });
      return { code: 0, stdout, stderr };
    } catch (error) {
      return error as Ended;
    }
  }

  /** A stack of someone's own, somewhere else. */
  function writeStack(): string {
    const place = path.join(folder, "platform");
    for (const name of ["Pulumi.dev.yaml", "tenants/dev", "policy-pack/config"])
      cpSync(path.join(repositoryRoot, name), path.join(place, name), { recursive: true });
    return path.join(place, "Pulumi.dev.yaml");
  }

  function writeKubeconfig(): string {
    const file = path.join(folder, "kubeconfig");
    const address = server.credentials.getCurrentCluster()?.server ?? "";
    const kubeconfig = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "own",
      contexts: [{ name: "own", context: { cluster: "own", user: "own" } }],
      clusters: [{ name: "own", cluster: { server: address, "insecure-skip-tls-verify": true } }],
      users: [{ name: "own", user: { token: "token" } }],
    };
    writeFileSync(file, JSON.stringify(kubeconfig));
    return file;
  }

  it("says how it is used", async () => {
    const { code, stdout } = await verify("--help");
    assert.equal(code, 0);
    assert.match(stdout, /--stack-file/);
  });

  it("asks the cluster of a kubeconfig about a stack's file, and proves nothing on one that is empty", async () => {
    const { code, stdout, stderr } = await verify("--stack-file", writeStack(), "--kubeconfig", writeKubeconfig());
    assert.equal(code, 1, stderr);
    assert.match(stdout, /looks for the declared namespace tenant-hr\n {2}found: {4}it is not in the cluster/);
    assert.match(stderr, /^asking http:/);
  });

  it("names a stack's file of which the settings are missing", async () => {
    const stackFile = writeStack();
    rmSync(path.join(path.dirname(stackFile), "policy-pack"), { recursive: true });
    const { code, stderr } = await verify("--stack-file", stackFile, "--kubeconfig", writeKubeconfig());
    assert.equal(code, 2);
    assert.match(stderr, /policy-pack\/config\/dev\.json: cannot be read/);
  });
});

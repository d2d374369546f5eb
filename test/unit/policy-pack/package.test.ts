import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";

const pack = path.join(repositoryRoot, "policy-pack");

describe("the npm package of the pack", () => {
  let folder: string;
  let installed: string;

  before("install it into an empty program", () => {
    folder = mkdtempSync(path.join(tmpdir(), "policy-pack-"));
    const modules = path.join(folder, "node_modules");
    mkdirSync(modules);
    const options = ["--ignore-scripts", "--silent", "--pack-destination", folder];
    const file = execFileSync("npm", ["pack", ...options], { cwd: pack, encoding: "utf8" }).trim();
    execFileSync("tar", ["-x", "-f", path.join(folder, file), "-C", modules]);
    installed = path.join(modules, "ollama-isolation");
    execFileSync("mv", [path.join(modules, "package"), installed]);
    symlinkSync(path.join(repositoryRoot, "node_modules"), path.join(installed, "node_modules"));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("has every source of the pack, its description and its schema, and no settings of ours", () => {
    const files = readdirSync(installed);
    for (const file of [
      "main.js",
      "index.ts",
      "README.md",
      "PulumiPolicy.yaml",
      "config.schema.json",
      "rules",
      "readers",
    ])
      assert.ok(files.includes(file), file);
    assert.ok(!files.includes("config"));
  });

  it("starts from there, and its policies judge", () => {
    const program = `
      const policy = require("@pulumi/policy/policy");
      policy.PolicyPack = class { constructor(name, { policies }) {
        const found = [];
        const props = { metadata: { name: "web", namespace: "tenant-hr" }, spec: { hostNetwork: true, containers: [] } };
        const resource = { type: "kubernetes:core/v1:Pod", name: "web", urn: "urn:web", props };
        policies[0].validateResource({ ...resource, getConfig: () => ({}) }, (message) => found.push(message));
        console.log(name, found.some((message) => message.startsWith("[pods/host-namespaces] Pod tenant-hr/web")));
      } };
      require("ollama-isolation");`;
    writeFileSync(path.join(folder, "program.js"), program);
    symlinkSync(path.join(repositoryRoot, "node_modules", "@pulumi"), path.join(folder, "node_modules", "@pulumi"));
    const { stdout, stderr } = spawnSync(process.execPath, ["program.js"], { cwd: folder, encoding: "utf8" });
    assert.equal(stdout, "ollama-isolation true\n", stderr);
  });
});

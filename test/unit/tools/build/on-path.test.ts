import assert from "node:assert/strict";
import * as path from "node:path";
import { compareVersions, findOnPath } from "../../../../tools/build/on-path";
import type { PathCheck } from "../../../../tools/build/types";
import { script, temporaryFolder } from "../temporary-folder";

describe("a tool on PATH", () => {
  const folder = temporaryFolder();
  const onPath: PathCheck = {
    versionArguments: ["--version"],
    pattern: /etcd Version: (\d+\.\d+\.\d+)/,
    atLeast: "3.6.0",
    below: "3.7.0",
  };
  const place = (name: string): string => path.join(folder(), name);
  const etcd = (where: string, version: string): string =>
    script(place(where), "etcd", `[ "$1" = --version ] && echo "etcd Version: ${version}"`);
  const search = (tool: Parameters<typeof findOnPath>[1], folders: string[], ignored: string[] = []) =>
    findOnPath("etcd", tool, { PATH: folders.map(place).join(path.delimiter), PULUMI_HOME: place("home") }, ignored);

  it("is used when its version is right", async () => {
    const file = etcd("a", "3.6.11");
    assert.deepEqual(await search({ onPath }, ["a"]), { accepted: file, onPath: true, refused: [] });
  });

  it("is passed over for one further back when its version is wrong, and the reason is kept", async () => {
    const [wrong, right] = [etcd("a", "3.7.0"), etcd("b", "3.6.0")];
    const { accepted, refused } = await search({ onPath }, ["a", "b"]);
    assert.equal(accepted, right);
    assert.deepEqual(refused, [`${wrong} is version 3.7.0; needed: 3.6.0 or later, below 3.7.0`]);
  });

  it("is not used when it does not tell its version", async () => {
    script(place("a"), "etcd", "exit 3");
    const { accepted, refused } = await search({ onPath }, ["a"]);
    assert.equal(accepted, undefined);
    assert.match(refused[0] ?? "", /version unknown/);
  });

  it("is not used when it cannot be executed, is a build of our own, or the catalogue does not allow it", async () => {
    etcd("a", "3.6.1");
    assert.deepEqual(await search({ onPath }, ["missing", ""]), { refused: [] });
    assert.deepEqual(await search({ onPath }, ["a"], [folder()]), { refused: [] });
    assert.deepEqual(await search({}, ["a"]), { refused: [] });
  });

  it("is used in any version where the catalogue says so", async () => {
    const file = script(place("a"), "etcd", "exit 3");
    assert.equal((await search({ onPath: "any" }, ["a"])).accepted, file);
  });

  it("comes from the Pulumi plug-in cache before PATH", async () => {
    script(place("a"), "etcd", "");
    const plugin = script(place("home/plugins/resource-etcd-v1.0.0"), "etcd", "");
    const found = await search({ onPath: "any", pluginFolder: "resource-etcd-v1.0.0" }, ["a"]);
    assert.deepEqual(found, { accepted: plugin, refused: [] });
  });

  it("has its version compared by numbers", () => {
    assert.ok(compareVersions("1.10.0", "1.9.9") > 0);
    assert.ok(compareVersions("v1.2.3", "1.2.3") === 0);
    assert.ok(compareVersions("0.8", "0.8.1") < 0);
    assert.ok(compareVersions("1.36.3-rc.1", "1.36.3") === 0);
  });
});

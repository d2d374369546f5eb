import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { installedPackages, requiredPlugins } from "../../../../tools/language-host/packages";
import { temporaryFolder } from "../temporary-folder";

describe("the language host's view of a program's packages", () => {
  const folder = temporaryFolder();

  function install(where: string, name: string, manifest: object): void {
    const target = path.join(folder(), where, "node_modules", name);
    fs.mkdirSync(target, { recursive: true });
    fs.writeFileSync(path.join(target, "package.json"), JSON.stringify({ name, ...manifest }));
  }

  function program(dependencies: Record<string, string>): string {
    fs.mkdirSync(path.join(folder(), "program"), { recursive: true });
    fs.writeFileSync(path.join(folder(), "program", "package.json"), JSON.stringify({ dependencies }));
    return path.join(folder(), "program");
  }

  it("finds providers through other packages, in the version that is installed", () => {
    const plugin = { version: "2.0.0", pulumi: { resource: true, name: "cloud", version: "1.9.0" } };
    install("", "@pulumi/cloud", plugin);
    install("program", "wrapper", { version: "1.0.0", dependencies: { "@pulumi/cloud": "*", wrapper: "*" } });
    const made = program({ wrapper: "*", absent: "*" });
    assert.deepEqual(requiredPlugins(made), [{ name: "cloud", version: "1.9.0", server: "" }]);
    assert.deepEqual(installedPackages(made, false), [{ name: "wrapper", version: "1.0.0" }]);
    assert.equal(installedPackages(made, true).length, 2);
  });

  it("finds nothing, and does not fail, where there is no package.json or a broken one", () => {
    assert.deepEqual(requiredPlugins(folder()), []);
    fs.writeFileSync(path.join(folder(), "package.json"), "{");
    assert.deepEqual(requiredPlugins(folder()), []);
  });
});

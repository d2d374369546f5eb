import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { catalogue } from "../../../../tools/build/catalogue";
import {
  collectorEnvironment,
  executableName,
  goBuild,
  GO_MODULES,
  goEnvironment,
  goMissing,
  requiredGo,
  toolchainFor,
  toolchains,
} from "../../../../tools/build/go";
import type { GoModule, Tool } from "../../../../tools/build/types";
import { script, temporaryFolder } from "../temporary-folder";

describe("building with Go", () => {
  const folder = temporaryFolder();

  it("makes programs of one name in runs of their own", async () => {
    const asked = path.join(folder(), "asked");
    script(
      folder(),
      "go",
      `echo "$@" >> ${asked}; for last; do :; done; touch ${folder()}/out/one ${folder()}/out/two`,
    );
    const output = path.join(folder(), "out");
    fs.mkdirSync(output);
    const programs = new Map([
      ["first", "a.test/cmd/one"],
      ["second", "b.test/cmd/one"],
      ["third", "a.test/cmd/two"],
    ]);
    const env = { PATH: `${folder()}${path.delimiter}${process.env.PATH}` };
    await goBuild(folder(), { ldflags: ["-s", "-w"] }, programs, output, env);
    const runs = fs.readFileSync(asked, "utf8").trim().split("\n");
    const flags = "build -trimpath -gcflags all=-dwarf=false -ldflags -s -w -o";
    assert.deepEqual(runs, [
      `${flags} ${output}${path.sep} a.test/cmd/one a.test/cmd/two`,
      `${flags} ${path.join(output, "second")} b.test/cmd/one`,
    ]);
    assert.deepEqual(fs.readdirSync(output).sort(), ["first", "one", "third", "two"]);
  });

  it("knows the names that Go gives to programs", () => {
    assert.equal(executableName("k8s.io/kubernetes/cmd/kubectl"), "kubectl");
    assert.equal(executableName("go.etcd.io/etcd/server/v3"), "server");
  });

  it("keeps the user's build settings out, and lets a module set its own", () => {
    const module: GoModule = { ldflags: [], env: { CGO_ENABLED: "1" } };
    const user = { GOFLAGS: "-mod=vendor", GOWORK: "/elsewhere/go.work", GOPROXY: "https://proxy.example" };
    assert.deepEqual(goEnvironment(module, user), { ...user, GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "1" });
  });

  it("lets compilers collect no garbage where memory allows it, and leaves what the user has set", () => {
    const gibibytes = (count: number) => count * 2 ** 30;
    const limited = { GOGC: "off", GOMEMLIMIT: `${gibibytes(3)}` };
    assert.deepEqual(collectorEnvironment({}, gibibytes(24)), limited);
    assert.deepEqual(collectorEnvironment({}, gibibytes(15)), {});
    assert.deepEqual(collectorEnvironment({ GOGC: "100" }, gibibytes(24)), {});
    assert.deepEqual(collectorEnvironment({ GOMEMLIMIT: "1GiB" }, gibibytes(24)), {});
  });

  it("says what to do when Go is missing", () => {
    const { message } = goMissing(
      [{ name: "etcd", refused: ["an etcd is version 3.5.0"] }, { name: "kwok" }],
      "1.26.0",
    );
    assert.match(
      message,
      /^Go is needed to build etcd, kwok, and there is no `go` on PATH\.\nFix: install Go 1\.26\.0/,
    );
    assert.match(message, /Found, but not usable: an etcd is version 3\.5\.0\./);
  });

  it("finds no toolchain on an empty PATH", async () => {
    assert.equal(await toolchainFor(path.join(GO_MODULES, "etcd"), { PATH: folder() }), undefined);
  });

  it("passes on why Go refuses a module, and which version is needed", async () => {
    script(folder(), "go", 'echo "go: go.mod requires go >= 1.26.0 (running go 1.20.1)" >&2; exit 1');
    fs.writeFileSync(path.join(folder(), "go.mod"), "module a\n\ngo 1.26.0\n");
    const asked = toolchainFor(folder(), { PATH: `${folder()}${path.delimiter}${process.env.PATH}` });
    await assert.rejects(asked, /running go 1\.20\.1.*\nFix: install Go 1\.26\.0 or later/);
  });

  it("asks Go once for all modules that want the same of it", async () => {
    const answer = JSON.stringify({ GOVERSION: "go1.26.8", GOOS: "linux", GOARCH: "amd64" });
    script(folder(), "go", `echo >> "${folder()}/asked"; echo '${answer}'`);
    const module = (name: string, wanted: string): string => {
      fs.mkdirSync(path.join(folder(), name));
      fs.writeFileSync(path.join(folder(), name, "go.mod"), `module ${name}\n\n${wanted}\n\nrequire x v1.0.0\n`);
      return path.join(folder(), name);
    };
    const modules = [
      module("a", "go 1.26.0"),
      module("b", "go 1.26.0"),
      module("c", "go 1.26.3"),
      module("d", "go 1.26.0\ntoolchain go1.26.9"),
    ];
    const ask = toolchains({ PATH: `${folder()}${path.delimiter}${process.env.PATH}` });
    const found = await Promise.all(modules.map(ask));
    assert.deepEqual(found, Array(4).fill({ version: "go1.26.8", platform: "linux-amd64" }));
    assert.equal(fs.readFileSync(path.join(folder(), "asked"), "utf8"), "\n\n\n");
  });

  it("has for every tool of the catalogue a module that pins it", async () => {
    for (const [name, { source, dataFiles }] of Object.entries<Tool>(catalogue.tools)) {
      if (source.kind !== "go") continue;
      assert.ok(source.module in catalogue.modules, name);
      assert.match(await requiredGo(path.join(GO_MODULES, source.module)), /^1\.\d+/);
      const folder = path.join(GO_MODULES, source.module);
      if (source.package.startsWith(".")) assert.ok(fs.existsSync(path.join(folder, source.package, "main.go")), name);
      else
        assert.match(fs.readFileSync(path.join(folder, "go.mod"), "utf8"), new RegExp(`\\s${source.package}\\s`), name);
      for (const files of dataFiles ?? []) assert.ok(files in catalogue.dataFiles, files);
    }
  });
});

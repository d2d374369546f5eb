import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { provideGoPrograms, type BuildContext, type WantedProgram } from "../../tools/build/go-tools";
import type { GoModule } from "../../tools/build/types";
import { ensureTools } from "../../tools/install";

describe("building tools from Go modules", function () {
  this.timeout(180_000);
  let folder: string;
  let log: string;
  let context: BuildContext;
  const module: GoModule = { ldflags: ["-s", "-w", "-X main.version=1.2.3"] };
  const wanted: WantedProgram[] = ["one", "two"].map((name) => ({
    name,
    source: { kind: "go", module: "small", package: `example.test/small/${name}`, minutes: 1 },
    refused: [],
  }));

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "ollama-platform-build-"));
    log = "";
    context = {
      root: path.join(folder, "cache"),
      goModules: path.join(folder, "go"),
      env: process.env,
      output: { write: (text) => ((log += text), true) },
    };
    for (const name of ["one", "two"]) source(name, `println("${name}", version)`);
    fs.writeFileSync(path.join(folder, "go", "small", "go.mod"), "module example.test/small\n\ngo 1.26\n");
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  function source(name: string, body: string): void {
    const place = path.join(folder, "go", "small", name);
    fs.mkdirSync(place, { recursive: true });
    const text = `package main\n\nvar version = "none"\n\nfunc main() { ${body} }\n`;
    fs.writeFileSync(path.join(place, "main.go"), text);
  }

  const provide = (modules: Record<string, GoModule> = { small: module }) =>
    provideGoPrograms(wanted, modules, context);
  const says = (file: string | undefined): string =>
    execFileSync("/bin/sh", ["-c", '"$1" 2>&1', "sh", file ?? ""])
      .toString()
      .trim();

  it("builds the programs of a module together, once, with progress", async () => {
    const programs = await provide();
    assert.equal(says(programs.get("one")), "one 1.2.3");
    assert.equal(says(programs.get("two")), "two 1.2.3");
    assert.match(log, /^Building 2 tools once \(one, two\)/);
    assert.match(log, /\[1\/1\] building one, two done in \d+s\n$/);
    log = "";
    assert.deepEqual(await provide(), programs);
    assert.equal(log, "");
    assert.deepEqual(fs.readdirSync(path.join(context.root, "work")), []);
  });

  it("rebuilds what changed, and keeps the old build for those who still want it", async () => {
    const before = await provide();
    source("one", `println("changed", version)`);
    const after = await provide();
    assert.equal(says(after.get("one")), "changed 1.2.3");
    assert.equal(says(before.get("one")), "one 1.2.3");
    assert.notDeepEqual(await provide({ small: { ...module, ldflags: [] } }), after);
  });

  it("lets one of two builds at once do the work", async () => {
    const [first, second] = await Promise.all([provide(), provide()]);
    assert.deepEqual(first, second);
    assert.equal(log.match(/building one, two done/g)?.length, 1);
    assert.match(log, /waiting for process \d+, which builds the same/);
  });

  it("shows the compiler's last lines when a build fails, and leaves nothing half done", async () => {
    source("two", "undefinedFunction()");
    await assert.rejects(provide(), /Building one, two failed[\s\S]*undefined: undefinedFunction[\s\S]*\nFix: /);
    assert.deepEqual(fs.readdirSync(path.join(context.root, "work")), []);
    source("two", `println("repaired")`);
    assert.equal(says((await provide()).get("two")), "repaired");
  });

  it("completes a copy of the module before compiling, where the catalogue says so", async () => {
    const prepare = async (copy: string): Promise<void> => {
      const file = path.join(copy, "one", "more.go");
      fs.writeFileSync(file, 'package main\n\nfunc init() { version = "prepared" }\n');
    };
    const programs = await provide({ small: { ...module, prepare } });
    assert.equal(says(programs.get("one")), "one prepared");
    assert.equal(fs.existsSync(path.join(folder, "go", "small", "one", "more.go")), false);
  });

  it("takes a build from a restored cache when there is no Go", async () => {
    const programs = await provide();
    const bin = path.join(folder, "empty");
    fs.mkdirSync(bin);
    context = { ...context, env: { PATH: bin } };
    assert.deepEqual(await provide(), programs);
    source("one", `println("changed")`);
    await assert.rejects(provide(), /Go is needed to build one, two/);
  });

  it("hands out the data files of a tool from the same module", async () => {
    const tools = await ensureTools(["kwok", "karpenter"]);
    assert.ok(fs.readdirSync(tools.files("kwok-stages")).includes("pod"));
    const crds = fs.readdirSync(tools.files("karpenter-crds"));
    assert.ok(crds.includes("karpenter.sh_nodepools.yaml") && crds.some((name) => name.includes("kwok")));
    assert.match(execFileSync(tools.path("kwok"), ["--version"]).toString(), /0\.8\./);
  });
});

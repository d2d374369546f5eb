import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";
import { bundledPrograms } from "../../../tools/local/bundles";
import { bundleFile, bundleOf, BUNDLES } from "../../../tools/language-host/bundle";
import { temporaryFolder } from "./temporary-folder";

describe("bundles of program and policy pack", function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const project = () => path.join(folder(), "project");
  const bundles = () => path.join(folder(), "bundles");

  function write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(project(), file)), { recursive: true });
    fs.writeFileSync(path.join(project(), file), text);
  }
  function installed(name: string, text: string, type = "module"): void {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js", type }));
    write(`node_modules/${name}/index.js`, text);
  }
  beforeEach(() => {
    write("package-lock.json", "{}");
    installed("@pulumi/pulumi", "exports.loaded = __filename;", "commonjs");
    installed("@kubernetes/client-node", 'export const KubeConfig = "the client\'s";');
    write(
      "index.ts",
      `import { loaded } from "@pulumi/pulumi";
       import { place, fail } from "./parts/part";
       export = async () => ({ loaded, place, fail, client: (await import("@kubernetes/client-node")).KubeConfig });`,
    );
    write(
      "parts/part.ts",
      "type Text = string;\n\nexport const place: Text = __dirname;\nexport function fail() {\n  throw new Error('no luck');\n}\n",
    );
    write("policy-pack/index.ts", 'export const pack: string = "one";');
  });

  /** As if the files had been written some seconds ago. */
  const made = () => bundledPrograms(project(), bundles(), Date.now() + 5000);

  /** What a program says in which the bundle for a folder is loaded as `bundle`. */
  const say = (source: string, expression: string): string =>
    execFileSync(
      process.execPath,
      [
        "-e",
        `require("source-map-support/register");
         const bundle = require(${JSON.stringify(bundleFile(bundles(), path.join(project(), source)))});
         Promise.resolve(${expression}).then((text) => console.log(text));`,
      ],
      { encoding: "utf8" },
    ).trim();

  it("do as the sources do: with the SDK that is installed, the sources' own places, and errors told by them", async () => {
    assert.deepEqual(await made(), { [BUNDLES]: bundles() });
    const field = (name: string) => say("", `bundle().then((outputs) => outputs[${JSON.stringify(name)}])`);
    assert.equal(field("loaded"), path.join(project(), "node_modules/@pulumi/pulumi/index.js"));
    assert.equal(field("place"), path.join(project(), "parts"));
    assert.equal(field("client"), "the client's");
    // The program takes the client from its one file.
    fs.rmSync(path.join(project(), "node_modules/@kubernetes"), { recursive: true });
    assert.equal(field("client"), "the client's");
    const stack = say("", "bundle().then(({ fail }) => fail()).catch(({ stack }) => stack)");
    assert.match(stack, new RegExp(`^Error: no luck\n    at fail \\(${project()}/parts/part\\.ts:5:9\\)\n`));
    assert.equal(say("policy-pack", "bundle.pack"), "one");
  });

  it("are made once, and again when a source or an installed package has changed", async () => {
    await made();
    const file = bundleFile(bundles(), path.join(project(), "policy-pack"));
    const inode = () => fs.statSync(file).ino;
    const first = inode();
    await made();
    assert.equal(inode(), first);
    write("policy-pack/index.ts", 'export const pack: string = "two";');
    await made();
    assert.equal(say("policy-pack", "bundle.pack"), "two");
    const second = inode();
    write("package-lock.json", "{ }");
    await made();
    assert.notEqual(inode(), second);
  });

  it("of Kubernetes' client are what commands load, where one was made for the installed packages", async () => {
    fs.cpSync(
      path.join(repositoryRoot, "tools", "kubernetes-client"),
      path.join(project(), "tools", "kubernetes-client"),
      {
        recursive: true,
      },
    );
    const loaded = () =>
      execFileSync(
        process.execPath,
        ["-r", "./tools/kubernetes-client/preload.cjs", "-p", 'require("@kubernetes/client-node").KubeConfig'],
        { cwd: project(), encoding: "utf8" },
      ).trim();
    await made();
    installed("@kubernetes/client-node", 'export const KubeConfig = "the package\'s";');
    assert.equal(loaded(), "the client's");
    write("package-lock.json", "{ }");
    assert.equal(loaded(), "the package's");
    await made();
    installed("@kubernetes/client-node", "throw new Error('not loaded');");
    assert.equal(loaded(), "the package's");
  });

  it("are not used while a source changes, or cannot be compiled", async () => {
    assert.deepEqual(await bundledPrograms(project(), bundles()), {});
    write("parts/part.ts", "export const place = ;");
    assert.deepEqual(await made(), {});
  });

  it("stand for the sources of their own folder alone, and only where the environment names them", async () => {
    await made();
    const file = bundleFile(bundles(), project());
    const before = process.env[BUNDLES];
    try {
      process.env[BUNDLES] = bundles();
      assert.equal(bundleOf(project()), file);
      assert.equal(bundleOf(folder()), undefined);
      delete process.env[BUNDLES];
      assert.equal(bundleOf(project()), undefined);
    } finally {
      if (before !== undefined) process.env[BUNDLES] = before;
    }
  });
});

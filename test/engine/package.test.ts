import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { listFiles } from "../../tools/build/cache";
import { providePythonEnvironment } from "../../tools/build/python";
import { localTools } from "../../tools/commands/context";
import { fencesOf } from "../../tools/docs/markdown";
import { engineEnvironment } from "../../tools/engine";
import { ensureTools } from "../../tools/install";
import { startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { repositoryRoot } from "../../tools/local/paths";
import {
  buildPackage,
  differences,
  editProgram,
  installedVersions,
  installPacked,
  installPython,
  NEWEST,
  objectsOf,
  pulumiIn,
  rebuildPackage,
  withAnyProvider,
  type Objects,
} from "../support/component-programs";
import { scratchDirectory } from "../support/environment";
import { kubectlWith, type Kubectl } from "../support/kubectl";
import { noPython } from "../support/python";

const examples = path.join(repositoryRoot, "examples", "package");
const notRun = noPython === undefined ? "" : ` (not run: ${noPython})`;
const PAGE = readFileSync(path.join(repositoryRoot, "components", "README.md"), "utf8");

/** What a tenant is made of, as the engine and Kubernetes call it. */
const KINDS = ["Namespace", "Deployment", "Service", "NetworkPolicy", "ResourceQuota", "Secret"];

/** The one block of a language on the package's page. */
function exampleOf(language: string): string {
  const blocks = fencesOf(PAGE).filter((fence) => fence.language === language);
  assert.equal(blocks.length, 1, `blocks in ${language}`);
  return `${blocks.flatMap(({ lines }) => lines).join("\n")}\n`;
}

/** Arguments of the command by which the page has a Python package made. */
function addCommand(): string[] {
  const lines = fencesOf(PAGE).flatMap((fence) => fence.lines);
  const command = lines.find((line) => line.startsWith("pulumi package add "));
  assert.ok(command);
  return command.split(" ").slice(1);
}

describe("the component package in other programs", () => {
  let directory: string;
  /** A folder that was empty: npm has installed the package there, and the newest of Pulumi's. */
  let outside: string;
  let clusterDirectory: string;
  let env: NodeJS.ProcessEnv;
  let kubectl: Kubectl;
  /** What each language's program made. */
  const made: Record<string, Objects> = {};
  const program = (language: string) =>
    language === "typescript" ? path.join(outside, "hr-models") : path.join(directory, "examples", "package", language);

  before("build the package and start a cluster", async () => {
    const tools = await ensureTools([...localTools, "pulumi-language-yaml", "pulumi-language-python"]);
    directory = scratchDirectory("package");
    outside = mkdtempSync(path.join(tmpdir(), "ollama-platform-program-"));
    clusterDirectory = path.join(directory, "cluster");
    for (const language of ["typescript", "yaml", "python"])
      cpSync(path.join(examples, language), program(language), { recursive: true });
    buildPackage(path.join(directory, "components"));
    const cluster = await startCluster({ directory: clusterDirectory, tools });
    kubectl = kubectlWith(tools, cluster.kubeconfig);
    installPacked(outside, path.join(directory, "components"));
    env = { ...withAnyProvider(engineEnvironment({ directory, tools }), tools), KUBECONFIG: cluster.kubeconfig };
  });
  after(async () => {
    await stopCluster({ directory: clusterDirectory });
    for (const folder of [directory, outside]) rmSync(folder, { recursive: true, force: true });
  });

  async function deploy(language: string): Promise<Objects> {
    await pulumiIn(program(language), env, "up", "--yes", "--skip-preview", "--stack", language);
    const keys = await pulumiIn(program(language), env, "stack", "output", "clientKeys", "--json", "--show-secrets");
    const { portal = "" } = JSON.parse(keys) as { portal?: string };
    assert.match(portal, /^[A-Za-z0-9]{44}$/);
    return objectsOf(program(language), env, kubectl, portal);
  }

  /** Has the package's SDK for a Python program made by a command of Pulumi, and installs it. */
  async function addPython(folder: string, command: string[]): Promise<void> {
    symlinkSync(await providePythonEnvironment(path.join(examples, "python")), path.join(folder, "venv"));
    await pulumiIn(folder, env, ...command);
    env["PYTHONPATH"] = installPython(folder, path.join("sdks", "ollama-platform"));
  }

  /** The objects of a language's program; its stack is gone afterwards unless it is the last. */
  async function make(language: string, last = false): Promise<void> {
    await pulumiIn(program(language), env, "stack", "init", language);
    made[language] = await deploy(language);
    if (!last) await pulumiIn(program(language), env, "destroy", "--yes", "--skip-preview", "--stack", language);
  }

  describe("with the examples of its page, alone in a folder", () => {
    const write = (file: string, text: string) => writeFileSync(path.join(outside, file), text);

    before("make a stack", async () => {
      write("Pulumi.yaml", "name: page\nruntime: nodejs\n");
      await pulumiIn(outside, env, "stack", "init", "page");
    });

    /** Previews what is in the folder: a tenant has to come of it. */
    async function assertPreviews(): Promise<void> {
      const { steps } = JSON.parse(await pulumiIn(outside, env, "preview", "--stack", "page", "--json")) as {
        steps: { op: string; newState: { type: string } }[];
      };
      const made = steps.filter(({ op }) => op === "create").map(({ newState }) => newState.type);
      for (const kind of KINDS)
        assert.ok(
          made.some((type) => /^kubernetes:/.test(type) && type.endsWith(`:${kind}`)),
          kind,
        );
    }

    it("previews the one in TypeScript, with the newest SDK alone", async () => {
      assert.deepEqual(installedVersions(outside, "@pulumi/pulumi"), [NEWEST["@pulumi/pulumi"]]);
      write("index.ts", exampleOf("ts"));
      await assertPreviews();
    });

    it("previews the one in YAML", async () => {
      write("Pulumi.yaml", exampleOf("yaml").replace(/^name: .*/, "name: page"));
      await assertPreviews();
    });

    it(`previews the one in Python${notRun}`, async function () {
      if (noPython !== undefined) this.skip();
      write("Pulumi.yaml", "name: page\nruntime:\n  name: python\n  options: { virtualenv: venv }\n");
      write("__main__.py", exampleOf("python"));
      cpSync(path.join(examples, "python", "requirements.txt"), path.join(outside, "requirements.txt"));
      await addPython(outside, addCommand());
      await assertPreviews();
    });
  });

  it("is whole when it is rebuilt where npm installs it", async () => {
    const installed = path.join(outside, "node_modules", "ollama-platform");
    const shipped = await listFiles(path.join(installed, "bin"));
    assert.ok(shipped.includes("config/tenant.schema.json") && shipped.includes("store/loader/loader.mjs"));
    rebuildPackage(installed);
    assert.deepEqual(await listFiles(path.join(installed, "bin")), shipped);
  });

  it("makes a tenant for a TypeScript program that has it from npm", async () => {
    await make("typescript");
    const kinds = Object.keys(made["typescript"] ?? {}).map((object) => object.split(" ")[0]);
    for (const kind of KINDS) assert.ok(kinds.includes(kind), `no ${kind} among ${kinds.join(", ")}`);
  });

  it(`makes the same objects for a Python program with an SDK of \`pulumi package add\`${notRun}`, async function () {
    if (noPython !== undefined) this.skip();
    await addPython(program("python"), ["package", "add", "../../../components"]);
    await make("python");
    assert.deepEqual(differences(made["typescript"] ?? {}, made["python"] ?? {}), []);
  });

  it("makes the same objects for a YAML program", async () => {
    await make("yaml", true);
    assert.deepEqual(differences(made["typescript"] ?? {}, made["yaml"] ?? {}), []);
  });

  it("makes others for another input, and the comparison says where", async () => {
    editProgram(program("yaml"), "Pulumi.yaml", "memory: 4Gi", "memory: 5Gi");
    const found = differences(made["typescript"] ?? {}, await deploy("yaml"));
    assert.ok(
      found.some((place) =>
        /^Deployment tenant-hr\/ollama: spec\.template\.spec\.initContainers\.\d+\.resources/.test(place),
      ),
      found.join("\n"),
    );
  });
});

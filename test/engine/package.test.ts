import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { listFiles } from "../../tools/build/cache";
import { providePythonEnvironment } from "../../tools/build/python";
import { localTools } from "../../tools/commands/context";
import { engineEnvironment } from "../../tools/engine";
import { ensureTools } from "../../tools/install";
import { startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { repositoryRoot } from "../../tools/local/paths";
import {
  buildPackage,
  differences,
  editProgram,
  installPython,
  installPacked,
  objectsOf,
  pulumiIn,
  rebuildPackage,
  type Objects,
} from "../support/component-programs";
import { scratchDirectory } from "../support/environment";
import { kubectlWith, type Kubectl } from "../support/kubectl";
import { noPython } from "../support/python";

const examples = path.join(repositoryRoot, "examples", "package");

describe("the component package in other programs", () => {
  let directory: string;
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
    env = { ...engineEnvironment({ directory, tools }), KUBECONFIG: cluster.kubeconfig };
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

  /** The objects of a language's program; its stack is gone afterwards unless it is the last. */
  async function make(language: string, last = false): Promise<void> {
    await pulumiIn(program(language), env, "stack", "init", language);
    made[language] = await deploy(language);
    if (!last) await pulumiIn(program(language), env, "destroy", "--yes", "--skip-preview", "--stack", language);
  }

  it("is whole when it is rebuilt where npm installs it", async () => {
    const installed = installPacked(path.join(directory, "components"), program("typescript"));
    const shipped = await listFiles(path.join(installed, "bin"));
    assert.ok(shipped.includes("config/tenant.schema.json") && shipped.includes("store/loader/loader.mjs"));
    rebuildPackage(installed);
    assert.deepEqual(await listFiles(path.join(installed, "bin")), shipped);
  });

  it("makes a tenant for a TypeScript program that has it from npm", async () => {
    await make("typescript");
    const kinds = Object.keys(made["typescript"] ?? {}).map((object) => object.split(" ")[0]);
    for (const kind of ["Namespace", "Deployment", "Service", "NetworkPolicy", "ResourceQuota", "Secret"])
      assert.ok(kinds.includes(kind), `no ${kind} among ${kinds.join(", ")}`);
  });

  it(`makes the same objects for a Python program with an SDK of \`pulumi package add\`${noPython ? ` (not run: ${noPython})` : ""}`, async function () {
    if (noPython !== undefined) this.skip();
    symlinkSync(await providePythonEnvironment(path.join(examples, "python")), path.join(program("python"), "venv"));
    await pulumiIn(program("python"), env, "package", "add", "../../../components");
    env["PYTHONPATH"] = installPython(program("python"), path.join("sdks", "ollama-platform"));
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

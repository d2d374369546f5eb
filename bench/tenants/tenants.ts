/**
 * What many tenants cost on the real engine and API server, with simulated nodes: seconds of each command, bytes of state and resources for each
 * tenant, the memory of a preview, and in the same run the same objects by `kubectl apply --server-side` and by the engine's barest program.
 *
 *     npm run bench -- tenants [tenants] [stacks with tenants; 0: one stack holds everything] [--json <file>]
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { planPlatform, platformObjects } from "../../components/plan/platform";
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { bundledPrograms } from "../../tools/local/bundles";
import { repositoryRoot } from "../../tools/local/paths";
import { refreshStackConfig } from "../../tools/local/stack";
import { destroyEnvironment, previewEnvironment, updateEnvironment } from "../../tools/stacks/drive";
import { openEnvironment } from "../../tools/stacks/open";
import { openTestEnvironment, type TestEnvironment } from "../../test/support/environment";
import { editYaml, yamlText } from "../../test/support/project";
import { clusterProcesses } from "../../tools/local-cluster/processes";
import { manyTenants, tenantName } from "../policy-pack/many-tenants";
import { mostMemoryWhile } from "../processes";
import { floorSeconds } from "./floor";
import { hasHelm, helmSeconds } from "./helm";
import { makeRoom } from "./nodes";
import { type StateBytes, stateBytes } from "./state-bytes";

/** Seconds of a command. */
type Timings = Record<string, number>;

/** Sources that are as old as this change no more. */
const settledMilliseconds = 5000;

const quiet = { write: () => undefined };

/** Tells a time at once: a long run that fails later has not been for nothing. */
function tell(timings: Timings, what: string, time: number): void {
  console.log(`${what.padEnd(24)} ${time.toFixed(1).padStart(8)} s`);
  timings[what] = time;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return Math.round((performance.now() - begin) / 100) / 10;
}

/** Writes the tenant with a number, as a file of the scratch project. */
function writeTenant({ project }: TestEnvironment, index: number, change: object = {}): void {
  const { name, ...spec } = manyTenants(index + 1).tenants[index] ?? { name: tenantName(index) };
  const document = {
    apiVersion: "ollama-platform.io/v1",
    kind: "Tenant",
    metadata: { name },
    spec: { ...spec, ...change },
  };
  writeFileSync(path.join(project, "tenants", "dev", `${name}.yaml`), yamlText(document));
}

function declare(environment: TestEnvironment, tenants: number, stacks: number): void {
  const folder = path.join(environment.project, "tenants", "dev");
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  for (let index = 0; index < tenants; index++) writeTenant(environment, index);
  editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => {
    delete config["ollama-platform:nodePools"];
    if (stacks > 0) config["ollama-platform:tenantStacks"] = { count: stacks };
  });
  refreshStackConfig(environment.stack);
}

/** Program and policy pack as one file each, as the local commands start them. */
function bundlesOf({ project }: TestEnvironment): Promise<NodeJS.ProcessEnv> {
  const lock = "package-lock.json";
  copyFileSync(path.join(repositoryRoot, lock), path.join(project, lock));
  return bundledPrograms(project, path.join(project, "bundles"), Date.now() + settledMilliseconds);
}

const bytesOfStates = ({ directory }: TestEnvironment): StateBytes =>
  stateBytes(path.join(directory, "state", ".pulumi", "stacks", "ollama-platform"), tenantName(0));

/** What the environment makes in a cluster; what others need to be there comes first. */
function objectsOf(tenants: number): KubernetesObject[] {
  const items = platformObjects(planPlatform(manyTenants(tenants)));
  const isFirst = ({ kind }: (typeof items)[number]) => kind === "Namespace" || kind === "PriorityClass";
  return [...items.filter(isFirst), ...items.filter((item) => !isFirst(item))];
}

/** The same objects by kubectl, for comparison: once when nothing is there, once when everything is. */
async function applyByKubectl(
  timings: Timings,
  environment: TestEnvironment,
  items: KubernetesObject[],
): Promise<void> {
  const { directory, tools, deployerKubeconfig } = environment;
  const file = path.join(directory, "objects.json");
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  const apply = () =>
    spawnSync(tools.path("kubectl"), ["apply", "--server-side", "--force-conflicts", "-f", file], {
      env: { ...process.env, KUBECONFIG: deployerKubeconfig },
      stdio: ["ignore", "ignore", "inherit"],
    }).status;
  for (const what of ["kubectl, same objects", "kubectl, no change"]) {
    let status: number | null = null;
    tell(timings, what, await seconds(() => Promise.resolve((status = apply()))));
    // The quota controller writes what is used of quotas meanwhile, and then kubectl refuses that one object.
    if (status !== 0 && apply() !== 0) throw new Error("kubectl apply failed twice");
  }
}

async function measure(tenants: number, stacks: number): Promise<object> {
  const environment = await openTestEnvironment("bench-tenants");
  try {
    declare(environment, tenants, stacks);
    makeRoom(environment, tenants + 1);
    Object.assign(environment.stack.environment, await bundlesOf(environment));
    const opened = () => openEnvironment(environment.stack);
    const up = () => seconds(() => updateEnvironment(opened(), [], quiet));
    const cluster = clusterProcesses(path.join(environment.directory, "cluster"));
    const preview = seconds(() => previewEnvironment(opened(), [], quiet));
    const previewMiB = await mostMemoryWhile(preview, new Set(cluster.map(({ pid }) => String(pid))));
    const timings: Timings = {};
    tell(timings, "first preview", await preview);
    tell(timings, "first up", await up());
    tell(timings, "no change", await up());
    const { total: bytes, kept, ofTenant } = bytesOfStates(environment);
    writeTenant(environment, 0, { displayName: "Another name" });
    tell(timings, "one tenant changed", await up());
    const { total: before } = bytesOfStates(environment);
    writeTenant(environment, tenants);
    tell(timings, "one tenant added", await up());
    const state = {
      stateBytesPerTenant: Math.round(bytes / tenants),
      keptBytesPerTenant: Math.round(kept / tenants),
      stateBytesOfOneMore: bytesOfStates(environment).total - before,
      stateBytesOfTenant: ofTenant,
    };
    tell(timings, "destroy", await seconds(() => destroyEnvironment(opened(), quiet)));
    await applyByKubectl(timings, environment, objectsOf(tenants));
    const machine = {
      cores: cpus().length,
      model: cpus()[0]?.model ?? "",
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    };
    return { tenants, stacks, seconds: timings, previewMiB: Math.round(previewMiB), ...state, machine };
  } finally {
    await environment.close();
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
  const [tenants = 3, stacks = 0] = positionals.map(Number);
  const result = (await measure(tenants, stacks)) as { seconds: Timings };
  tell(result.seconds, "engine's floor", await floorSeconds(objectsOf(tenants), tenants));
  if (hasHelm()) {
    const { install, noChange } = await helmSeconds(planPlatform(manyTenants(tenants)));
    tell(result.seconds, "Helm, a release a tenant", install);
    tell(result.seconds, "Helm, no change", noChange);
  } else console.log("Helm is not measured: it is not on PATH");
  console.log(JSON.stringify({ ...result, seconds: undefined }));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

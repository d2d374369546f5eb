/**
 * How long a write in a tenant's namespace takes with the admission guard of many tenants and without any guard, on two control planes
 * of one machine in turns, so that both see the same noise; and the memory of both API servers:
 *
 *     node_modules/.bin/node -r ts-node/register/transpile-only bench/guard/writes.ts [tenants] [writes of each kind]
 */
import { mkdtempSync, rmSync } from "node:fs";
import * as path from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { guardObjects, type GuardPlan } from "../../components/plan/guard/guard";
import { inForceMessage, PROBED_NAMESPACE } from "../../components/plan/guard/in-force";
import { planPlatform } from "../../components/plan/platform";
import { ensureTools, type Tools } from "../../tools/install";
import { localClusterTools, startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { clusterProcesses, mainProcess, readProcFile } from "../../tools/local-cluster/processes";
import { repositoryRoot } from "../../tools/local/paths";
import { clusterApi, type ClusterApi } from "../../verifier/cluster-api";
import { formatTable } from "../../tools/local/table";
import { median } from "../gateway/median";
import { manyTenants } from "../policy-pack/many-tenants";
import { KINDS, NAMESPACE, PRIORITY_CLASS, type Kind } from "./kinds";

/** Someone of the tenant's, with rights enough and no deployer: every policy is asked. */
const WRITER = { user: "ada", groups: ["system:masters", "system:authenticated"] };

const ADMISSION = "/apis/admissionregistration.k8s.io/v1";

/** A control plane with a tenant's namespace, guarded or not. */
interface Side {
  api: ClusterApi;
  directory: string;
}

async function main(tenants: number, writes: number): Promise<void> {
  const tools = await ensureTools([...localClusterTools]);
  const scratch = mkdtempSync(path.join(repositoryRoot, ".local", "bench-"));
  const directories = ["plain", "guarded"].map((name) => path.join(scratch, name));
  try {
    const spec = manyTenants(tenants);
    const images = ["registry.example.com/team"];
    const { guard } = planPlatform({
      ...spec,
      tenants: spec.tenants.map((one) => ({
        ...one,
        workspace: { developers: [`${one.name}-developers`], images: images.map((place) => `${place}-${one.name}`) },
      })),
    });
    if (guard === undefined) throw new Error("the dev stack has no guard any more");
    const [plain, guarded] = [await side(directories[0] ?? "", tools), await side(directories[1] ?? "", tools)];
    await guardIt(guarded, guard);
    console.log(
      `${tenants} tenants with a workspace each: ${guard.policies.length} policies, ${sizeOf(guard)} KiB as JSON`,
    );
    const all = { plain: [] as number[], guarded: [] as number[] };
    const rows: string[][] = [];
    for (const kind of KINDS) {
      const times = await compare(plain, guarded, kind, writes);
      all.plain.push(...times.plain);
      all.guarded.push(...times.guarded);
      rows.push(rowOf(kind.title, times.plain, times.guarded));
    }
    rows.push(rowOf("all", all.plain, all.guarded));
    console.log(formatTable(["WRITE", "PLAIN P50", "GUARDED P50", "RATIO"], rows));
    console.log(`API server: ${memory(plain)} MiB plain, ${memory(guarded)} MiB guarded`);
    for (const { api } of [plain, guarded]) api.close();
  } finally {
    for (const directory of directories) await stopCluster({ directory });
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function side(directory: string, tools: Tools): Promise<Side> {
  await startCluster({ directory, tools });
  const config = new KubeConfig();
  config.loadFromFile(clusterLayout(directory).adminKubeconfig);
  const api = clusterApi(config);
  await make(api, "/apis/scheduling.k8s.io/v1/priorityclasses", PRIORITY_CLASS);
  const metadata = { name: NAMESPACE, labels: { "pod-security.kubernetes.io/enforce": "restricted" } };
  await make(api, "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
  return { api, directory };
}

async function make(api: ClusterApi, at: string, body: object): Promise<void> {
  const { status, body: answer } = await api.request({ method: "POST", path: at, body });
  if (status >= 300) throw new Error(`${at}: ${status} ${JSON.stringify(answer)}`);
}

/** Makes the guard, and waits until it refuses and until its types are checked, which loads a machine for minutes. */
async function guardIt({ api }: Side, guard: GuardPlan): Promise<void> {
  for (const object of guardObjects(guard)) {
    const kind = object.kind === "ValidatingAdmissionPolicy" ? "policies" : "policybindings";
    await make(api, `${ADMISSION}/validatingadmission${kind}`, object);
  }
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: PROBED_NAMESPACE } };
  for (;;) {
    const reply = await api.request({ method: "POST", path: "/api/v1/namespaces?dryRun=All", body });
    if (JSON.stringify(reply.body).includes(inForceMessage(guard.version))) break;
    await sleep(200);
  }
  while (!(await typesChecked(api))) await sleep(1000);
}

/** Whether the controller manager has checked the types of every policy: the API server reads each again after that. */
async function typesChecked(api: ClusterApi): Promise<boolean> {
  const { body } = await api.request({ method: "GET", path: `${ADMISSION}/validatingadmissionpolicies` });
  const { items } = body as { items: { status?: { observedGeneration?: number } }[] };
  return items.every(({ status }) => status?.observedGeneration !== undefined);
}

/** Times of the same writes on both sides, one after the other, beginning with either in turn. */
async function compare(plain: Side, guarded: Side, kind: Kind, writes: number) {
  const times = { plain: [] as number[], guarded: [] as number[] };
  const warm = Math.ceil(writes / 10);
  for (let index = 0; index < writes + warm; index++) {
    const sides = [
      { api: plain.api, into: times.plain },
      { api: guarded.api, into: times.guarded },
    ];
    for (const { api, into } of index % 2 === 0 ? sides : sides.reverse()) {
      const request = { ...kind.request(index), as: WRITER };
      const begun = performance.now();
      const { status, body } = await api.request(request);
      const took = performance.now() - begun;
      if (status >= 300) throw new Error(`${kind.title}: ${status} ${JSON.stringify(body)}`);
      if (index >= warm) into.push(took);
    }
  }
  return times;
}

function rowOf(title: string, plain: number[], guarded: number[]): string[] {
  const [without, with_] = [median(plain), median(guarded)];
  return [title, `${without.toFixed(2)} ms`, `${with_.toFixed(2)} ms`, (with_ / without).toFixed(2)];
}

const sizeOf = (guard: GuardPlan): number => Math.round(JSON.stringify(guardObjects(guard)).length / 1024);

/** Resident memory of the API server, in MiB. */
function memory({ directory }: Side): number {
  const server = mainProcess(clusterProcesses(directory), "kube-apiserver");
  const [, kibibytes = "NaN"] = /^VmRSS:\s+(\d+) kB$/m.exec(readProcFile(server?.pid ?? 0, "status") ?? "") ?? [];
  return Math.round(Number(kibibytes) / 1024);
}

void main(Number(process.argv[2] ?? 300), Number(process.argv[3] ?? 200));

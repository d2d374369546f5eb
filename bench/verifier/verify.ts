/**
 * Time and memory of a verification without traffic, on a local cluster with simulated nodes and many tenants:
 *
 *     node_modules/.bin/node -r ts-node/register/transpile-only bench/verifier/verify.ts [tenants]
 */
import { mkdtempSync, rmSync } from "node:fs";
import * as path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { tenantNamespace } from "../../components/spec/names";
import { ensureTools } from "../../tools/install";
import { localClusterTools, startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { repositoryRoot } from "../../tools/local/paths";
import { settingsOf } from "../../tools/report/settings";
import { clusterApi, type ApiRequest, type ClusterApi } from "../../verifier/cluster-api";
import { ObjectApi, type ApiObject } from "../../verifier/drift/api";
import { inParallel } from "../../verifier/live-objects";
import { plannedObjects } from "../../verifier/planned";
import { summarize } from "../../verifier/result";
import { verify } from "../../verifier/verify";
import { manyTenants } from "../policy-pack/many-tenants";

const OWNER = { fieldManager: "pulumi-kubernetes-bench", dryRun: false };
const AT_ONCE = 16;

async function main(count: number): Promise<void> {
  const tools = await ensureTools([...localClusterTools]);
  const scratch = mkdtempSync(path.join(repositoryRoot, ".local", "bench-"));
  const directory = path.join(scratch, "cluster");
  try {
    const cluster = await startCluster({ directory, tools });
    const api = apiOf(cluster.kubeconfig);
    // The guard lets nobody else make the platform's objects.
    const deployer = apiOf(clusterLayout(directory).deployerKubeconfig);
    const spec = manyTenants(count);
    const declared = plannedObjects(spec);
    await applyAll(new ObjectApi(deployer), declared);
    deployer.close();
    console.log(`${count} tenants with ${declared.length} objects are there`);
    await measure(counting(api), count, declared);
    api.close();
  } finally {
    await stopCluster({ directory });
    rmSync(scratch, { recursive: true, force: true });
  }
}

function apiOf(kubeconfig: string): ClusterApi {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return clusterApi(config);
}

/** Namespaces first: the others need them. */
async function applyAll(api: ObjectApi, declared: readonly ApiObject[]): Promise<void> {
  const first = declared.filter(({ kind }) => kind === "Namespace" || kind === "PriorityClass");
  const rest = declared.filter((object) => !first.includes(object));
  for (const part of [first, rest]) await inParallel(part, AT_ONCE, (object) => api.apply(object, OWNER));
}

/** The API server, with the number of requests by what they ask. */
function counting(api: ClusterApi): ClusterApi & { requests: Map<string, number> } {
  const requests = new Map<string, number>();
  const kindOf = ({ method = "GET", path: at }: ApiRequest): string =>
    /(\w+reviews)$/.exec(at)?.[1] ?? `${method}${at.includes("dryRun") ? " (dry run)" : ""}`;
  return {
    ...api,
    requests,
    request: (request) => {
      const kind = kindOf(request);
      requests.set(kind, (requests.get(kind) ?? 0) + 1);
      return api.request(request);
    },
  };
}

async function measure(api: ReturnType<typeof counting>, count: number, declared: ApiObject[]): Promise<void> {
  const [begun, before] = [Date.now(), process.cpuUsage()];
  const results = await verify({
    api,
    settings: settingsOf(repositoryRoot, "dev"),
    today: new Date().toISOString().slice(0, 10),
    expectedNamespaces: manyTenants(count).tenants.map(({ name }) => tenantNamespace(name)),
    declared,
  });
  const { user, system } = process.cpuUsage(before);
  const { counts } = summarize(results, {});
  console.log(
    [
      `${((Date.now() - begun) / 1000).toFixed(1)} s, own processor time ${((user + system) / 1e6).toFixed(1)} s`,
      `peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
      `${counts.isolated} isolated, ${counts.open} open, ${counts.inconclusive} inconclusive`,
      [...api.requests].map(([kind, number]) => `${number} ${kind}`).join(", "),
    ].join("; "),
  );
  const kinds = new Map<string, { count: number; example: string }>();
  for (const { id, outcome, found } of results.filter((result) => result.outcome !== "isolated")) {
    const key = `${outcome} ${id
      .split(" ")[0]
      ?.split("/")
      .slice(0, 3)
      .join("/")
      .replaceAll(/team-\d+/g, "team-N")}`;
    const kind = kinds.get(key) ?? { count: 0, example: `${id}: ${found}` };
    kinds.set(key, { ...kind, count: kind.count + 1 });
  }
  for (const [kind, { count: number, example }] of kinds) console.log(`  ${number} ${kind}, for example ${example}`);
}

void main(Number(process.argv[2] ?? 100));

import * as k8s from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import { formatTable } from "./table";

const tenantLabel = "ollama-platform.io/tenant";
const secondsUntilReady = 120;

interface Clients {
  core: k8s.CoreV1Api;
  apps: k8s.AppsV1Api;
  network: k8s.NetworkingV1Api;
  custom: k8s.CustomObjectsApi;
}

/**
 * Waits until every tenant's server is Ready and describes what runs: a table of tenants and one of node pools.
 * Throws after two minutes, naming the servers that are not Ready and why their pods wait.
 */
export async function describePlatform(kubeconfig: string): Promise<string> {
  const config = new k8s.KubeConfig();
  config.loadFromFile(kubeconfig);
  const clients: Clients = {
    core: config.makeApiClient(k8s.CoreV1Api),
    apps: config.makeApiClient(k8s.AppsV1Api),
    network: config.makeApiClient(k8s.NetworkingV1Api),
    custom: config.makeApiClient(k8s.CustomObjectsApi),
  };
  const namespaces = await clients.core.listNamespace({ labelSelector: tenantLabel });
  const names = namespaces.items.map((namespace) => namespace.metadata?.name ?? "").sort();
  await waitUntilReady(clients, names);
  const tenants = await Promise.all(names.map((name) => tenantRow(clients, name)));
  const pools = await poolRows(clients);
  return [
    "",
    formatTable(["NAMESPACE", "READY", "NODE", "CPU", "MEMORY", "GPU", "NETWORK POLICIES"], tenants),
    "",
    formatTable(["NODE POOL", "GPU LIMIT", "NODES", "TAINT"], pools),
  ].join("\n");
}

async function waitUntilReady(clients: Clients, namespaces: string[]): Promise<void> {
  const end = Date.now() + secondsUntilReady * 1000;
  for (;;) {
    const waiting = (await Promise.all(namespaces.map((name) => unready(clients, name)))).flat();
    if (waiting.length === 0) return;
    if (Date.now() > end) throw new Error(`not Ready after ${secondsUntilReady} s:\n  ${waiting.join("\n  ")}`);
    await sleep(500);
  }
}

/** Deployments of the namespace that are not Ready, with what their pods say. */
async function unready(clients: Clients, namespace: string): Promise<string[]> {
  const { items } = await clients.apps.listNamespacedDeployment({ namespace });
  const late = items.filter(({ spec, status }) => (status?.readyReplicas ?? 0) < (spec?.replicas ?? 1));
  if (late.length === 0) return [];
  const pods = await clients.core.listNamespacedPod({ namespace });
  const reasons = pods.items
    .flatMap(({ status }) => status?.conditions ?? [])
    .filter(({ status }) => status === "False");
  const why = [...new Set(reasons.map(({ reason, message }) => message ?? reason ?? ""))].join("; ");
  return late.map(({ metadata }) => `${namespace}/${metadata?.name}: ${why === "" ? "no pod yet" : why}`);
}

async function tenantRow(clients: Clients, namespace: string): Promise<string[]> {
  const [deployments, pods, quotas, policies] = await Promise.all([
    clients.apps.listNamespacedDeployment({ namespace }),
    clients.core.listNamespacedPod({ namespace }),
    clients.core.listNamespacedResourceQuota({ namespace }),
    clients.network.listNamespacedNetworkPolicy({ namespace }),
  ]);
  const sum = (pick: (deployment: k8s.V1Deployment) => number | undefined) =>
    deployments.items.reduce((total, deployment) => total + (pick(deployment) ?? 0), 0);
  return [
    namespace,
    `${sum((d) => d.status?.readyReplicas)}/${sum((d) => d.spec?.replicas)}`,
    pods.items.map(({ spec }) => spec?.nodeName ?? "-").join(" "),
    used(quotas.items, /^requests\.cpu$/),
    used(quotas.items, /^requests\.memory$/),
    used(quotas.items, /^requests\.nvidia\.com\//),
    String(policies.items.length),
  ];
}

/** `used of limit` of the first quota key that matches and is not limited to zero. */
function used(quotas: k8s.V1ResourceQuota[], key: RegExp): string {
  for (const { status } of quotas) {
    for (const [name, hard] of Object.entries(status?.hard ?? {})) {
      if (key.test(name) && hard !== "0") return `${status?.used?.[name] ?? "0"} of ${hard}`;
    }
  }
  return "none";
}

interface NodePool {
  metadata: { name: string };
  spec: {
    limits?: Record<string, string>;
    template: { spec: { taints?: { key: string; value?: string; effect: string }[] } };
  };
}

async function poolRows(clients: Clients): Promise<string[][]> {
  const pools = (await clients.custom.listClusterCustomObject({
    group: "karpenter.sh",
    version: "v1",
    plural: "nodepools",
  })) as { items: NodePool[] };
  const nodes = await clients.core.listNode();
  return pools.items.map(({ metadata, spec }) => [
    metadata.name,
    Object.entries(spec.limits ?? {}).find(([resource]) => resource.startsWith("nvidia.com/"))?.[1] ?? "none",
    String(nodes.items.filter((node) => node.metadata?.labels?.["karpenter.sh/nodepool"] === metadata.name).length),
    (spec.template.spec.taints ?? []).map(({ key, value, effect }) => `${key}=${value ?? ""}:${effect}`).join(" "),
  ]);
}

/**
 * The capacity algebra: the autoscaler's maximum times one replica, with the loader of a dedicated store beside them,
 * fits the tenant's quota, the quota fits the node pool, the tenants' demands on one pool fit its whole nodes together,
 * and each model fits the GPUs of one replica. A refusal names the largest value that fits, or the smallest that is
 * needed.
 */
import { formatBytes, formatMilliCpu } from "../models/quantity";
import { fitsGpus, gpusNeeded } from "../models/gpu-fit";
import { mostReplicas, nodesEnough } from "../models/gpu-packing";
import type { Environment } from "./environment";
import type { Report } from "./fault";
import { checkNodes, type NodePool } from "./node-pool/pool";
import type { At } from "./path";
import { GATEWAY_RESOURCES, LOADER_RESOURCES, replicaResources } from "./replica";
import type { Tenant } from "./tenant";

/** A resource that replicas, quotas and pools are measured in. */
interface Dimension {
  name: "cpu" | "memory" | "ephemeralStorage" | "gpus" | "pods";
  format: (amount: number) => string;
  replica: (tenant: Tenant) => number;
  /** The gateway's part of a replica; absent when it has none. */
  gateway?: number;
  /** What the loader of a dedicated store takes beside the replicas. */
  loader: number;
  quota: (tenant: Tenant) => number;
  /** Absent when pools do not limit the resource. */
  pool?: (pool: NodePool) => number;
  /** What pods can use on one node, and the key that says it. Absent when nodes are not checked for the resource. */
  node?: { key: string; amount: (pool: NodePool) => number | undefined };
}

const DIMENSIONS: Dimension[] = [
  {
    name: "cpu",
    format: formatMilliCpu,
    replica: ({ server }) => replicaResources(server).cpuMillis,
    gateway: GATEWAY_RESOURCES.cpuMillis,
    loader: LOADER_RESOURCES.cpuMillis,
    quota: ({ quota }) => quota.cpuMillis,
    pool: ({ limits }) => limits.cpuMillis,
    node: { key: "nodeCpu", amount: ({ nodeCpuMillis }) => nodeCpuMillis },
  },
  {
    name: "memory",
    format: formatBytes,
    replica: ({ server }) => replicaResources(server).memoryBytes,
    gateway: GATEWAY_RESOURCES.memoryBytes,
    loader: LOADER_RESOURCES.memoryBytes,
    quota: ({ quota }) => quota.memoryBytes,
    pool: ({ limits }) => limits.memoryBytes,
    node: { key: "nodeMemory", amount: ({ nodeMemoryBytes }) => nodeMemoryBytes },
  },
  {
    name: "ephemeralStorage",
    format: formatBytes,
    replica: ({ server }) => replicaResources(server).ephemeralStorageBytes,
    gateway: GATEWAY_RESOURCES.ephemeralStorageBytes,
    loader: LOADER_RESOURCES.ephemeralStorageBytes,
    quota: ({ quota }) => quota.ephemeralStorageBytes,
  },
  {
    name: "gpus",
    format: String,
    replica: ({ server }) => server.gpus,
    loader: 0,
    quota: ({ quota }) => quota.gpus,
    pool: ({ limits }) => limits.gpus,
  },
  { name: "pods", format: String, replica: () => 1, loader: 1, quota: ({ quota }) => quota.pods },
];

/**
 * Checks what does not fit into what.
 *
 * @param pathOf Leads to a tenant or a pool in the declaration, by its name.
 */
export function checkCapacity(
  { nodePools }: Pick<Environment, "nodePools">,
  tenants: Tenant[],
  pathOf: { tenant(name: string): At; nodePool(name: string): At },
  report: Report,
): void {
  for (const tenant of tenants) checkTenant(tenant, pathOf.tenant(tenant.name), report);
  for (const pool of nodePools.values()) checkPool(pool, tenants, pathOf.nodePool(pool.name), report);
}

/** What does not fit within one tenant: replicas in quota, quota in pool, models in GPUs. */
function checkTenant(tenant: Tenant, at: At, report: Report): void {
  for (const dimension of DIMENSIONS) checkReplica(tenant, dimension, at, report);
  checkReplicaFitsNode(tenant, at, report);
  checkMaximum(tenant, at, report);
  for (const dimension of DIMENSIONS) checkQuota(tenant, dimension, at, report);
  checkModelsFitGpus(tenant, at, report);
}

/** How many replicas more than the autoscaler's maximum the quota and the pool's nodes have room for: 1 or 0. */
export function surgeReplicas(tenant: Tenant): number {
  const replicas = tenant.autoscaling.maxReplicas + 1;
  const admitted = DIMENSIONS.every(
    (dimension) => replicas * dimension.replica(tenant) + loaderOf(dimension, tenant) <= dimension.quota(tenant),
  );
  return admitted && replicas <= replicasOnNodes(tenant) ? 1 : 0;
}

/** What the tenant's own loader takes of a resource: models may change while every replica runs. */
function loaderOf({ loader }: Dimension, { ownLoader }: Tenant): number {
  return ownLoader ? loader : 0;
}

/** Replicas that the whole nodes of the tenant's pool have GPUs for; Infinity for replicas without GPU. */
function replicasOnNodes({ server, nodePool }: Tenant): number {
  const gpu = nodePool?.gpu;
  if (gpu === undefined || server.gpus === 0) return Infinity;
  return mostReplicas(server.gpus, { countPerNode: gpu.countPerNode, gpus: nodePool?.limits.gpus ?? 0 });
}

/** Replicas of a tenant while an update rolls at the autoscaler's maximum. */
function mostReplicasDuringUpdate(tenant: Tenant): number {
  return tenant.autoscaling.maxReplicas + surgeReplicas(tenant);
}

/** The limit that holds replicas: the quota when it is declared, else the pool, which computed quotas are cut to. */
function replicaLimit({ name, quota, pool }: Dimension, tenant: Tenant): { amount: number; owner: string } {
  const poolLimit = tenant.nodePool && pool ? pool(tenant.nodePool) : Infinity;
  if (tenant.quota.explicit.has(name) && quota(tenant) <= poolLimit)
    return {
      amount: quota(tenant),
      owner: `quota.${name}${tenant.workspace === undefined ? "" : ", less the workspace's part,"}`,
    };
  return { amount: poolLimit, owner: `limits.${name} of node pool ${tenant.nodePool?.name}` };
}

function checkReplica(tenant: Tenant, dimension: Dimension, at: At, report: Report): void {
  const loader = loaderOf(dimension, tenant);
  const need = dimension.replica(tenant) + loader;
  const { amount, owner } = replicaLimit(dimension, tenant);
  // What the tenant does not ask for is no matter of its own loader.
  if (need <= amount || dimension.replica(tenant) === 0) return;
  const { format, gateway, name } = dimension;
  const share = gateway === undefined ? "" : ` (${format(gateway)} of it for its gateway)`;
  const subject = loader === 0 ? "one replica" : "one replica with the model loader";
  const isQuota = owner.startsWith("quota.") || name === "pods";
  report({
    path: isQuota ? at("quota", name) : at("server", name),
    problem: `does not fit: ${subject} needs ${format(need)}${share}, and ${owner} allows ${format(amount)}`,
    allowed: isQuota ? `at least ${format(need)}` : `what fits within ${format(amount)}`,
    fix: `raise ${owner} to at least ${format(need)}, or make the replica smaller`,
  });
}

/** A replica larger than one node would wait for ever, however many nodes the pool may have. */
function checkReplicaFitsNode(tenant: Tenant, at: At, report: Report): void {
  const { nodePool } = tenant;
  for (const { name, node, replica, format } of DIMENSIONS) {
    const most = nodePool && node?.amount(nodePool);
    const need = replica(tenant);
    if (most === undefined || need <= most) continue;
    report({
      path: at("server", name),
      problem: `does not fit on a node: one replica needs ${format(need)}, and ${node?.key} of node pool ${nodePool?.name} is ${format(most)}`,
      allowed: `a replica of at most ${format(most)}`,
      fix: `make the replica smaller by ${format(need - most)}, or choose larger nodes`,
    });
  }
}

function checkMaximum(tenant: Tenant, at: At, report: Report): void {
  const { maxReplicas } = tenant.autoscaling;
  const bounds = [...DIMENSIONS.map((dimension) => amountBound(dimension, tenant)), nodeBound(tenant)];
  const largest = Math.min(...bounds.map(({ fitting }) => fitting));
  // A replica that does not fit even once is reported on its own: no number of replicas would help.
  if (largest >= maxReplicas || largest < 1) return;
  const reasons = bounds.filter(({ fitting }) => fitting < maxReplicas).map(({ reason }) => reason());
  report({
    path: at("autoscaling", "maxReplicas"),
    value: maxReplicas,
    problem: `is too many: ${reasons.join("; ")}`,
    allowed: `at most ${largest}`,
    fix: `lower it to ${largest}, or raise what is exceeded`,
  });
}

/** A bound on the number of replicas. */
interface Bound {
  /** Replicas that fit. */
  fitting: number;
  /** Why the autoscaler's maximum does not. */
  reason: () => string;
}

function amountBound(dimension: Dimension, tenant: Tenant): Bound {
  const { amount, owner } = replicaLimit(dimension, tenant);
  const need = dimension.replica(tenant);
  const loader = loaderOf(dimension, tenant);
  const { format } = dimension;
  const beside = loader === 0 ? "" : ` and ${format(loader)} for the model loader`;
  return {
    fitting: need === 0 ? Infinity : Math.floor((amount - loader) / need),
    reason: () =>
      `${tenant.autoscaling.maxReplicas} replicas of ${format(need)}${beside} exceed ${owner} ${format(amount)}`,
  };
}

/** GPUs that are left over on several nodes make no replica. Where GPUs are too few as such, their amount says so. */
function nodeBound(tenant: Tenant): Bound {
  const { server, nodePool, autoscaling } = tenant;
  const fitting = replicasOnNodes(tenant);
  const limit = nodePool?.limits.gpus ?? 0;
  return {
    fitting: fitting < Math.floor(limit / server.gpus) ? fitting : Infinity,
    reason: () =>
      `${autoscaling.maxReplicas} replicas of ${server.gpus} need more nodes of ${nodePool?.gpu?.countPerNode} GPUs than limits.gpus ${limit} of node pool ${nodePool?.name} makes`,
  };
}

function checkQuota(tenant: Tenant, { name, quota, pool, format }: Dimension, at: At, report: Report): void {
  if (!tenant.quota.explicit.has(name) || pool === undefined) return;
  const path = at("quota", name);
  if (tenant.nodePool === undefined) {
    if (name !== "gpus" || quota(tenant) === 0) return;
    report({
      path,
      value: quota(tenant),
      problem: "grants GPUs, but no node pool is named",
      allowed: "`0` without a pool with GPUs",
      fix: "name a pool with GPUs under `server.nodePool`, or remove the quota",
    });
    return;
  }
  const limit = pool(tenant.nodePool);
  if (quota(tenant) <= limit) return;
  report({
    path,
    value: format(quota(tenant)),
    problem: `exceeds limits.${name} ${format(limit)} of node pool ${tenant.nodePool.name}`,
    allowed: `at most ${format(limit)}`,
    fix: `write at most ${format(limit)}, or raise the pool's limit`,
  });
}

function checkModelsFitGpus({ server, nodePool, models }: Tenant, at: At, report: Report): void {
  const gpu = nodePool?.gpu;
  if (gpu === undefined || server.gpus === 0) return;
  models.allowedModels.forEach((model) => {
    const demand = { models: [model], gpu, ...server };
    if (fitsGpus(demand, server.gpus)) return;
    const needed = gpusNeeded(demand);
    const remedy = needed === undefined ? "" : `write at least ${needed}, `;
    report({
      path: at("server", "gpus"),
      value: server.gpus,
      problem: `of ${gpu.memoryGiB} GiB cannot hold ${model.name.canonical} with context length ${server.contextLength} and parallelRequests ${server.parallelRequests}`,
      allowed: needed === undefined ? "no number of these GPUs holds it" : `at least ${needed}`,
      fix: `${remedy}shorten the context, lower parallelRequests, or do not allow the model`,
    });
  });
}

/** What does not fit when all tenants of a pool are taken together. One tenant alone is held by its own maximum. */
function checkPool(pool: NodePool, tenants: Tenant[], at: At, report: Report): void {
  checkNodes(pool, at, report);
  const users = tenants.filter(({ nodePool }) => nodePool?.name === pool.name);
  if (users.length < 2) return;
  for (const dimension of DIMENSIONS) {
    if (dimension.pool === undefined) continue;
    checkSum(dimension, dimension.pool(pool), users, at, report);
  }
  checkWholeNodes(pool, users, at, report);
}

/** The replicas of all tenants at once, each whole on a node. */
function checkWholeNodes({ gpu, limits }: NodePool, users: Tenant[], at: At, report: Report): void {
  if (gpu === undefined) return;
  const groups = users.map((tenant) => ({ gpus: tenant.server.gpus, replicas: mostReplicasDuringUpdate(tenant) }));
  const needed = nodesEnough(groups, gpu.countPerNode);
  const most = Math.floor(limits.gpus / gpu.countPerNode);
  // A replica larger than a node is the tenant's fault, and GPUs that are too few as such are reported by their sum.
  if (needed <= most || needed === Infinity || users.reduce((sum, { quota }) => sum + quota.gpus, 0) > limits.gpus) {
    return;
  }
  const shares = users.map(({ name }, index) => {
    const { gpus = 0, replicas = 0 } = groups[index] ?? {};
    return `${name} ${replicas} of ${gpus}`;
  });
  const enough = needed * gpu.countPerNode;
  report({
    path: at("limits", "gpus"),
    value: limits.gpus,
    problem: `makes ${most} whole nodes of ${gpu.countPerNode} GPUs, and the tenants' replicas at their maxima need ${needed} (${shares.join(", ")})`,
    allowed: `at least ${enough}`,
    fix: `raise it to ${enough}, or lower the replicas`,
  });
}

/**
 * GPUs are counted by quota: no tenant may find its share taken by another. CPU and memory are counted by the
 * replicas at the autoscalers' maxima, with the one more that starts first when an update rolls.
 */
function checkSum(dimension: Dimension, limit: number, users: Tenant[], at: At, report: Report): void {
  const { name, format, replica, quota } = dimension;
  const demands = users.map((tenant) => ({
    tenant: tenant.name,
    amount:
      name === "gpus"
        ? quota(tenant)
        : mostReplicasDuringUpdate(tenant) * replica(tenant) + loaderOf(dimension, tenant),
  }));
  const sum = demands.reduce((total, { amount }) => total + amount, 0);
  if (sum <= limit) return;
  const shares = demands.map(({ tenant, amount }) => `${tenant} ${format(amount)}`).join(", ");
  const what = name === "gpus" ? "the tenants' GPU quotas" : `the tenants' replicas at their maxima (${name})`;
  report({
    path: at("limits", name),
    value: format(limit),
    problem: `is less than ${what} together, ${format(sum)} (${shares})`,
    allowed: `at least ${format(sum)}`,
    fix: `raise it to at least ${format(sum)}, or lower them by ${format(sum - limit)}`,
  });
}

/**
 * The capacity algebra: the autoscaler's maximum times one replica, with the loader of a dedicated store beside them,
 * fits the tenant's quota, the quotas of a node pool's tenants fit its nodes together, their replicas fit whole nodes,
 * and each model fits the GPUs of one replica. A refusal names the largest value that fits, or the smallest that is
 * needed.
 */
import { formatBytes, formatMilliCpu } from "../models/quantity";
import { fitsGpus, gpusNeeded, isSliced, memoryNeeded, type GpuDemand } from "../models/gpu-fit";
import { nodesEnough, replicasPerNode, type Amounts } from "../models/packing";
import type { Environment } from "./environment";
import type { Report } from "./fault";
import { smallestCard, smallestSlice } from "./node-pool/cards";
import { checkNodes, mostNodes, nodeBounds, roomOfNode, roomOfPool } from "./node-pool/nodes";
import type { NodePool } from "./node-pool/pool";
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
  pool?: PoolDimension;
}

/** How a pool bounds a resource. */
interface PoolDimension {
  /** The resource in messages. */
  title: string;
  limit: (pool: NodePool) => number;
  amount: keyof Amounts;
  /** The key that says what pods can use on one node. Absent when it is checked elsewhere. */
  node?: string;
}

const DIMENSIONS: Dimension[] = [
  {
    name: "cpu",
    format: formatMilliCpu,
    replica: ({ server }) => replicaResources(server).cpuMillis,
    gateway: GATEWAY_RESOURCES.cpuMillis,
    loader: LOADER_RESOURCES.cpuMillis,
    quota: ({ quota }) => quota.cpuMillis,
    pool: { title: "CPU", limit: ({ limits }) => limits.cpuMillis, amount: "cpuMillis", node: "nodeCpu" },
  },
  {
    name: "memory",
    format: formatBytes,
    replica: ({ server }) => replicaResources(server).memoryBytes,
    gateway: GATEWAY_RESOURCES.memoryBytes,
    loader: LOADER_RESOURCES.memoryBytes,
    quota: ({ quota }) => quota.memoryBytes,
    pool: { title: "memory", limit: ({ limits }) => limits.memoryBytes, amount: "memoryBytes", node: "nodeMemory" },
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
    pool: { title: "GPU", limit: ({ limits }) => limits.gpus, amount: "gpus" },
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
  checkLoadedModels(tenant, at, report);
}

/** How many replicas more than the autoscaler's maximum the quota, the pool's nodes and the store have room for: 1 or 0. */
export function surgeReplicas(tenant: Tenant): number {
  if (tenant.onOneNode) return 0;
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

/** Replicas that the whole nodes of the tenant's pool have room for; Infinity where it is not known what a node has. */
function replicasOnNodes({ server, nodePool }: Tenant): number {
  if (nodePool === undefined) return Infinity;
  const perNode = replicasPerNode(replicaResources(server), roomOfNode(nodePool));
  const nodes = mostNodes(nodePool);
  return perNode === 0 || nodes === 0 ? 0 : perNode * nodes;
}

/** Replicas of a tenant while an update rolls at the autoscaler's maximum. */
function mostReplicasDuringUpdate(tenant: Tenant): number {
  return tenant.autoscaling.maxReplicas + surgeReplicas(tenant);
}

/** The limit that holds replicas: the quota when it is declared, else the pool, which computed quotas are cut to. */
function replicaLimit({ name, quota, pool }: Dimension, tenant: Tenant): { amount: number; owner: string } {
  const poolLimit = tenant.nodePool && pool ? pool.limit(tenant.nodePool) : Infinity;
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
  if (nodePool === undefined) return;
  const room = roomOfNode(nodePool);
  for (const { name, pool, replica, format } of DIMENSIONS) {
    const need = replica(tenant);
    if (pool?.node === undefined || need <= room[pool.amount]) continue;
    const most = room[pool.amount];
    const agents = nodePool.nodeAgents[name === "cpu" ? "cpuMillis" : "memoryBytes"];
    const less = agents === 0 ? "" : `, ${format(agents)} of \`nodeAgents\` taken off`;
    report({
      path: at("server", name),
      problem: `does not fit on a node: one replica needs ${format(need)}, and ${pool.node} of node pool ${nodePool.name} is ${format(most)}${less}`,
      allowed: `a replica of at most ${format(most)}`,
      fix: `make the replica smaller by ${format(need - most)}, or choose larger nodes`,
    });
  }
}

function checkMaximum(tenant: Tenant, at: At, report: Report): void {
  const { maxReplicas } = tenant.autoscaling;
  const amounts = DIMENSIONS.map((dimension) => amountBound(dimension, tenant));
  const bounds = [...amounts, nodeBound(tenant, Math.min(...amounts.map(({ fitting }) => fitting)))];
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

/** What is left over on several nodes makes no replica. Where amounts are too small as such, they say so. */
function nodeBound(tenant: Tenant, byAmounts: number): Bound {
  const { server, nodePool, autoscaling } = tenant;
  const fitting = replicasOnNodes(tenant);
  if (nodePool === undefined || fitting >= byAmounts) return { fitting: Infinity, reason: () => "" };
  const perNode = replicasPerNode(replicaResources(server), roomOfNode(nodePool));
  const [least] = nodeBounds(nodePool);
  return {
    fitting,
    reason: () =>
      `${autoscaling.maxReplicas} replicas need ${Math.ceil(autoscaling.maxReplicas / perNode)} nodes with ${perNode} on each, and ${least?.key} ${least?.format(least.limit)} of node pool ${nodePool.name} makes ${least?.nodes}`,
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
  const { nodePool } = tenant;
  const limit = pool.limit(nodePool);
  const room = roomOfPool(nodePool)[pool.amount];
  // A pool without a single node is reported itself.
  if (quota(tenant) <= room || room === 0) return;
  const [least] = nodeBounds(nodePool);
  report({
    path,
    value: format(quota(tenant)),
    problem:
      room === limit
        ? `exceeds limits.${name} ${format(limit)} of node pool ${nodePool.name}`
        : `exceeds ${format(room)}, which is what the ${least?.nodes} nodes within ${least?.key} of node pool ${nodePool.name} have for pods`,
    allowed: `at most ${format(room)}`,
    fix: `write at most ${format(room)}, or raise the pool's limit`,
  });
}

function checkModelsFitGpus({ server, nodePool, models }: Tenant, at: At, report: Report): void {
  const gpu = nodePool?.gpu;
  if (gpu === undefined || server.gpus === 0) return;
  models.allowedModels.forEach((model) => {
    const demand = { models: [model], gpu, ...server, loadedModels: 1 };
    if (fitsGpus(demand, server.gpus)) return;
    const needed = gpusNeeded(demand);
    const remedy = needed === undefined ? `choose ${largerGpu(demand)}, ` : `write at least ${needed}, `;
    report({
      path: at("server", "gpus"),
      value: server.gpus,
      problem: `of ${gpu.memoryGiB} GiB cannot hold ${model.name.canonical} with context length ${server.contextLength} and parallelRequests ${server.parallelRequests}`,
      allowed: needed === undefined ? `${largerGpu(demand)}: no number of these GPUs holds it` : `at least ${needed}`,
      fix: `${remedy}shorten the context, lower parallelRequests, or do not allow the model`,
    });
  });
}

/** The models that are to be loaded at the same time fit together, where each of them fits by itself. */
function checkLoadedModels({ server, nodePool, models: { allowedModels } }: Tenant, at: At, report: Report): void {
  const gpu = nodePool?.gpu;
  if (gpu === undefined || server.gpus === 0 || server.loadedModels === 1) return;
  const fits = (loadedModels: number) => fitsGpus({ models: allowedModels, gpu, ...server, loadedModels }, server.gpus);
  if (fits(server.loadedModels) || !fits(1)) return;
  let most = server.loadedModels - 1;
  while (most > 1 && !fits(most)) most -= 1;
  report({
    path: at("server", "loadedModels"),
    value: server.loadedModels,
    problem: `is more of the largest models than ${server.gpus} GPUs of ${gpu.memoryGiB} GiB hold at once`,
    allowed: `at most ${most}`,
    fix: `write ${most}, raise \`gpus\`, shorten the context, or choose another \`kvCacheType\``,
  });
}

/** The smallest slice or card that holds the models of a demand. */
function largerGpu(demand: GpuDemand): string {
  const memory = memoryNeeded(demand);
  return isSliced(demand.gpu) ? smallestSlice(memory) : smallestCard(memory);
}

/** What does not fit when all tenants of a pool are taken together. One tenant alone is held by its own maximum. */
function checkPool(pool: NodePool, tenants: Tenant[], at: At, report: Report): void {
  checkNodes(pool, at, report);
  const users = tenants.filter(({ nodePool }) => nodePool?.name === pool.name);
  if (users.length < 2) return;
  const tooSmall = DIMENSIONS.filter((dimension) => checkSum(dimension, pool, users, at, report));
  // Amounts that are too small as such are reported by their sum.
  if (tooSmall.length === 0) checkWholeNodes(pool, users, at, report);
}

/** The replicas of all tenants at once, each whole on a node. */
function checkWholeNodes(pool: NodePool, users: Tenant[], at: At, report: Report): void {
  const [least] = nodeBounds(pool);
  if (least === undefined || least.nodes === Infinity) return;
  const groups = users.map((tenant) => ({
    replica: replicaResources(tenant.server),
    replicas: mostReplicasDuringUpdate(tenant),
  }));
  const needed = nodesEnough(groups, roomOfNode(pool));
  // A replica larger than a node is the tenant's fault.
  if (needed <= least.nodes || needed === Infinity) return;
  const shares = users.map(({ name, server }, index) => {
    const size = server.gpus > 0 ? String(server.gpus) : formatMilliCpu(replicaResources(server).cpuMillis);
    return `${name} ${groups[index]?.replicas} of ${size}`;
  });
  const enough = least.format(needed * least.perNode);
  report({
    path: at(...least.key.split(".")),
    value: least.format(least.limit),
    problem: `makes ${least.nodes} whole nodes, and the tenants' replicas at their maxima need ${needed} (${shares.join(", ")})`,
    allowed: `at least ${enough}`,
    fix: `raise it to ${enough}, or lower the replicas`,
  });
}

/**
 * Every amount is counted by quota: no tenant may find its share taken by another.
 *
 * @returns Whether the pool has too little.
 */
function checkSum(
  { name, format, quota, pool: of }: Dimension,
  pool: NodePool,
  users: Tenant[],
  at: At,
  report: Report,
): boolean {
  if (of === undefined) return false;
  const room = roomOfPool(pool)[of.amount];
  const sum = users.reduce((total, tenant) => total + quota(tenant), 0);
  if (sum <= room || room === 0) return sum > room;
  const shares = users.map((tenant) => `${tenant.name} ${format(quota(tenant))}`).join(", ");
  const enough = limitsEnough(name, of, sum, pool);
  const limit = of.limit(pool);
  const [least] = nodeBounds(pool);
  const has =
    room === limit ? "is" : `has ${format(room)} for pods on the ${least?.nodes} nodes within ${least?.key}, which is`;
  report({
    path: at("limits", name),
    value: format(limit),
    problem: `${has} less than the tenants' ${of.title} quotas together, ${format(sum)} (${shares})`,
    allowed: enough.map(({ key, text }) => `${key} of at least ${text}`).join(" and "),
    fix: `raise ${enough.map(({ key, text }) => `${key} to ${text}`).join(" and ")}, or lower the quotas by ${format(sum - room)}`,
  });
  return true;
}

/** The limits of a pool that an amount needs: the resource's own, and each that allows too few nodes for it. */
function limitsEnough(
  name: string,
  { limit, amount }: PoolDimension,
  sum: number,
  pool: NodePool,
): { key: string; text: string }[] {
  const own = `limits.${name}`;
  const bounds = nodeBounds(pool);
  const { format = String, perNode = 0 } = bounds.find(({ key }) => key === own) ?? {};
  const nodes = mostNodes(pool) === Infinity ? 0 : Math.ceil(sum / roomOfNode(pool)[amount]);
  const needed = Math.max(sum, nodes * perNode);
  return [
    ...(needed > limit(pool) ? [{ key: own, text: format(needed) }] : []),
    ...bounds
      .filter((other) => other.key !== own && other.nodes < nodes)
      .map((other) => ({ key: other.key, text: other.format(nodes * other.perNode) })),
  ];
}

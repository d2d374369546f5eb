import { listNames, useKnown } from "./suggest";
import { mostGpus } from "../models/gpu-fit";
import type { ClusterSpec } from "./cluster";
import type { Draft } from "./draft";
import type { Report } from "./fault";
import type { NodePoolSpec } from "./node-pool/pool";
import { NodePoolTenancy } from "./node-pool/tenancy";
import type { At } from "./path";

/** How strongly a tenant's servers are separated from other tenants' on the nodes. */
export const IsolationLevel = {
  /** Namespaced isolation; nodes may be shared with other tenants. */
  shared: "shared",
  /** Servers run only on a node pool that is dedicated to the tenant. */
  dedicatedNodes: "dedicated-nodes",
  /** Dedicated nodes, and every pod runs under a sandboxing RuntimeClass. */
  sandboxed: "sandboxed",
} as const;
export type IsolationLevel = (typeof IsolationLevel)[keyof typeof IsolationLevel];

/** Where a tenant's servers are to run. */
export interface PlacementDraft {
  /** Name of the tenant. */
  tenant: string | undefined;
  isolationLevel: IsolationLevel | undefined;
  /** Name of the pool that the tenant names. */
  nodePool: string | undefined;
  /** GPUs of one replica. */
  gpus: number;
}

/** What a placement depends on. */
export interface PlacementContext {
  /** Pools of the environment, each with its place in the list. */
  pools: Pools;
  cluster: Draft<ClusterSpec>;
}

interface Pool {
  item: Draft<NodePoolSpec>;
  index: number;
}
type Pools = readonly Pool[];

/**
 * Checks where a tenant's servers run: the pool exists and is open to the tenant, has its GPUs, and suits its isolation
 * level.
 *
 * @param at Leads to what is below the tenant.
 */
export function checkPlacement(
  placement: PlacementDraft,
  { pools, cluster }: PlacementContext,
  at: At,
  report: Report,
): void {
  const { nodePool: name, isolationLevel } = placement;
  const pool = pools.find((candidate) => candidate.item.name !== undefined && candidate.item.name === name);
  if (name !== undefined && pool === undefined) {
    reportUnknownPool(name, placement, pools, at, report);
  } else {
    checkGpus(placement.gpus, pool, at, report);
    checkOwnNodes(placement, pool, pools, at, report);
  }
  if (pool !== undefined) checkOwner(placement, pool, pools, at, report);
  if (isolationLevel === IsolationLevel.sandboxed && cluster.sandboxRuntimeClass === undefined) {
    report({
      path: at("isolationLevel"),
      value: isolationLevel,
      restsOn: [["cluster", "sandboxRuntimeClass"]],
      problem: "needs a RuntimeClass, but the cluster names none",
      allowed: listNames([IsolationLevel.shared, IsolationLevel.dedicatedNodes]),
      fix: "set `sandboxRuntimeClass` under `cluster` of the environment, or choose another level",
    });
  }
}

function reportUnknownPool(name: string, { tenant }: PlacementDraft, pools: Pools, at: At, report: Report): void {
  const known = namesOf(pools.filter((pool) => isOpenTo(pool, tenant)));
  report({
    path: at("server", "nodePool"),
    value: name,
    problem: "is not a node pool of this environment",
    allowed: listOrNone(known),
    fix: useKnown(
      name,
      known,
      "name a pool of `nodePools` of the environment, or remove `nodePool` to use nodes without a pool",
    ),
  });
}

function checkOwner({ tenant }: PlacementDraft, pool: Pool, pools: Pools, at: At, report: Report): void {
  if (isOpenTo(pool, tenant) || pool.item.tenancy !== NodePoolTenancy.dedicated || !pool.item.tenant) return;
  report({
    path: at("server", "nodePool"),
    value: pool.item.name,
    restsOn: [at("name"), ["nodePools", pool.index, "tenant"]],
    problem: `is dedicated to the tenant ${pool.item.tenant}`,
    allowed: listOrNone(namesOf(pools.filter((candidate) => isOpenTo(candidate, tenant)))),
    fix: "name a pool of this tenant or a shared one",
  });
}

function checkGpus(gpus: number, pool: Pool | undefined, at: At, report: Report): void {
  if (gpus === 0) return;
  const place = { path: at("server", "gpus"), value: gpus };
  const gpu = pool?.item.gpu;
  const ofPool = pool === undefined ? at("server", "nodePool") : ["nodePools", pool.index, "gpu"];
  if (pool === undefined || gpu === undefined) {
    report({
      ...place,
      restsOn: [ofPool],
      problem:
        pool === undefined
          ? "asks for GPUs, but no node pool is named"
          : `asks for GPUs, but the nodes of the pool ${pool.item.name} have none`,
      allowed: `\`0\` ${pool === undefined ? "without a pool with GPUs" : "on this pool"}`,
      fix: "name a pool with GPUs under `server.nodePool`, or remove `gpus`",
    });
    return;
  }
  const { memoryGiB = 0, countPerNode = 1, resource, deviceClass } = gpu;
  const most = mostGpus({
    memoryGiB,
    countPerNode,
    resource,
    deviceClass,
    migProfile: pool.item.gke?.gpuPartitionSize,
  });
  if (gpus <= most) return;
  report({
    ...place,
    restsOn: [ofPool, [...ofPool, "countPerNode"]],
    problem:
      most < countPerNode
        ? "is more than one MIG slice, and a process can use one"
        : `is more than one node of the pool ${pool.item.name} has, and a replica cannot span nodes`,
    allowed: `at most ${most}`,
    fix:
      most < countPerNode
        ? `set \`gpus: ${most}\``
        : `set \`gpus: ${most}\`, or raise \`gpu.countPerNode\` of the pool`,
  });
}

function checkOwnNodes(
  { isolationLevel, tenant }: PlacementDraft,
  pool: Pool | undefined,
  pools: Pools,
  at: At,
  report: Report,
): void {
  if (isolationLevel !== IsolationLevel.dedicatedNodes && isolationLevel !== IsolationLevel.sandboxed) return;
  if (pool !== undefined && pool.item.tenancy !== NodePoolTenancy.shared) return;
  const [own] = namesOf(
    pools.filter(({ item: { tenancy, tenant: owner } }) => tenancy === NodePoolTenancy.dedicated && owner === tenant),
  );
  report({
    path: at("isolationLevel"),
    value: isolationLevel,
    restsOn: [at("server", "nodePool"), at("name")],
    problem:
      pool === undefined
        ? "needs nodes of the tenant's own, but no node pool is named"
        : `needs nodes of the tenant's own, but the pool ${pool.item.name} is shared`,
    allowed: `\`${IsolationLevel.shared}\`, or a pool with \`tenancy: dedicated\` and \`tenant: ${tenant}\``,
    fix:
      own === undefined
        ? "add such a pool to the environment and name it under `server.nodePool`"
        : `set \`server.nodePool: ${own}\``,
  });
}

function isOpenTo({ item: pool }: Pool, tenant: string | undefined): boolean {
  return (
    pool.tenancy === NodePoolTenancy.shared || (pool.tenancy === NodePoolTenancy.dedicated && pool.tenant === tenant)
  );
}

function namesOf(pools: Pools): string[] {
  return pools.flatMap(({ item: { name } }) => (name === undefined || name === "" ? [] : [name]));
}

function listOrNone(names: string[]): string {
  return names.length === 0 ? "no pool is open to this tenant" : listNames(names);
}

import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import { below, type At } from "../spec/path";
import { IsolationLevel, NodePoolTenancy, type NodePoolSpec, type TenantSpec } from "../spec/index";
import { listNames, useKnown } from "./suggest";

/** Checks where each tenant's servers run: the pool exists and is open to the tenant, has its GPUs, and suits its isolation level. */
export function validatePlacement({ spec: { cluster, nodePools, tenants } }: Declared, report: Report): void {
  const pools = present(nodePools).map(({ item }) => item);
  const hasSandbox = cluster?.sandboxRuntimeClass !== undefined;
  for (const { item: tenant, index } of present(tenants)) {
    const at = below("tenants", index);
    const name = tenant.server?.nodePool;
    const pool = pools.find((candidate) => candidate.name !== undefined && candidate.name === name);
    if (name === undefined || pool !== undefined) {
      validateGpus(tenant, pool, at, report);
      validateIsolation(tenant, pool, pools, at, report);
    } else {
      reportUnknownPool(tenant, name, pools, at, report);
    }
    if (pool !== undefined) validateOwner(tenant, pool, pools, at, report);
    if (tenant.isolationLevel === IsolationLevel.sandboxed && !hasSandbox) reportNoSandbox(at, report);
  }
}

type Pools = Draft<NodePoolSpec>[];

function reportUnknownPool(tenant: Draft<TenantSpec>, name: string, pools: Pools, at: At, report: Report): void {
  const known = pools.filter((pool) => isOpenTo(pool, tenant.name)).flatMap((pool) => pool.name ?? []);
  const allowed = known.length === 0 ? "no pool is open to this tenant" : listNames(known);
  const fix = useKnown(name, known, "name a pool of `nodePools`, or remove `nodePool` to use nodes without a pool");
  report({ path: at("server", "nodePool"), value: name, problem: "is not a node pool of this stack", allowed, fix });
}

function validateOwner(
  tenant: Draft<TenantSpec>,
  pool: Draft<NodePoolSpec>,
  pools: Pools,
  at: At,
  report: Report,
): void {
  if (isOpenTo(pool, tenant.name) || pool.tenancy !== NodePoolTenancy.dedicated || pool.tenant === undefined) return;
  const open = pools.filter((candidate) => isOpenTo(candidate, tenant.name)).flatMap(({ name }) => name ?? []);
  report({
    path: at("server", "nodePool"),
    value: pool.name,
    restsOn: [at("name")],
    problem: `is dedicated to the tenant ${pool.tenant}`,
    allowed: open.length === 0 ? "no pool is open to this tenant" : listNames(open),
    fix: "name a pool of this tenant or a shared one",
  });
}

function validateGpus(tenant: Draft<TenantSpec>, pool: Draft<NodePoolSpec> | undefined, at: At, report: Report): void {
  const count = tenant.server?.gpus ?? 0;
  const perNode = pool?.gpu?.countPerNode ?? 1;
  if (count === 0) return;
  if (pool === undefined) {
    report({
      path: at("server", "gpus"),
      value: count,
      restsOn: [at("server", "nodePool")],
      problem: "asks for GPUs, but no node pool is named",
      allowed: "`0` without a pool with GPUs",
      fix: "name a pool with GPUs under `server.nodePool`, or remove `gpus`",
    });
  } else if (pool.gpu === undefined) {
    const problem = `asks for GPUs, but the nodes of the pool ${pool.name} have none`;
    report({
      path: at("server", "gpus"),
      value: count,
      problem,
      allowed: "`0` on this pool",
      fix: "name a pool with GPUs under `server.nodePool`, or remove `gpus`",
    });
  } else if (count > perNode) {
    const problem = `is more than one node of the pool ${pool.name} has, and a replica cannot span nodes`;
    report({
      path: at("server", "gpus"),
      value: count,
      problem,
      allowed: `at most ${perNode}`,
      fix: `set \`gpus: ${perNode}\`, or raise \`gpu.countPerNode\` of the pool`,
    });
  }
}

function validateIsolation(
  { name: tenant = "", isolationLevel: level }: Draft<TenantSpec>,
  pool: Draft<NodePoolSpec> | undefined,
  pools: Pools,
  at: At,
  report: Report,
): void {
  if (level !== IsolationLevel.dedicatedNodes && level !== IsolationLevel.sandboxed) return;
  if (pool !== undefined && pool.tenancy !== NodePoolTenancy.shared) return;
  const own = pools
    .filter((candidate) => candidate.tenancy === NodePoolTenancy.dedicated && candidate.tenant === tenant)
    .flatMap(({ name }) => name ?? []);
  report({
    path: at("isolationLevel"),
    value: level,
    restsOn: [at("server", "nodePool"), at("name")],
    problem:
      pool === undefined
        ? "needs nodes of the tenant's own, but no node pool is named"
        : `needs nodes of the tenant's own, but the pool ${pool.name} is shared`,
    allowed: `\`${IsolationLevel.shared}\`, or a pool with \`tenancy: dedicated\` and \`tenant: ${tenant}\``,
    fix:
      own[0] === undefined
        ? `add such a pool to the stack and name it under \`server.nodePool\``
        : `set \`server.nodePool: ${own[0]}\``,
  });
}

function reportNoSandbox(at: At, report: Report): void {
  const problem = "needs a RuntimeClass, but the cluster names none";
  report({
    path: at("isolationLevel"),
    value: IsolationLevel.sandboxed,
    problem,
    fix: "set `sandboxRuntimeClass` under `cluster` of the environment, or choose another level",
  });
}

function isOpenTo(pool: Draft<NodePoolSpec>, tenant: string | undefined): boolean {
  return (
    pool.tenancy === NodePoolTenancy.shared || (pool.tenancy === NodePoolTenancy.dedicated && pool.tenant === tenant)
  );
}

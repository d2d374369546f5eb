import { present, stackPath, type Checked, type Draft, type PlatformDraft, type TenantFile } from "./documents";
import { IsolationLevel, NodePoolTenancy, type NodePoolSpec } from "./spec";
import { listNames, useKnown } from "./suggest";

const nodePool = ["spec", "server", "nodePool"];
const gpus = ["spec", "server", "gpus"];
const isolationLevel = ["spec", "isolationLevel"];

/** Checks where each tenant's servers run: the pool exists and is open to the tenant, has its GPUs, and suits its isolation level. */
export function validatePlacement({ stack, tenants }: PlatformDraft): void {
  const pools = present(stack.draft.config?.["ollama-platform:nodePools"]).map(({ item }) => item);
  const cluster = stack.draft.config?.["ollama-platform:cluster"];
  const hasSandbox = cluster?.sandboxRuntimeClass !== undefined;
  for (const tenant of tenants) {
    const name = tenant.draft.spec?.server?.nodePool;
    const pool = pools.find((candidate) => candidate.name !== undefined && candidate.name === name);
    if (name === undefined || pool !== undefined) {
      validateGpus(tenant, pool);
      validateIsolation(tenant, pool, pools);
    } else {
      reportUnknownPool(tenant, name, pools);
    }
    if (pool !== undefined) validateOwner(tenant, pool, pools);
    if (tenant.draft.spec?.isolationLevel === IsolationLevel.sandboxed && !hasSandbox)
      reportNoSandbox(tenant, stack.file);
  }
}

type Pools = Draft<NodePoolSpec>[];

function reportUnknownPool({ draft, report }: Checked<TenantFile>, name: string, pools: Pools): void {
  const known = pools.filter((pool) => isOpenTo(pool, draft.metadata?.name)).flatMap((pool) => pool.name ?? []);
  const allowed = known.length === 0 ? "no pool is open to this tenant" : listNames(known);
  const fix = useKnown(
    name,
    known,
    "name a pool of `ollama-platform:nodePools`, or remove `nodePool` to use nodes without a pool",
  );
  report({ path: nodePool, value: name, problem: "is not a node pool of this stack", allowed, fix });
}

function validateOwner({ draft, report }: Checked<TenantFile>, pool: Draft<NodePoolSpec>, pools: Pools): void {
  if (isOpenTo(pool, draft.metadata?.name) || pool.tenancy !== NodePoolTenancy.dedicated || pool.tenant === undefined)
    return;
  const open = pools.filter((candidate) => isOpenTo(candidate, draft.metadata?.name)).flatMap(({ name }) => name ?? []);
  report({
    path: nodePool,
    value: pool.name,
    restsOn: [["metadata", "name"]],
    problem: `is dedicated to the tenant ${pool.tenant}`,
    allowed: open.length === 0 ? "no pool is open to this tenant" : listNames(open),
    fix: "name a pool of this tenant or a shared one",
  });
}

function validateGpus({ draft, report }: Checked<TenantFile>, pool: Draft<NodePoolSpec> | undefined): void {
  const count = draft.spec?.server?.gpus ?? 0;
  const perNode = pool?.gpu?.countPerNode ?? 1;
  if (count === 0) return;
  if (pool === undefined) {
    report({
      path: gpus,
      value: count,
      restsOn: [nodePool],
      problem: "asks for GPUs, but no node pool is named",
      allowed: "`0` without a pool with GPUs",
      fix: "name a pool with GPUs under `server.nodePool`, or remove `gpus`",
    });
  } else if (pool.gpu === undefined) {
    const problem = `asks for GPUs, but the nodes of the pool ${pool.name} have none`;
    report({
      path: gpus,
      value: count,
      problem,
      allowed: "`0` on this pool",
      fix: "name a pool with GPUs under `server.nodePool`, or remove `gpus`",
    });
  } else if (count > perNode) {
    const problem = `is more than one node of the pool ${pool.name} has, and a replica cannot span nodes`;
    report({
      path: gpus,
      value: count,
      problem,
      allowed: `at most ${perNode}`,
      fix: `set \`gpus: ${perNode}\`, or raise \`gpu.countPerNode\` of the pool`,
    });
  }
}

function validateIsolation(
  { draft, report }: Checked<TenantFile>,
  pool: Draft<NodePoolSpec> | undefined,
  pools: Pools,
): void {
  const level = draft.spec?.isolationLevel;
  if (level !== IsolationLevel.dedicatedNodes && level !== IsolationLevel.sandboxed) return;
  if (pool !== undefined && pool.tenancy !== NodePoolTenancy.shared) return;
  const tenant = draft.metadata?.name ?? "";
  const own = pools
    .filter((candidate) => candidate.tenancy === NodePoolTenancy.dedicated && candidate.tenant === tenant)
    .flatMap(({ name }) => name ?? []);
  report({
    path: isolationLevel,
    value: level,
    restsOn: [nodePool, ["metadata", "name"]],
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

function reportNoSandbox({ report }: Checked<TenantFile>, stackFile: string): void {
  const problem = "needs a RuntimeClass, but the cluster names none";
  const way = stackPath("cluster", "sandboxRuntimeClass")[1];
  report({
    path: isolationLevel,
    value: IsolationLevel.sandboxed,
    problem,
    fix: `set \`sandboxRuntimeClass\` under \`${way}\` in ${stackFile}, or choose another level`,
  });
}

function isOpenTo(pool: Draft<NodePoolSpec>, tenant: string | undefined): boolean {
  return (
    pool.tenancy === NodePoolTenancy.shared || (pool.tenancy === NodePoolTenancy.dedicated && pool.tenant === tenant)
  );
}

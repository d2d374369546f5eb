import type { Draft } from "../spec/draft";
import type { StackFile, TenantFile } from "./documents";
import type { ModelStoreSpec, QuotaSpec, ServerSpec, WorkspaceQuotaSpec } from "../spec/index";

const WORKSPACE_QUANTITIES: (keyof WorkspaceQuotaSpec)[] = ["cpu", "memory", "ephemeralStorage", "storage"];

/**
 * Brings the YAML form of a tenant file into the form of the specification: `auto` becomes an absent value, because the
 * plan computes what is absent, and a quantity that YAML reads as a number becomes a text.
 */
export function normalizeTenant(file: Draft<TenantFile>): Draft<TenantFile> {
  const spec = file.spec;
  if (spec === undefined) return file;
  const server = spec.server && quantities<ServerSpec>(spec.server, ["cpu", "memory", "ephemeralStorage"]);
  const quota = isAuto(spec.quota)
    ? undefined
    : spec.quota && quantities<QuotaSpec>(spec.quota, ["cpu", "memory", "ephemeralStorage", "storage"]);
  const workspace =
    spec.workspace?.quota === undefined
      ? spec.workspace
      : { ...spec.workspace, quota: quantities<WorkspaceQuotaSpec>(spec.workspace.quota, WORKSPACE_QUANTITIES) };
  return { ...file, spec: withoutAbsent({ ...spec, server, quota, workspace }) };
}

/** The same for the configuration of a stack. */
export function normalizeStack(file: Draft<StackFile>): Draft<StackFile> {
  const pools = file.config?.["ollama-platform:nodePools"]?.map(
    (pool) =>
      pool &&
      withoutAbsent({
        ...quantities(pool, ["nodeCpu", "nodeMemory"]),
        limits: pool.limits && quantities(pool.limits, ["cpu", "memory"]),
        nodeAgents: pool.nodeAgents && quantities(pool.nodeAgents, ["cpu", "memory"]),
        nodeSystem: pool.nodeSystem && quantities(pool.nodeSystem, ["cpu", "memory"]),
        disruption:
          pool.disruption &&
          withoutAbsent({
            ...quantities(pool.disruption, ["maxUnavailableNodes"]),
            budgets: pool.disruption.budgets?.map((budget) => budget && quantities(budget, ["nodes"])),
          }),
      }),
  );
  const store = file.config?.["ollama-platform:modelStore"];
  const normal = {
    "ollama-platform:nodePools": pools,
    "ollama-platform:modelStore": store && quantities<ModelStoreSpec>(store, ["size"]),
  };
  return file.config === undefined ? file : { ...file, config: { ...file.config, ...withoutAbsent(normal) } };
}

/** A copy whose named fields are texts or absent. */
function quantities<T extends object>(fields: Draft<T>, names: (keyof T & string)[]): Draft<T> {
  const copy: Record<string, unknown> = { ...fields };
  for (const name of names) {
    if (typeof copy[name] === "number") copy[name] = String(copy[name]);
    if (isAuto(copy[name])) delete copy[name];
  }
  return copy as Draft<T>;
}

function isAuto(value: unknown): boolean {
  return value === "auto";
}

/** A copy without the keys whose value is undefined. */
function withoutAbsent<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

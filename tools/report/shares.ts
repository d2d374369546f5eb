/** What each tenant may use, and its share of each node pool. */
import { allowedModels } from "../../policy-pack/change/models";
import type { State } from "../../policy-pack/change/weakening";
import { record } from "../../policy-pack/model/json";
import { parseMilli } from "../../policy-pack/model/quantity";
import { accelerators } from "../../policy-pack/readers/accelerators";
import { maxReplicas, quotaLimits } from "../../policy-pack/readers/capacity";
import { classOfQuotaKey, deviceQuotaKey } from "../../policy-pack/readers/device-claims";
import { boundPools, pools } from "../../policy-pack/readers/pools";
import { bindings, subjectsOf } from "../../policy-pack/analysis/rbac/bindings";

/** Annotation on a namespace with the tenant's name for people. */
const DISPLAY_NAME = "ollama-platform.io/display-name";

/** What one tenant may use. */
export interface TenantUse {
  name: string;
  /** Name for people; the tenant's own where nothing names it otherwise. */
  displayName: string;
  namespaces: string[];
  isolationLevel: string;
  models: string[];
  /** Most pods that its workloads grow to. */
  mostPods: number;
  /** Pools that its pods are bound to; empty: any node. */
  pools: string[];
  /** Quota by key, in thousandths of the unit. */
  quota: Record<string, bigint>;
  /** Who holds rights in its namespaces: `viewer: finance-analysts, finance-audit`. */
  access: string[];
}

/** A tenant's part of a pool's resource. */
export interface Share {
  tenant: string;
  amount: number;
  text: string;
}

/** One resource of a pool with everybody's part of it. */
export interface PoolResource {
  resource: string;
  /** The pool's limit; undefined where no object states one. */
  limit?: number;
  limitText: string;
  shares: Share[];
}

/** A pool with its resources. */
export interface PoolUse {
  name: string;
  /** Tenant that it is dedicated to; undefined when it is shared. */
  tenant?: string;
  resources: PoolResource[];
}

/** Tenants in the order of their names. */
export function tenantUses({ model, configuration, ...rest }: State): TenantUse[] {
  const state = { model, configuration, ...rest };
  return [...model.tenants].sort(byKey).map(([name, namespaces]) => {
    const own = namespaces.map((namespace) => namespace.name);
    const pods = model.pods.filter((pod) => own.includes(pod.namespace));
    const bound = pods.flatMap((pod) => boundPools(pod, configuration.pools.keys) ?? []);
    return {
      name,
      displayName: namespaces[0]?.object?.object.metadata.annotations?.[DISPLAY_NAME] ?? name,
      namespaces: own,
      isolationLevel: namespaces[0]?.labels[configuration.isolationLevels.label] ?? "not stated",
      models: own.flatMap((namespace) => allowedModels(state, namespace)).sort(),
      mostPods: pods.reduce((sum, pod) => sum + Number(maxReplicas(model, pod).count), 0),
      pools: [...new Set(bound)].sort(),
      quota: quotaOf(state, own),
      access: bindings(model)
        .filter((binding) => own.includes(binding.namespace))
        .map((binding) => {
          const names = subjectsOf(binding).map(({ name, namespace }) => [namespace, name].filter(Boolean).join("/"));
          return `${String(record(binding.object.roleRef).name)}: ${names.join(", ")}`;
        }),
    };
  });
}

/** Pools in the order of their names, with what quotas promise of them to the tenants whose pods are bound to them. */
export function poolUses(state: State): PoolUse[] {
  const uses = tenantUses(state);
  const isAccelerator = accelerators(state.model, state.configuration);
  return pools(state.model, state.configuration)
    .map(({ name, tenant, limits }): PoolUse => {
      const users = uses.filter((use) => use.pools.includes(name));
      const promised = users.flatMap(({ quota }) => Object.keys(quota));
      const gpus = [...Object.keys(limits ?? {}), ...promised]
        .map((key) => key.replace(/^requests\./, ""))
        .filter(isAccelerator);
      const classes = promised.flatMap((key) => classOfQuotaKey(key) ?? []);
      const resources = ["cpu", "memory", ...new Set([...gpus, ...classes])].map((resource) =>
        poolResource(resource, limits, users),
      );
      return { name, tenant, resources: resources.filter(isWorthShowing) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function poolResource(
  resource: string,
  limits: Record<string, unknown> | undefined,
  users: readonly TenantUse[],
): PoolResource {
  const limit = parseMilli(limits?.[resource]);
  const shares = users.flatMap(({ name, quota }): Share[] => {
    const amount = quota[`requests.${resource}`] ?? quota[deviceQuotaKey(resource)] ?? 0n;
    return amount === 0n ? [] : [{ tenant: name, amount: Number(amount), text: readable(resource, amount) }];
  });
  return {
    resource,
    limit: limit === undefined ? undefined : Number(limit),
    limitText: limit === undefined ? "no stated limit" : `of ${readable(resource, limit)}`,
    shares,
  };
}

function isWorthShowing({ limit, shares }: PoolResource): boolean {
  return shares.length > 0 || (limit ?? 0) > 0;
}

function quotaOf({ model }: State, namespaces: readonly string[]): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const namespace of namespaces)
    for (const [key, amount] of Object.entries(quotaLimits(model, namespace))) sums[key] = (sums[key] ?? 0n) + amount;
  return sums;
}

/** An amount of a resource for people: `52.5` cores, `98.5Gi` of memory or storage, `8` GPUs. */
export function readable(resource: string, milli: bigint): string {
  const units = Number(milli) / 1000;
  if (!/memory|storage/.test(resource)) return String(Number(units.toFixed(2)));
  const gib = units / 2 ** 30;
  return gib >= 1024 ? `${Number((gib / 1024).toFixed(1))}Ti` : `${Number(gib.toFixed(1))}Gi`;
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}

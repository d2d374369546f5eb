import type { ClusterModel } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { record } from "../../model/json";
import type { PackConfiguration } from "../../settings/settings";
import { formatMilli, parseMilli } from "../../model/quantity";
import { quotaLimits } from "../../readers/capacity";
import { owasp } from "../frameworks";
import { accelerators } from "../../readers/accelerators";
import { boundPools, isBoundByNodes, pools, roomOfPool } from "../../readers/pools";
import type { Rule } from "../rule";
import { tenantContainers, tenantPods } from "../../readers/select";

/** Names of the pools to which each tenant's pods are bound. */
function poolsOfTenants(model: ClusterModel, configuration: PackConfiguration): Map<string, Set<string>> {
  const result = new Map<string, Set<string>>();
  for (const pod of tenantPods(model)) {
    const bound = boundPools(pod, configuration.pools.keys);
    if (pod.tenant === undefined || bound === undefined) continue;
    const known = result.get(pod.tenant) ?? new Set<string>();
    for (const name of bound) known.add(name);
    result.set(pod.tenant, known);
  }
  return result;
}

function written(limit: unknown): string {
  const milli = parseMilli(limit);
  if (milli !== undefined) return formatMilli(milli);
  return limit === undefined ? "not set" : `${show(limit)}, no quantity`;
}

export const rule: Rule = {
  id: "capacity/pool-covers-quotas",
  title: "What quotas promise to the tenants of a pool fits the pool's limits.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Lower the tenants' quotas or raise the pool's limits.",
  configuredBy: ["pools", "tenants"],
  check: (model, configuration) => {
    const users = poolsOfTenants(model, configuration);
    const isAccelerator = accelerators(model, configuration);
    return pools(model, configuration).flatMap((pool) => {
      const { name, object, limits } = pool;
      if (object === undefined || limits === undefined) return [];
      // A tenant with several pools may put all its GPUs into any of them.
      const tenants = [...users].filter(([, names]) => names.has(name)).map(([tenant]) => tenant);
      const asked = tenantContainers(model)
        .filter(({ pod }) => boundPools(pod, configuration.pools.keys)?.includes(name) === true)
        .flatMap(({ source }) => Object.keys(record(source.container.resources?.limits)));
      const gpus = [...Object.keys(limits), ...asked].filter(isAccelerator);
      return (
        [...new Set(["cpu", "memory", ...gpus])]
          // A pool without a limit on processors or memory is the matter of placement/pool-limits; what fits on so many
          // nodes depends on their size, which the pool does not say.
          .filter(
            (resource) =>
              (isAccelerator(resource) && !isBoundByNodes(pool)) || roomOfPool(pool, resource) !== undefined,
          )
          .flatMap((resource) => {
            const limit = parseMilli(limits[resource]);
            const room = roomOfPool(pool, resource);
            const promised = tenants.map((tenant) => ({
              tenant,
              amount: (model.tenants.get(tenant) ?? []).reduce(
                (total, ns) => total + (quotaLimits(model, ns.name)[`requests.${resource}`] ?? 0n),
                0n,
              ),
            }));
            const sum = promised.reduce((total, { amount }) => total + amount, 0n);
            if (room !== undefined && sum <= room) return [];
            const shares = promised.map(({ tenant, amount }) => `${tenant} ${formatMilli(amount)}`).join(", ");
            return [
              {
                object,
                field: `spec.limits["${resource}"]`,
                message: `is ${written(limits[resource])}${room === limit || room === undefined ? "" : `, of which whole nodes have ${formatMilli(room)} for pods`}, but quotas promise ${formatMilli(sum)} (${shares}): who comes last gets none.`,
                fix:
                  room === limit
                    ? `Raise the limit to ${formatMilli(sum)} or lower the quotas.`
                    : `Raise the limits until whole nodes have ${formatMilli(sum)}, or lower the quotas.`,
              },
            ];
          })
      );
    });
  },
};

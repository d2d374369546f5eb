import type { ClusterModel, NamespaceInfo, PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { formatMilli } from "../../model/quantity";
import {
  add,
  type Amounts,
  containerDefaults,
  maxReplicas,
  podAmounts,
  quotaLimits,
  type Replicas,
  rolloutSurge,
} from "../../readers/capacity";
import { claimAmounts } from "../../readers/device-claims";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";

interface Demand {
  replicas: Replicas;
  source: PodSource;
  pod: Amounts;
}

function demands(model: ClusterModel, namespace: NamespaceInfo): Demand[] {
  const defaults = containerDefaults(model, namespace.name);
  return (
    model
      .podsIn(namespace.name)
      // A live pod or ReplicaSet of a controller is counted through the controller.
      .filter((pod) => pod.source.object.metadata.ownerReferences === undefined)
      .filter((pod) => !["DaemonSet", "PodTemplate"].includes(pod.source.object.kind))
      .map((source) => ({
        replicas: maxReplicas(model, source),
        source,
        pod: { ...podAmounts(model, source, defaults), ...claimAmounts(model, source) },
      }))
  );
}

function check(model: ClusterModel, namespace: NamespaceInfo): Finding[] {
  const limits = quotaLimits(model, namespace.name);
  const all = demands(model, namespace);
  const total: Amounts = {};
  for (const { pod, replicas } of all) add(total, pod, replicas.count);
  const unknown = all
    .filter(({ replicas }) => !replicas.certain)
    .map(({ replicas }) => ({
      object: replicas.object,
      field: replicas.field,
      message: `is ${show(replicas.written)}, no whole number, so it cannot be shown to fit the quota.`,
      fix: "Write the number of replicas as a whole number.",
    }));
  const exceeded = Object.entries(limits).flatMap(([key, limit]) => {
    const need = total[key] ?? 0n;
    // The workload with the largest share is the one to change.
    const largest = all.reduce<Demand | undefined>((most, demand) => {
      const share = (d: Demand | undefined) => (d?.pod[key] ?? 0n) * (d?.replicas.count ?? 0n);
      return share(demand) > share(most) ? demand : most;
    }, undefined);
    const each = largest?.pod[key] ?? 0n;
    if (need <= limit || largest === undefined || each === 0n) return [];
    const room = limit - (need - each * largest.replicas.count);
    const feasible = room < 0n ? 0n : room / each;
    return [
      {
        object: largest.replicas.object,
        field: largest.replicas.field,
        message:
          key === "pods"
            ? `is ${largest.replicas.count}, and the namespace needs ${formatMilli(need)} pods, but its quota allows ${formatMilli(limit)}.`
            : `is ${largest.replicas.count}, and with ${formatMilli(each)} of ${key} for each pod the namespace needs ${formatMilli(need)}, but its quota allows ${formatMilli(limit)}.`,
        fix: `Set it to at most ${feasible}, ${key === "pods" ? "" : `lower the pod's ${key}, `}or raise the quota's ${key} to ${formatMilli(need)}.`,
      },
    ];
  });
  return [...unknown, ...exceeded, ...all.flatMap((demand) => stuckRollout(demand, total, limits))];
}

/** A roll-out that never gets on: all pods fit, but not the one more that has to be there before an old one may go. */
function stuckRollout({ source, replicas, pod }: Demand, total: Amounts, limits: Amounts): Finding[] {
  if (rolloutSurge(source, replicas.count) === 0n) return [];
  const exceeded = Object.entries(limits).filter(([key, limit]) => {
    const need = total[key] ?? 0n;
    return need <= limit && need + (pod[key] ?? 0n) > limit;
  });
  const [first] = exceeded;
  if (first === undefined) return [];
  const [key, limit] = first;
  const { strategy } = source.source.object.spec as { strategy?: { rollingUpdate?: unknown } };
  const need = formatMilli((total[key] ?? 0n) + (pod[key] ?? 0n));
  return [
    {
      object: source.source,
      field: "spec.strategy.rollingUpdate",
      message: `is ${show(strategy?.rollingUpdate)}: a roll-out starts a new pod before an old one ends, for which the namespace needs ${need} of ${key}, but its quota allows ${formatMilli(limit)}, so that no new version ever starts.`,
      fix: `Set it to {maxSurge: 0, maxUnavailable: 1}, or raise the quota's ${exceeded.map(([name]) => name).join(", ")} by one pod.`,
    },
  ];
}

export const rule: Rule = {
  id: "capacity/fits-quota",
  title: "The most pods that a tenant's autoscalers can ask for fit the tenant's quota, and so do their roll-outs.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Lower maxReplicas or the pod's requests, or raise the quota.",
  check: (model) => model.tenantNamespaces().flatMap((namespace) => check(model, namespace)),
};

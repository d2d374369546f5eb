import type { ClusterModel, PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { record } from "../../model/json";
import { minReplicas } from "../../readers/capacity";
import { owasp } from "../frameworks";
import { boundPools, isStatic, type Pool, pools } from "../../readers/pools";
import type { Finding, Rule } from "../rule";
import { tenantPods } from "../../readers/select";

/** Policies of Karpenter that move pods to pack them better. The first is its default. */
const packing = ["WhenEmptyOrUnderutilized", "WhenUnderutilized", "Balanced"];

/** Annotation with which a pod refuses to be moved. */
const KEEP = "karpenter.sh/do-not-disrupt";

/** Kubernetes' default of a pod's grace period, in seconds. */
const POD_GRACE_SECONDS = 30;

/** Seconds of a duration such as `1h30m`; undefined for anything else. */
function seconds(duration: unknown): number | undefined {
  if (!/^(\d+(\.\d+)?(h|m|s))+$/.test(String(duration))) return undefined;
  const units = { h: 3600, m: 60, s: 1 } as const;
  return [...String(duration).matchAll(/([\d.]+)([hms])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * units[unit as keyof typeof units],
    0,
  );
}

function ofExpiry({ object }: Pool, spec: Record<string, unknown>): Finding[] {
  if (object === undefined || spec.expireAfter !== undefined) return [];
  return [
    {
      object,
      field: "spec.template.spec.expireAfter",
      message:
        "is not set: each node ends 720h after its start, Karpenter's default, whatever budgets say and whoever is served then.",
      fix: "Set expireAfter, to Never or to the age that you want.",
    },
  ];
}

function ofPacking(model: ClusterModel, pool: Pool, users: readonly PodSource[]): Finding[] {
  const { object } = pool;
  if (object === undefined || isStatic(pool)) return [];
  const disruption = record(record(object.object.spec).disruption);
  const { consolidationPolicy = packing[0], consolidateAfter } = disruption;
  if (!packing.includes(String(consolidationPolicy)) || consolidateAfter === "Never") return [];
  const single = users.find((pod) => pod.annotations[KEEP] !== "true" && minReplicas(model, pod) <= 1n);
  if (single === undefined) return [];
  const { kind, metadata } = single.source.object;
  return [
    {
      object,
      field: "spec.disruption.consolidationPolicy",
      message: `is ${disruption.consolidationPolicy === undefined ? `not set, and so ${show(packing[0])}` : show(consolidationPolicy)}: nodes in use are emptied for a better packing, and ${kind} ${single.namespace}/${metadata.name}, which may have one pod only, is away until another has started.`,
      fix: "Set consolidationPolicy to WhenEmpty.",
    },
  ];
}

function ofGrace({ object }: Pool, spec: Record<string, unknown>, users: readonly PodSource[]): Finding[] {
  const node = seconds(spec.terminationGracePeriod);
  if (object === undefined || node === undefined) return [];
  const graceOf = ({ spec: { terminationGracePeriodSeconds: grace } }: PodSource): number =>
    typeof grace === "number" ? grace : POD_GRACE_SECONDS;
  const longest = users.toSorted((a, b) => graceOf(b) - graceOf(a))[0];
  if (longest === undefined || graceOf(longest) <= node) return [];
  const { kind, metadata } = longest.source.object;
  return [
    {
      object,
      field: "spec.template.spec.terminationGracePeriod",
      message: `is ${show(spec.terminationGracePeriod)}, but ${kind} ${longest.namespace}/${metadata.name} has ${graceOf(longest)}s to end: a node that goes would cut its requests off.`,
      fix: `Set terminationGracePeriod to more than ${graceOf(longest)}s.`,
    },
  ];
}

export const rule: Rule = {
  id: "placement/pool-disruption",
  title: "A pool of Karpenter says when its nodes end, and ends none under pods that need longer.",
  severity: "low",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Set expireAfter, terminationGracePeriod and consolidationPolicy of the NodePool.",
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const bound = tenantPods(model).map((pod) => ({ pod, names: boundPools(pod, configuration.pools.keys) ?? [] }));
    return pools(model, configuration).flatMap((pool) => {
      if (pool.object?.object.kind !== "NodePool") return [];
      const spec = record(record(record(pool.object.object.spec).template).spec);
      const users = bound.filter(({ names }) => names.includes(pool.name)).map(({ pod }) => pod);
      return [...ofExpiry(pool, spec), ...ofPacking(model, pool, users), ...ofGrace(pool, spec, users)];
    });
  },
};

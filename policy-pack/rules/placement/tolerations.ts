import { describe, type ClusterModel, type ModelObject, type PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import type { Toleration } from "../../model/kubernetes";
import { owasp } from "../frameworks";
import { boundPools, permittedPools, type Pool, pools } from "../../readers/pools";
import type { Finding, Rule } from "../rule";
import { runtimeClassOf, tenantPods } from "../../readers/select";

/** Taints that Kubernetes itself puts on nodes in trouble; every pod tolerates some of them for a while. */
const CONDITION_PREFIX = "node.kubernetes.io/";

/** What is wrong with a toleration; undefined when nothing is. */
function fault(
  { key = "", operator = "Equal", value = "" }: Toleration,
  poolKeys: readonly string[],
  neutral: readonly string[],
  permitted: ReadonlySet<string>,
  carried: readonly Pool["taints"][number][],
): string | undefined {
  if (key === "") return "tolerates every taint, those of other tenants' nodes and of control planes included";
  if (poolKeys.includes(key)) {
    if (operator !== "Equal") return "tolerates the taint of every pool";
    return permitted.has(value)
      ? undefined
      : `tolerates the taint of pool ${show(value)}, which this tenant may not use`;
  }
  if (key.startsWith(CONDITION_PREFIX) || neutral.includes(key)) return undefined;
  if (operator === "Equal" && carried.some((taint) => taint.key === key && (taint.value ?? "") === value))
    return undefined;
  return `tolerates the taint ${show(key)}, which may guard nodes that are not the tenant's`;
}

/** A list of tolerations that a pod ends up with. */
interface Tolerations {
  object: ModelObject;
  path: string;
  tolerations: unknown;
}

/** The pod's own, and those that the API server adds to it for its RuntimeClass. */
function tolerationsOf(model: ClusterModel, pod: PodSource): Tolerations[] {
  const own = { object: pod.source, path: `${pod.path}.tolerations`, tolerations: pod.spec.tolerations };
  const runtimeClass = runtimeClassOf(model, pod);
  if (runtimeClass === undefined) return [own];
  const { tolerations } = record(runtimeClass.object.scheduling);
  return [own, { object: runtimeClass, path: "scheduling.tolerations", tolerations }];
}

export const rule: Rule = {
  id: "placement/tolerations",
  title: "A tenant's pod tolerates only the taints of pools that the tenant may use.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation:
    "Remove the toleration, or name a taint of the pool that the pod selects, with key, operator Equal and value; list taints of existing nodes that say nothing of ownership under pools.neutralTaintKeys in the pack's configuration.",
  configuredBy: ["pools", "tenants"],
  check: (model, configuration) => {
    const all = pools(model, configuration);
    const { keys, neutralTaintKeys } = configuration.pools;
    return tenantPods(model).flatMap((pod) => {
      const permitted = permittedPools(all, pod.tenant);
      const bound = list(boundPools(pod, keys));
      // Taints of the only nodes that the pod can run on lead it nowhere else.
      const carried = bound.every((name) => permitted.has(name))
        ? all.filter(({ name }) => bound.includes(name)).flatMap(({ taints }) => taints)
        : [];
      return tolerationsOf(model, pod).flatMap(({ object, path, tolerations }): Finding[] => {
        if (tolerations !== undefined && !Array.isArray(tolerations))
          return [{ object, field: path, message: "is unknown until deployment." }];
        return list(tolerations as Toleration[] | undefined).flatMap((toleration, index) => {
          const message = fault(record(toleration), keys, neutralTaintKeys, permitted, carried);
          if (message === undefined) return [];
          const whose = object === pod.source ? "" : `, for the pods of ${describe(pod.source.object, pod.namespace)}`;
          return [{ object, field: `${path}[${index}]`, message: `${message}${whose}.` }];
        });
      });
    });
  },
};

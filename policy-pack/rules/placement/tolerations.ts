import type { Toleration } from "../../model/kubernetes";
import { record } from "../../model/pods";
import { owasp } from "../frameworks";
import { permittedPools, pools } from "../pool-rules";
import type { Rule } from "../rule";
import { list, show, tenantPods } from "../select";

/** Taints that Kubernetes itself puts on nodes in trouble; every pod tolerates some of them for a while. */
const CONDITION_PREFIX = "node.kubernetes.io/";

/** What is wrong with a toleration; undefined when nothing is. */
function fault(
  { key = "", operator = "Equal", value = "" }: Toleration,
  poolKeys: readonly string[],
  neutral: readonly string[],
  permitted: ReadonlySet<string>,
): string | undefined {
  if (key === "") return "tolerates every taint, those of other tenants' nodes and of control planes included";
  if (poolKeys.includes(key)) {
    if (operator !== "Equal") return "tolerates the taint of every pool";
    return permitted.has(value)
      ? undefined
      : `tolerates the taint of pool ${show(value)}, which this tenant may not use`;
  }
  if (key.startsWith(CONDITION_PREFIX) || neutral.includes(key)) return undefined;
  return `tolerates the taint ${show(key)}, which may guard nodes that are not the tenant's`;
}

export const rule: Rule = {
  id: "placement/tolerations",
  title: "A tenant's pod tolerates only the taints of pools that the tenant may use.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation:
    "Remove the toleration, or name the pool's taint with key, operator Equal and value; list taints that say nothing of ownership under pools.neutralTaintKeys in the pack's configuration.",
  configuredBy: ["pools", "tenants"],
  check: (model, configuration) => {
    const all = pools(model, configuration);
    const { keys, neutralTaintKeys } = configuration.pools;
    return tenantPods(model).flatMap((pod) => {
      const path = `${pod.path}.tolerations`;
      const { tolerations } = pod.spec;
      if (tolerations !== undefined && !Array.isArray(tolerations))
        return [{ object: pod.source, field: path, message: "is unknown until deployment." }];
      const permitted = permittedPools(all, pod.tenant);
      return list(tolerations).flatMap((toleration, index) => {
        const message = fault(record(toleration), keys, neutralTaintKeys, permitted);
        return message === undefined
          ? []
          : [{ object: pod.source, field: `${path}[${index}]`, message: `${message}.` }];
      });
    });
  },
};

import { show } from "../../model/fault";
import { record } from "../../model/json";
import { owasp } from "../frameworks";
import type { PodSource } from "../../model/cluster-model";
import type { Finding, Rule } from "../rule";
import { tenantPods } from "../../readers/select";

/** Kubernetes keeps priorities from here on for its own components. */
const SYSTEM_PRIORITY = 1_000_000_000;

/** A pod of the lowest priority, and one of the lowest that another tenant than its own has; those without a number count not. */
function lowestOfTwoTenants(pods: readonly PodSource[], valueOf: (pod: PodSource) => unknown): PodSource[] {
  const rising = pods
    .filter((pod) => typeof valueOf(pod) === "number")
    .toSorted((a, b) => Number(valueOf(a)) - Number(valueOf(b)));
  const other = rising.find(({ tenant }) => tenant !== rising[0]?.tenant);
  return other === undefined ? rising.slice(0, 1) : [...rising.slice(0, 1), other];
}

export const rule: Rule = {
  id: "placement/priority",
  title: "No pod of a tenant can push out another tenant's pods or the platform's.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Use a PriorityClass with preemptionPolicy: Never, or none.",
  check: (model) => {
    const classes = new Map(
      model.of("PriorityClass", "scheduling.k8s.io").map((c) => [c.object.metadata.name, record(c.object)]),
    );
    const global = [...model.of("PriorityClass", "scheduling.k8s.io")]
      .filter(({ object }) => record(object).globalDefault === true)
      .map((object): Finding => ({
        object,
        field: "globalDefault",
        message: "is true: every pod of the cluster that names no class gets this one.",
        fix: "Set globalDefault to false.",
      }));
    const valueOf = (pod: PodSource): unknown => classes.get(pod.spec.priorityClassName ?? "")?.value;
    const lowest = lowestOfTwoTenants(tenantPods(model), valueOf);
    const before = (pod: PodSource): Finding[] => {
      const own = valueOf(pod);
      const behind = lowest.find(({ tenant }) => tenant !== pod.tenant);
      if (behind === undefined || typeof own !== "number" || Number(valueOf(behind)) >= own) return [];
      return [
        {
          object: pod.source,
          field: `${pod.path}.priorityClassName`,
          message: `is ${show(pod.spec.priorityClassName)}, whose value ${show(own)} is above that of tenant ${behind.tenant}: its pods are placed first, and evicted last, whenever room is short.`,
          fix: "Give the priority classes of all tenants the same value.",
        },
      ];
    };
    const findings = tenantPods(model).flatMap((pod): Finding[] => {
      const name = pod.spec.priorityClassName;
      if (name === undefined || name === "") return [];
      const field = `${pod.path}.priorityClassName`;
      const found = classes.get(name);
      if (found === undefined)
        return [
          {
            object: pod.source,
            field,
            message: `is ${show(name)}, ${name.startsWith("system-") ? "a class of the cluster's own components" : "a class that is not declared"}.`,
            fix: "Use a PriorityClass that the program declares, with preemptionPolicy: Never.",
          },
        ];
      if (found.preemptionPolicy === "Never" && typeof found.value === "number" && found.value < SYSTEM_PRIORITY)
        return before(pod);
      return [
        {
          object: pod.source,
          field,
          message: `is ${show(name)}, whose value is ${show(found.value)} and preemptionPolicy ${show(found.preemptionPolicy)}: its pods evict other tenants' when nodes are full.`,
          fix: `Set preemptionPolicy of PriorityClass ${name} to Never and its value below ${SYSTEM_PRIORITY}.`,
        },
      ];
    });
    return [...global, ...findings];
  },
};

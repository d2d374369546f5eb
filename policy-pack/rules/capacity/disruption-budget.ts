import { selectorMatches } from "../../model/cluster-model";
import type { LabelSelector } from "../../model/kubernetes";
import { record } from "../../model/pods";
import { maxReplicas } from "../capacity-rules";
import { nsa } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { show, tenantObjects } from "../select";

export const rule: Rule = {
  id: "capacity/disruption-budget",
  title: "No disruption budget of a tenant keeps a node from ever being drained.",
  severity: "low",
  scope: "cluster",
  frameworks: [nsa("Resource policies")],
  remediation: "Set maxUnavailable to 1, or minAvailable below the number of replicas.",
  check: (model) =>
    tenantObjects(model, "PodDisruptionBudget", "policy").flatMap((budget): Finding[] => {
      const { maxUnavailable, minAvailable, selector } = record(budget.object.spec);
      if (maxUnavailable === 0 || maxUnavailable === "0%" || minAvailable === "100%")
        return [
          {
            object: budget,
            field: maxUnavailable === undefined ? "spec.minAvailable" : "spec.maxUnavailable",
            message: `is ${show(maxUnavailable ?? minAvailable)}: no pod may ever be evicted, so its node cannot be drained.`,
          },
        ];
      if (typeof minAvailable !== "number") return [];
      return model
        .podsIn(budget.namespace)
        .filter((pod) => selectorMatches(selector as LabelSelector | undefined, pod.labels))
        .filter((pod) => maxReplicas(model, pod).count <= BigInt(Math.max(0, Math.trunc(minAvailable))))
        .map((pod) => ({
          object: budget,
          field: "spec.minAvailable",
          message: `is ${minAvailable}, but ${pod.source.object.kind} ${pod.source.object.metadata.name} never has more than ${maxReplicas(model, pod).count} pods, so its nodes cannot be drained.`,
        }));
    }),
};

import { show } from "../../model/fault";
import { record } from "../../model/json";
import { autoscalersOf } from "../../readers/capacity";
import { nsa } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

export const rule: Rule = {
  id: "capacity/autoscaler-target",
  title: "Every autoscaler of a tenant scales one declared workload, alone, between bounds that make sense.",
  severity: "medium",
  scope: "cluster",
  frameworks: [nsa("Resource policies")],
  remediation: "Point scaleTargetRef at a workload of the same namespace and keep minReplicas at or below maxReplicas.",
  check: (model) =>
    tenantObjects(model, "HorizontalPodAutoscaler", "autoscaling").flatMap((autoscaler) => {
      const { scaleTargetRef, minReplicas = 1, maxReplicas } = record(autoscaler.object.spec);
      const { kind, name } = record(scaleTargetRef);
      const target = model
        .inNamespace(autoscaler.namespace)
        .find((o) => o.object.kind === kind && o.object.metadata.name === name);
      const findings: Finding[] = [];
      if (target === undefined)
        findings.push({
          object: autoscaler,
          field: "spec.scaleTargetRef",
          message: `is ${kind} ${name}, which the namespace does not declare.`,
        });
      else if (autoscalersOf(model, target).length > 1)
        findings.push({
          object: autoscaler,
          field: "spec.scaleTargetRef",
          message: `is ${kind} ${name}, which another autoscaler scales too: Kubernetes then scales it by neither.`,
          fix: "Keep one autoscaler for each workload.",
        });
      if (typeof maxReplicas !== "number" || typeof minReplicas !== "number" || minReplicas > maxReplicas)
        findings.push({
          object: autoscaler,
          field: "spec.maxReplicas",
          message: `is ${show(maxReplicas)} with minReplicas ${show(minReplicas)}.`,
          fix: "Set maxReplicas to a whole number that is at least minReplicas.",
        });
      return findings;
    }),
};

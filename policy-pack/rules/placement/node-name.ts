import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { show, tenantPods } from "../select";

export const rule: Rule = {
  id: "placement/node-name",
  title: "Only the cluster's scheduler chooses a tenant's node.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Remove nodeName and schedulerName.",
  check: (model) =>
    tenantPods(model).flatMap((pod) => {
      const findings: Finding[] = [];
      // A running pod has been given a node; only a template that names one goes past the scheduler.
      const placed = pod.source.origin === "live" && pod.source.object.kind === "Pod";
      if ((pod.spec.nodeName ?? "") !== "" && !placed)
        findings.push({
          object: pod.source,
          field: `${pod.path}.nodeName`,
          message: `is ${show(pod.spec.nodeName)}: the pod goes past the scheduler and the taints that keep tenants apart.`,
          fix: "Remove nodeName; select a pool instead.",
        });
      if (!["", "default-scheduler"].includes(pod.spec.schedulerName ?? ""))
        findings.push({
          object: pod.source,
          field: `${pod.path}.schedulerName`,
          message: `is ${show(pod.spec.schedulerName)}, a scheduler that need not heed taints.`,
          fix: "Remove schedulerName.",
        });
      return findings;
    }),
};

import { list } from "../../model/json";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { tenantPods } from "../../readers/select";

export const rule: Rule = {
  id: "pods/containers-known",
  title: "The containers of a tenant's pod can be read before it is created.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Write the pod template as plain values, without outputs of other resources.",
  check: (model) =>
    tenantPods(model).flatMap((pod) => {
      const lists = (["containers", "initContainers", "ephemeralContainers"] as const)
        .filter((field) => pod.spec[field] !== undefined && !Array.isArray(pod.spec[field]))
        .map((field) => ({
          object: pod.source,
          field: `${pod.path}.${field}`,
          message: "is unknown until deployment, so no rule can judge what runs.",
        }));
      if (lists.length > 0 || list(pod.spec.containers).length > 0) return lists;
      return [
        {
          object: pod.source,
          field: `${pod.path}.containers`,
          message: "is missing, so no rule can judge what runs.",
          fix: "Declare at least one container in the pod template.",
        },
      ];
    }),
};

import { NAMESPACE_NAME_LABEL } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import type { LabelSelector } from "../../model/kubernetes";
import { policyBindings } from "../../readers/admission";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";

export const rule: Rule = {
  id: "admission/no-exceptions",
  title: "Bindings of admission policies deny, and choose namespaces by labels that no tenant can change.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K04")],
  remediation: `Set validationActions to [Deny] and select namespaces by the tenant label or ${NAMESPACE_NAME_LABEL}.`,
  configuredBy: ["tenants"],
  check: (model, { tenants }) =>
    policyBindings(model).flatMap((binding): Finding[] => {
      const spec = record(binding.object.spec);
      const findings: Finding[] = [];
      const validating = binding.object.kind === "ValidatingAdmissionPolicyBinding";
      if (validating && !list(spec.validationActions as string[]).includes("Deny"))
        findings.push({
          object: binding,
          field: "spec.validationActions",
          message: `is ${show(spec.validationActions)}; without Deny a breach is only noted.`,
          fix: "Add Deny to validationActions.",
        });
      const match = record(spec.matchResources);
      const selector = record(match.namespaceSelector) as LabelSelector;
      const keys = [
        ...Object.keys(record(selector.matchLabels)),
        ...list(selector.matchExpressions).map((expression) => expression?.key ?? ""),
      ];
      for (const key of keys.filter((k) => k !== NAMESPACE_NAME_LABEL && k !== tenants.namespaceLabel))
        findings.push({
          object: binding,
          field: "spec.matchResources.namespaceSelector",
          message: `selects by the label ${show(key)}: a namespace without it, or with it, escapes the policy.`,
        });
      if (Object.keys(record(match.objectSelector)).length > 0)
        findings.push({
          object: binding,
          field: "spec.matchResources.objectSelector",
          message: "selects objects by labels that their authors choose, so any object can escape the policy.",
          fix: "Remove objectSelector.",
        });
      if (list(match.excludeResourceRules as unknown[]).length > 0)
        findings.push({
          object: binding,
          field: "spec.matchResources.excludeResourceRules",
          message: "takes resources out of the policy.",
          fix: "Remove excludeResourceRules.",
        });
      return findings;
    }),
};

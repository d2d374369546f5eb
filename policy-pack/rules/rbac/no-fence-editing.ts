import { cis, nsa, owasp } from "../frameworks";
import { grantFindings, namesOf } from "../grant-findings";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "rbac/no-fence-editing",
  title: "No role that reaches a tenant changes what fences the tenant in.",
  severity: "critical",
  scope: "object",
  frameworks: [cis("5.1.12"), nsa("Authentication and authorization"), owasp("K03")],
  remediation: "Remove the writing verbs from the rule; the fences are changed through the program.",
  configuredBy: ["tenants", "platformNamespaces", "rbac"],
  check: (model, configuration) =>
    grantFindings(
      model,
      configuration,
      "fence",
      (given) => `the holder could change ${namesOf(given)}`,
      "Remove the writing verbs from the rule; these objects are changed through the program.",
    ),
};

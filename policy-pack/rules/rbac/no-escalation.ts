import { cis, nsa, owasp } from "../frameworks";
import { grantFindings, namesOf } from "../grant-findings";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "rbac/no-escalation",
  title: "No role that reaches a tenant lets its holder become someone else or widen a role.",
  severity: "critical",
  scope: "object",
  frameworks: [
    cis("5.1.8"),
    cis("5.1.10"),
    cis("5.1.11"),
    cis("5.1.13"),
    nsa("Authentication and authorization"),
    owasp("K03"),
  ],
  remediation: "Remove the verbs and resources from the rule.",
  configuredBy: ["tenants", "platformNamespaces", "rbac"],
  check: (model, configuration) =>
    grantFindings(
      model,
      configuration,
      "identity",
      (given) => `the holder could take rights that nobody gave them (${namesOf(given)})`,
      "Remove the verbs and resources from the rule.",
    ),
};

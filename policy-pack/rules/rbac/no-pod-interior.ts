import { nsa, owasp } from "../frameworks";
import { grantFindings, namesOf } from "../grant-findings";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "rbac/no-pod-interior",
  title: "No role that reaches a tenant enters pods or goes round the gateway.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Authentication and authorization"), owasp("K03")],
  remediation: "Remove exec, attach, portforward, proxy and ephemeralcontainers from the rule.",
  configuredBy: ["tenants", "platformNamespaces", "rbac"],
  check: (model, configuration) =>
    grantFindings(
      model,
      configuration,
      "interior",
      (given) => `the holder could reach ${namesOf(given)} past the gateway's keys and model list`,
      "Remove these subresources from the rule.",
    ),
};

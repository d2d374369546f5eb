import { cis, nsa, owasp } from "../frameworks";
import { grantFindings } from "../grant-findings";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "rbac/no-secret-access",
  title: "No role that reaches a tenant reads or writes Secrets.",
  severity: "critical",
  scope: "object",
  frameworks: [cis("5.1.2"), nsa("Authentication and authorization"), owasp("K03"), owasp("K08")],
  remediation: "Remove secrets from the rule's resources.",
  configuredBy: ["tenants", "platformNamespaces", "rbac"],
  check: (model, configuration) =>
    grantFindings(
      model,
      configuration,
      "secrets",
      () => "client keys and tokens could be read (list and watch show contents too) or replaced",
      "Remove secrets from the rule's resources.",
    ),
};

import { cis, owasp } from "../frameworks";
import { rulesOf, tenantRoles } from "../rbac-rules";
import type { Rule } from "../rule";
import { list } from "../select";

export const rule: Rule = {
  id: "rbac/no-wildcards",
  title: "No role that reaches a tenant uses a wildcard.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.3"), owasp("K03")],
  remediation: "List the API groups, resources and verbs that are needed.",
  check: (model) =>
    tenantRoles(model).flatMap((role) =>
      rulesOf(role).flatMap((policyRule, index) =>
        (["apiGroups", "resources", "verbs", "nonResourceURLs"] as const)
          .filter((field) => list(policyRule[field]).some((value) => typeof value !== "string" || value.includes("*")))
          .map((field) => ({
            object: role,
            field: `rules[${index}].${field}`,
            message: `contains ${list(policyRule[field])
              .filter((v) => typeof v !== "string" || v.includes("*"))
              .join(", ")}, which also gives rights that nobody has thought of.`,
          })),
      ),
    ),
};

import { ownRules } from "../../analysis/rbac/bindings";
import { CLUSTER } from "../../analysis/rbac/grants";
import { reachingRoles } from "../../analysis/rbac/parties";
import { cis, owasp } from "../frameworks";
import type { Rule } from "../rule";

type Field = "apiGroups" | "resources" | "verbs" | "nonResourceURLs";

/** Whether the authorizer reads a value as a wildcard; `pods/*` and the like it takes for names, which nothing has. */
function isWildcard(field: Field, value: string): boolean {
  if (value === "*") return true;
  if (field === "resources") return /^\*\/[^*]+$/.test(value);
  return field === "nonResourceURLs" && value.endsWith("*");
}

export const rule: Rule = {
  id: "rbac/no-wildcards",
  title: "No role that reaches a tenant uses a wildcard.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.3"), owasp("K03")],
  remediation: "List the API groups, resources and verbs that are needed.",
  configuredBy: ["tenants", "platformNamespaces", "rbac"],
  check: (model, configuration) =>
    reachingRoles(model, configuration).flatMap(({ role, scopes }) => {
      // Paths of the API server are opened by bindings for the whole cluster only.
      const fields: Field[] = ["apiGroups", "resources", "verbs"];
      if (scopes.includes(CLUSTER)) fields.push("nonResourceURLs");
      return ownRules(role).flatMap((policyRule, index) =>
        fields.flatMap((field) => {
          const wildcards = policyRule[field].filter((value) => isWildcard(field, value));
          if (wildcards.length === 0) return [];
          return [
            {
              object: role,
              field: `rules[${index}].${field}`,
              message: `contains ${wildcards.join(", ")}, which also gives rights that nobody has thought of.`,
            },
          ];
        }),
      );
    }),
};

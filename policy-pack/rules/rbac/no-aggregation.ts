import { show } from "../../model/fault";
import { owasp } from "../frameworks";
import { RBAC_GROUP } from "../../analysis/rbac/bindings";
import { reachingRoles } from "../../analysis/rbac/parties";
import type { Finding, Rule } from "../rule";

const PREFIX = "rbac.authorization.k8s.io/aggregate-to-";

export const rule: Rule = {
  id: "rbac/no-aggregation",
  title: "No role that reaches a tenant gathers its rules by labels, and no cluster role widens a built-in one.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K03")],
  remediation: "Write the rules into the role and remove aggregation rules and labels.",
  configuredBy: ["tenants", "platformNamespaces", "rbac"],
  check: (model, configuration) => [
    ...reachingRoles(model, configuration)
      .map(({ role }) => role)
      .filter((role) => role.object.aggregationRule !== undefined)
      .map((role) => ({
        object: role,
        field: "aggregationRule",
        message: "gathers rules from every cluster role with certain labels, those created later included.",
      })),
    ...model.of("ClusterRole", RBAC_GROUP).flatMap((role) =>
      Object.keys(role.object.metadata.labels ?? {})
        .filter((label) => label.startsWith(PREFIX))
        .map((label): Finding => ({
          object: role,
          field: `metadata.labels["${label}"]`,
          message: `is ${show(role.object.metadata.labels?.[label])}: it adds the role's rules to ${label.slice(PREFIX.length)}, for everybody who holds that anywhere.`,
          fix: "Remove the label and bind the role by itself.",
        })),
    ),
  ],
};

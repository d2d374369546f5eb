import { owasp } from "../frameworks";
import { bindings, RBAC_GROUP, roleOf, roleRefOf, showRole } from "../../analysis/rbac/bindings";
import { concernsTenants } from "../../analysis/rbac/parties";
import type { Rule } from "../rule";

/** Cluster roles of Kubernetes itself that a tenant may hold, and those that `rbac/no-built-in-roles` refuses. */
const builtIn = /^(view|edit|admin|cluster-admin|system:.*)$/;

export const rule: Rule = {
  id: "rbac/roles-declared",
  title: "Every binding that reaches a tenant refers to a role that is declared beside it.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K03")],
  remediation: "Declare the role in the same program, or remove the binding.",
  configuredBy: ["tenants", "platformNamespaces", "rbac"],
  check: (model, configuration) =>
    bindings(model)
      .filter(concernsTenants(model, configuration))
      .flatMap((binding) => {
        const { kind, name = "", apiGroup } = roleRefOf(binding);
        const known = roleOf(model, binding) !== undefined || (kind === "ClusterRole" && builtIn.test(name));
        if (known && (apiGroup === undefined || apiGroup === RBAC_GROUP)) return [];
        return [
          {
            object: binding,
            field: "roleRef",
            message: `refers to ${showRole(binding)}, which is not declared: whoever creates a role of that name later decides what the subjects may do.`,
          },
        ];
      }),
};

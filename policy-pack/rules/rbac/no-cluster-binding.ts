import { cis, nsa, owasp } from "../frameworks";
import { bindings, showRole, showSubject, subjectsOf, tenantPeople } from "../rbac-rules";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "rbac/no-cluster-binding",
  title: "No group or user of a tenant holds rights in every namespace.",
  severity: "critical",
  scope: "cluster",
  frameworks: [cis("5.1.1"), nsa("Authentication and authorization"), owasp("K03")],
  remediation:
    "Bind the role with RoleBindings in the tenant's namespaces; if the group is the platform's, list it under rbac.sharedGroups in the pack's configuration.",
  configuredBy: ["rbac", "tenants"],
  check: (model, { rbac }) => {
    const isTenants = tenantPeople(model, rbac.sharedGroups);
    return bindings(model)
      .filter((binding) => binding.object.kind === "ClusterRoleBinding")
      .flatMap((binding) =>
        subjectsOf(binding).flatMap((subject, index) =>
          isTenants(subject)
            ? [
                {
                  object: binding,
                  field: `subjects[${index}]`,
                  message: `is ${showSubject(subject)}, which belongs to a tenant: ${showRole(binding)} would hold in every other tenant's namespace too.`,
                },
              ]
            : [],
        ),
      );
  },
};

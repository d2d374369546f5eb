import type { ClusterModel } from "../../model/cluster-model";
import { cis, nsa, owasp } from "../frameworks";
import { bindings, showRole, showSubject, subjectsOf } from "../rbac-rules";
import type { Rule } from "../rule";
import { inTenantNamespace } from "../select";

/** Groups of people that hold a role in some tenant's namespace and are not the platform's. */
function tenantGroups(model: ClusterModel, sharedGroups: readonly string[]): Set<string> {
  const names = bindings(model)
    .filter((binding) => binding.object.kind === "RoleBinding" && inTenantNamespace(model, binding))
    .flatMap((binding) => subjectsOf(binding))
    .filter((subject) => subject.kind !== "ServiceAccount" && !sharedGroups.includes(subject.name ?? ""))
    .map((subject) => `${subject.kind} ${subject.name}`);
  return new Set(names);
}

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
    const groups = tenantGroups(model, rbac.sharedGroups);
    return bindings(model)
      .filter((binding) => binding.object.kind === "ClusterRoleBinding")
      .flatMap((binding) =>
        subjectsOf(binding).flatMap((subject, index) =>
          groups.has(`${subject.kind} ${subject.name}`)
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

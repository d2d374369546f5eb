import { bindings, isClusterBinding, roleRefOf, showRole, showSubject, subjectsOf } from "../../analysis/rbac/bindings";
import { clusterRights } from "../../analysis/rbac/findings";
import { partyOf, tenantPeople } from "../../analysis/rbac/parties";
import { rbacOf, RbacRefusal } from "../../analysis/rbac/rbac";
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import type { PackConfiguration } from "../../settings/settings";
import { cis, nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";

/** What a ClusterRoleBinding lets its subjects do to tenants; nothing for rights such as reading nodes. */
function rightsByBinding(model: ClusterModel, configuration: PackConfiguration): (binding: ModelObject) => string[] {
  // Most environments bind nobody from outside, and need no answer.
  let rights: ((binding: ModelObject) => string[]) | undefined;
  return (binding) => (rights ??= readRights(model, configuration))(binding);
}

function readRights(model: ClusterModel, configuration: PackConfiguration): (binding: ModelObject) => string[] {
  try {
    const rbac = rbacOf(model, configuration);
    return (binding) => {
      const { kind, name } = roleRefOf(binding);
      return clusterRights(rbac, rbac.rulesOf(String(kind), String(name), ""));
    };
  } catch (error) {
    if (!(error instanceof RbacRefusal)) throw error;
    // What cannot be seen may be everything.
    return () => ["which rights, nobody can tell"];
  }
}

export const rule: Rule = {
  id: "rbac/no-cluster-binding",
  title: "Nobody but the platform holds rights on tenants' objects in every namespace.",
  severity: "critical",
  scope: "cluster",
  frameworks: [cis("5.1.1"), nsa("Authentication and authorization"), owasp("K03")],
  remediation:
    "Bind the role with RoleBindings in the namespaces where it is needed; if the subject is the platform's, list its group under rbac.sharedGroups, or its namespace under platformNamespaces, in the pack's configuration.",
  configuredBy: ["rbac", "tenants", "platformNamespaces"],
  check: (model, configuration) => {
    const isTenants = tenantPeople(model, configuration.rbac.sharedGroups);
    const party = partyOf(model, configuration);
    const rightsOf = rightsByBinding(model, configuration);
    return bindings(model)
      .filter(isClusterBinding)
      .flatMap((binding) =>
        subjectsOf(binding).flatMap((subject, index): Finding[] => {
          const finding = (message: string): Finding[] => [{ object: binding, field: `subjects[${index}]`, message }];
          if (isTenants(subject))
            return finding(
              `is ${showSubject(subject)}, which belongs to a tenant: ${showRole(binding)} would hold in every other tenant's namespace too.`,
            );
          if (party(subject) !== "outside") return [];
          const [first, ...others] = rightsOf(binding);
          if (first === undefined) return [];
          const more = others.length === 0 ? "" : `, and ${others.length} more`;
          return finding(
            `is ${showSubject(subject)}, which is no tenant's and not listed as the platform's: by ${showRole(binding)} it would hold rights over every tenant (${first}${more}).`,
          );
        }),
      );
  },
};

import { nsa, owasp } from "../frameworks";
import { bindings, showSubject, subjectsOf } from "../../analysis/rbac/bindings";
import type { Finding, Rule } from "../rule";

export const rule: Rule = {
  id: "rbac/group-per-tenant",
  title: "A group or user holds rights in one tenant's namespaces only, unless it is listed as the platform's.",
  severity: "high",
  scope: "cluster",
  frameworks: [nsa("Authentication and authorization"), owasp("K03")],
  remediation:
    "Use one group per tenant, or list the group under rbac.sharedGroups in the pack's configuration if it operates the platform.",
  configuredBy: ["rbac", "tenants"],
  check: (model, { rbac }) => {
    const owners = new Map<string, string>();
    return bindings(model).flatMap((binding) => {
      const tenant = model.tenantOf(binding.namespace);
      if (tenant === undefined) return [];
      return subjectsOf(binding).flatMap((subject, index): Finding[] => {
        if (subject.kind === "ServiceAccount" || rbac.sharedGroups.includes(subject.name ?? "")) return [];
        const key = `${subject.kind} ${subject.name}`;
        const owner = owners.get(key) ?? tenant;
        owners.set(key, owner);
        if (owner === tenant) return [];
        return [
          {
            object: binding,
            field: `subjects[${index}]`,
            message: `is ${showSubject(subject)}, which also holds rights of tenant ${owner}: its members reach both.`,
          },
        ];
      });
    });
  },
};

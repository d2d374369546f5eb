import { cis, nsa, owasp } from "../frameworks";
import { bindings, showRole, serviceAccountNamespace, showSubject, subjectsOf } from "../../analysis/rbac/bindings";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "rbac/no-workload-rights",
  title: "No service account of a tenant holds any right on the Kubernetes API.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.5"), nsa("Authentication and authorization"), owasp("K03")],
  remediation:
    "Remove the subject; a model server needs nothing from the Kubernetes API. Give rights to groups of people.",
  configuredBy: ["tenants"],
  check: (model) =>
    bindings(model).flatMap((binding) =>
      subjectsOf(binding).flatMap((subject, index) => {
        const namespace = serviceAccountNamespace(subject);
        if (namespace === undefined || model.tenantOf(namespace) === undefined) return [];
        return [
          {
            object: binding,
            field: `subjects[${index}]`,
            message: `is ${showSubject(subject)}: a tenant's workload would hold ${showRole(binding)}${binding.object.kind === "ClusterRoleBinding" ? " in every namespace" : ""}.`,
          },
        ];
      }),
    ),
};

import { cis, nsa, owasp } from "../frameworks";
import { bindings, serviceAccountNamespace, showSubject, subjectsOf } from "../rbac-rules";
import type { Finding, Rule } from "../rule";
import { inTenantNamespace } from "../select";

export const rule: Rule = {
  id: "rbac/no-cross-tenant-subject",
  title: "No account of one tenant, or of an unlisted namespace, holds rights in another tenant's namespace.",
  severity: "critical",
  scope: "object",
  frameworks: [cis("5.7.1"), nsa("Authentication and authorization"), owasp("K03")],
  remediation: "Remove the subject from the binding.",
  configuredBy: ["tenants", "platformNamespaces"],
  check: (model, { platformNamespaces }) =>
    bindings(model)
      .filter((binding) => binding.object.kind === "RoleBinding" && inTenantNamespace(model, binding))
      .flatMap((binding) =>
        subjectsOf(binding).flatMap((subject, index): Finding[] => {
          const field = `subjects[${index}]`;
          if (subject.kind === "ServiceAccount" && (subject.namespace ?? "") === "")
            return [{ object: binding, field: `${field}.namespace`, message: "is missing for a service account." }];
          const namespace = serviceAccountNamespace(subject);
          if (namespace === undefined || namespace === binding.namespace) return [];
          // `default` is everybody's namespace: it is listed as a platform namespace, but nobody's account lives there.
          if (platformNamespaces.includes(namespace) && namespace !== "default") return [];
          const owner = model.tenantOf(namespace);
          if (owner !== undefined && owner === model.tenantOf(binding.namespace)) return [];
          return [
            {
              object: binding,
              field,
              message: `is ${showSubject(subject)}, of ${owner === undefined ? `namespace ${namespace}, which is neither this tenant's nor the platform's` : `tenant ${owner}`}: it would act in ${binding.namespace}.`,
            },
          ];
        }),
      ),
};

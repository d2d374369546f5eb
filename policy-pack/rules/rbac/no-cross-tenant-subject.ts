import {
  bindings,
  isClusterBinding,
  serviceAccountNamespace,
  showSubject,
  subjectsOf,
} from "../../analysis/rbac/bindings";
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { type Subject, UNKNOWN } from "../../model/kubernetes";
import { cis, nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { inTenantNamespace } from "../../readers/select";

const kinds = ["User", "Group", "ServiceAccount"];

/** Subjects that the API server refuses, so that the binding comes to nothing. */
function invalid(binding: ModelObject, { kind, name, namespace }: Subject, field: string): Finding[] {
  if (kind === "ServiceAccount" && namespace === undefined)
    return [
      {
        object: binding,
        field: `${field}.namespace`,
        message: `is missing for service account ${show(name)}: a ClusterRoleBinding has no namespace of its own, and the API server refuses it.`,
        fix: "Write the namespace of the account.",
      },
    ];
  if (kind === undefined || kind === UNKNOWN || kinds.includes(kind)) return [];
  return [
    {
      object: binding,
      field: `${field}.kind`,
      message: `is ${show(kind)}, which the API server refuses.`,
      fix: `Write one of ${kinds.join(", ")}.`,
    },
  ];
}

function foreign(
  model: ClusterModel,
  platformNamespaces: readonly string[],
  binding: ModelObject,
  subject: Subject,
  field: string,
): Finding[] {
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
}

export const rule: Rule = {
  id: "rbac/no-cross-tenant-subject",
  title: "No account of one tenant, or of an unlisted namespace, is bound in another tenant's namespace.",
  severity: "critical",
  scope: "object",
  frameworks: [cis("5.7.1"), nsa("Authentication and authorization"), owasp("K03")],
  remediation: "Remove the subject from the binding.",
  configuredBy: ["tenants", "platformNamespaces"],
  check: (model, { platformNamespaces }) =>
    bindings(model)
      .filter((binding) => isClusterBinding(binding) || inTenantNamespace(model, binding))
      .flatMap((binding) =>
        subjectsOf(binding).flatMap((subject, index): Finding[] => {
          const field = `subjects[${index}]`;
          const faults = invalid(binding, subject, field);
          if (faults.length > 0 || isClusterBinding(binding)) return faults;
          return foreign(model, platformNamespaces, binding, subject, field);
        }),
      ),
};

import { show } from "../../model/fault";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { namespaceObject, tenantPods } from "../../readers/select";

export const rule: Rule = {
  id: "namespaces/isolation-level",
  title: "Every tenant namespace names its isolation level, and its pods name the same.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Label the namespace with the tenant's isolation level, and its pods with the same value or none.",
  configuredBy: ["isolationLevels"],
  check: (model, { isolationLevels: { label } }) => {
    if (label === "") return [];
    const field = `metadata.labels["${label}"]`;
    const missing = model
      .tenantNamespaces()
      .filter((namespace) => namespace.object !== undefined && (namespace.labels[label] ?? "") === "")
      .map((namespace): Finding => ({
        object: namespaceObject(namespace),
        field,
        message: "is missing, so nothing says whether the tenant's pods may share nodes.",
      }));
    const unlike = model.tenantNamespaces().flatMap((namespace): Finding[] => {
      const own = namespace.labels[label] ?? "";
      const others = model.tenants.get(namespace.tenant ?? "") ?? [];
      const server = namespace.workspace ? others.find(({ workspace }) => !workspace) : undefined;
      if (own === "" || server === undefined || server.labels[label] === own) return [];
      return [
        {
          object: namespaceObject(namespace),
          field,
          message: `is ${show(own)}, but that of ${server.name} is ${show(server.labels[label])}: a workspace has its tenant's level.`,
        },
      ];
    });
    const differing = tenantPods(model).flatMap((pod): Finding[] => {
      const level = model.namespaces.get(pod.namespace)?.labels[label];
      const own = pod.labels[label];
      if (own === undefined || level === undefined || own === level) return [];
      return [
        {
          object: pod.source,
          field: `${pod.path.replace(/spec$/, "")}${field}`,
          message: `is ${show(own)}, but the namespace's is ${show(level)}: one of them was lowered alone.`,
        },
      ];
    });
    return [...missing, ...unlike, ...differing];
  },
};

import { containerDefaults, quotaLimits } from "../../readers/capacity";
import { nsa, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

/** Resources that the API server asks every pod for where a quota limits them; pods that do not say others count as 0. */
const mandatory = ["cpu", "memory"];

export const rule: Rule = {
  id: "capacity/limit-range",
  title: "Every tenant namespace with a quota has defaults for each resource that the quota counts by pod.",
  severity: "medium",
  scope: "cluster",
  frameworks: [nsa("Resource policies"), owasp("K01")],
  remediation: "Add a LimitRange with an item of type Container that sets default and defaultRequest.",
  check: (model) =>
    model.tenantNamespaces().flatMap((namespace) => {
      const defaults = containerDefaults(model, namespace.name);
      const limited = quotaLimits(model, namespace.name);
      const object =
        model.inNamespace(namespace.name).find((o) => o.object.kind === "LimitRange") ?? namespaceObject(namespace);
      return ["cpu", "memory", "ephemeral-storage"].flatMap((resource) =>
        (["requests", "limits"] as const)
          .filter((kind) => limited[`${kind}.${resource}`] !== undefined && defaults[kind]?.[resource] === undefined)
          .map((kind) => ({
            object,
            field: `spec.limits[type=Container].${kind === "requests" ? "defaultRequest" : "default"}.${resource}`,
            message: `is missing, but the quota limits ${kind}.${resource}: a pod that does not say its ${resource} ${mandatory.includes(resource) ? "would be refused" : "would be let in and count as nothing, so that the quota bounds nothing"}.`,
          })),
      );
    }),
};

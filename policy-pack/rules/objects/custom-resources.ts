import { isKnownKind } from "../../model/known-kinds";
import { groupOf, isClusterScoped, isKubernetesGroup, kindName } from "../../model/scope";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { inTenantNamespace } from "../../readers/select";

export const rule: Rule = {
  id: "objects/custom-resources",
  title: "Objects in tenants' namespaces are of kinds that the pack knows, or whose effect the configuration accepts.",
  severity: "medium",
  scope: "object",
  frameworks: [owasp("K04")],
  remediation:
    "Remove the object, or list its kind as `Kind.group` under knownCustomResources in the pack's configuration once its effect on isolation is understood.",
  configuredBy: ["knownCustomResources"],
  check: (model, { knownCustomResources }) =>
    model.objects
      .filter((object) => object.opaque === undefined && inTenantNamespace(model, object))
      .filter(({ object: { kind, apiVersion } }) => {
        const known = isKnownKind(kind, apiVersion) || isClusterScoped(kind, apiVersion);
        return !known && !knownCustomResources.includes(kindName(kind, apiVersion));
      })
      .map((object) => {
        const { kind, apiVersion } = object.object;
        return {
          object,
          field: "kind",
          message: isKubernetesGroup(groupOf(apiVersion))
            ? `is ${kindName(kind, apiVersion)} of Kubernetes, which no rule knows: what it does to isolation has not been judged.`
            : `is the custom resource ${kindName(kind, apiVersion)}, whose controller may create pods, policies or routes that no rule sees.`,
        };
      }),
};

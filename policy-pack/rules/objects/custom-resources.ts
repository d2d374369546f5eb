import { groupOf, isKubernetesGroup, kindName } from "../../model/scope";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { inTenantNamespace } from "../../readers/select";

export const rule: Rule = {
  id: "objects/custom-resources",
  title: "Custom resources in tenants' namespaces are of kinds whose effect the configuration accepts.",
  severity: "medium",
  scope: "object",
  frameworks: [owasp("K04")],
  remediation:
    "Remove the object, or list its kind as `Kind.group` under knownCustomResources in the pack's configuration once its effect on isolation is understood.",
  configuredBy: ["knownCustomResources"],
  check: (model, { knownCustomResources }) =>
    model.objects
      .filter((object) => object.opaque === undefined && inTenantNamespace(model, object))
      .filter(({ object }) => {
        return (
          !isKubernetesGroup(groupOf(object.apiVersion)) &&
          !knownCustomResources.includes(kindName(object.kind, object.apiVersion))
        );
      })
      .map((object) => ({
        object,
        field: "kind",
        message: `is the custom resource ${kindName(object.object.kind, object.object.apiVersion)}, whose controller may create pods, policies or routes that no rule sees.`,
      })),
};

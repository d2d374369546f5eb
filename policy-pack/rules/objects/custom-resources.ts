import { groupOf, kindName } from "../../model/scope";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { inTenantNamespace } from "../select";

/** Groups whose kinds the rules know. Kubernetes' own groups are the core group, those without a dot, and `*.k8s.io`. */
const knownGroups = [/^[^.]*$/, /\.k8s\.io$/];
/** Groups under `*.k8s.io` and others that are extensions with an effect of their own. */
const extensionGroups = [/\.x-k8s\.io$/];

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
        const group = groupOf(object.apiVersion);
        const builtIn = knownGroups.some((g) => g.test(group)) && !extensionGroups.some((g) => g.test(group));
        return !builtIn && !knownCustomResources.includes(kindName(object.kind, object.apiVersion));
      })
      .map((object) => ({
        object,
        field: "kind",
        message: `is the custom resource ${kindName(object.object.kind, object.object.apiVersion)}, whose controller may create pods, policies or routes that no rule sees.`,
      })),
};

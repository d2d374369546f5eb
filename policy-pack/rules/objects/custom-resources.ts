import { groupOf, kindName } from "../../model/scope";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { inTenantNamespace } from "../../readers/select";

/**
 * Groups whose kinds the rules know: the API server's own, of which those without a dot are a part, and the Gateway API.
 * Other groups under `k8s.io`, such as those of snapshots and of the vertical autoscaler, are extensions.
 */
const knownGroups = new Set([
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "gateway.networking.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
]);

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
        const builtIn = !group.includes(".") || knownGroups.has(group);
        return !builtIn && !knownCustomResources.includes(kindName(object.kind, object.apiVersion));
      })
      .map((object) => ({
        object,
        field: "kind",
        message: `is the custom resource ${kindName(object.object.kind, object.object.apiVersion)}, whose controller may create pods, policies or routes that no rule sees.`,
      })),
};

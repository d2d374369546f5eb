import { cis, nsa, owasp } from "../frameworks";
import { grantFindings, grants, RBAC_GROUP, writeVerbs } from "../rbac-rules";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "rbac/no-fence-editing",
  title: "No role that reaches a tenant changes what fences the tenant in.",
  severity: "critical",
  scope: "object",
  frameworks: [cis("5.1.12"), nsa("Authentication and authorization"), owasp("K03")],
  remediation: "Remove the writing verbs from the rule; the fences are changed through the program.",
  check: (model) =>
    grantFindings(
      grants(model, [
        {
          group: "",
          resources: [
            "namespaces",
            "resourcequotas",
            "limitranges",
            "serviceaccounts",
            "configmaps",
            "services",
            "endpoints",
            "persistentvolumes",
            "persistentvolumeclaims",
            "nodes",
          ],
          verbs: writeVerbs,
        },
        { group: "networking.k8s.io", resources: ["networkpolicies", "ingresses"], verbs: writeVerbs },
        {
          group: "gateway.networking.k8s.io",
          resources: ["httproutes", "grpcroutes", "referencegrants"],
          verbs: writeVerbs,
        },
        { group: "discovery.k8s.io", resources: ["endpointslices"], verbs: writeVerbs },
        {
          group: RBAC_GROUP,
          resources: ["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
          verbs: writeVerbs,
        },
        {
          group: "admissionregistration.k8s.io",
          resources: [
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
            "validatingwebhookconfigurations",
            "mutatingwebhookconfigurations",
          ],
          verbs: writeVerbs,
        },
        // A budget that lets no pod go keeps nodes from being drained; an autoscaler asks for all that the quota has.
        { group: "policy", resources: ["poddisruptionbudgets"], verbs: writeVerbs },
        { group: "autoscaling", resources: ["horizontalpodautoscalers"], verbs: writeVerbs },
        { group: "karpenter.sh", resources: ["nodepools", "nodeclaims"], verbs: writeVerbs },
        {
          group: "resource.k8s.io",
          resources: ["resourceclaims", "resourceslices", "deviceclasses"],
          verbs: writeVerbs,
        },
      ]),
      "the holder could open the tenant's policies, quotas, model list or rights",
      "Remove the writing verbs from the rule; these objects are changed through the program.",
    ),
};

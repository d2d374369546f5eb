/** Resources of the API outside namespaces, and those that only answer questions. */

/** Plural names by group. Resources that are not listed count as namespaced, which is the graver case. */
const clusterWide: Readonly<Record<string, readonly string[]>> = {
  "": ["nodes", "namespaces", "persistentvolumes", "componentstatuses"],
  "admissionregistration.k8s.io": [
    "validatingwebhookconfigurations",
    "mutatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
  ],
  "apiextensions.k8s.io": ["customresourcedefinitions"],
  "apiregistration.k8s.io": ["apiservices"],
  "certificates.k8s.io": ["certificatesigningrequests", "clustertrustbundles", "signers"],
  "flowcontrol.apiserver.k8s.io": ["flowschemas", "prioritylevelconfigurations"],
  "internal.apiserver.k8s.io": ["storageversions"],
  "networking.k8s.io": ["ingressclasses", "ipaddresses", "servicecidrs"],
  "gateway.networking.k8s.io": ["gatewayclasses"],
  "node.k8s.io": ["runtimeclasses"],
  "rbac.authorization.k8s.io": ["clusterroles", "clusterrolebindings"],
  "resource.k8s.io": ["deviceclasses", "resourceslices", "devicetaintrules"],
  "scheduling.k8s.io": ["priorityclasses"],
  "storage.k8s.io": ["storageclasses", "volumeattachments", "csidrivers", "csinodes", "volumeattributesclasses"],
  "storagemigration.k8s.io": ["storageversionmigrations"],
  "policy.networking.k8s.io": ["adminnetworkpolicies", "baselineadminnetworkpolicies", "clusternetworkpolicies"],
  "karpenter.sh": ["nodepools", "nodeclaims", "nodeoverlays"],
  "karpenter.k8s.aws": ["ec2nodeclasses"],
  "karpenter.azure.com": ["aksnodeclasses"],
  "cloud.google.com": ["computeclasses"],
  "metrics.k8s.io": ["nodes"],
};

/** Requests that change nothing and tell the caller about itself, or check somebody's credentials. */
const reviews: Readonly<Record<string, readonly string[]>> = {
  "authorization.k8s.io": ["selfsubjectaccessreviews", "selfsubjectrulesreviews", "subjectaccessreviews"],
  "authentication.k8s.io": ["selfsubjectreviews", "tokenreviews"],
};

/** Whether objects of the resource live outside namespaces. Subresources follow their resource. */
export function isClusterWide(apiGroup: string, resource: string): boolean {
  return (clusterWide[apiGroup] ?? []).includes(resource.split("/")[0] ?? "");
}

/** Whether the resource only answers a question of the caller. */
export function isReview(apiGroup: string, resource: string): boolean {
  return (reviews[apiGroup] ?? []).includes(resource);
}

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
  "resource.k8s.io": ["deviceclasses", "resourceslices", "devicetaintrules", "resourcepoolstatusrequests"],
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

/** Requests that change nothing and tell the caller about itself, or check someone's credentials. */
const reviews: Readonly<Record<string, readonly string[]>> = {
  "authorization.k8s.io": [
    "selfsubjectaccessreviews",
    "selfsubjectrulesreviews",
    "subjectaccessreviews",
    "localsubjectaccessreviews",
  ],
  "authentication.k8s.io": ["selfsubjectreviews", "tokenreviews"],
};

/** Resources that only impersonation asks about, by the name of whom it is; accounts alone have a namespace. */
const identities: Readonly<Record<string, readonly string[]>> = {
  "": ["users", "groups"],
  "authentication.k8s.io": ["users", "groups", "uids", "userextras", "nodes"],
};

/**
 * Whether objects of the resource live outside namespaces. Subresources follow their resource. The group `*` is every
 * group: true if all that is known by the name lives there.
 */
export function isClusterWide(apiGroup: string, resource: string): boolean {
  const [name = ""] = resource.split("/");
  const within = (group: string): boolean =>
    (clusterWide[group] ?? []).includes(name) || (identities[group] ?? []).includes(name);
  return apiGroup === "*" ? [...Object.keys(clusterWide), ...Object.keys(identities)].some(within) : within(apiGroup);
}

/**
 * Whether it is the Namespace object, which lives outside namespaces, but whose requests by name the API server
 * authorizes in the namespace of that name.
 */
export function isNamespaceObject(apiGroup: string, resource: string): boolean {
  return (apiGroup === "" || apiGroup === "*") && resource.split("/")[0] === "namespaces";
}

/** Whether the resource only answers a question of the caller. */
export function isReview(apiGroup: string, resource: string): boolean {
  return (reviews[apiGroup] ?? []).includes(resource);
}

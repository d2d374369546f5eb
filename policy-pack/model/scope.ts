/** Which kinds and groups are those of Kubernetes, and which kinds live outside namespaces. */

const clusterScopedKinds = new Set([
  "Namespace",
  "Node",
  "PersistentVolume",
  "ComponentStatus",
  "ClusterRole.rbac.authorization.k8s.io",
  "ClusterRoleBinding.rbac.authorization.k8s.io",
  "StorageClass.storage.k8s.io",
  "VolumeAttachment.storage.k8s.io",
  "VolumeAttributesClass.storage.k8s.io",
  "CSIDriver.storage.k8s.io",
  "CSINode.storage.k8s.io",
  "PriorityClass.scheduling.k8s.io",
  "RuntimeClass.node.k8s.io",
  "IngressClass.networking.k8s.io",
  "ServiceCIDR.networking.k8s.io",
  "IPAddress.networking.k8s.io",
  "GatewayClass.gateway.networking.k8s.io",
  "AdminNetworkPolicy.policy.networking.k8s.io",
  "BaselineAdminNetworkPolicy.policy.networking.k8s.io",
  "ClusterNetworkPolicy.policy.networking.k8s.io",
  "CustomResourceDefinition.apiextensions.k8s.io",
  "APIService.apiregistration.k8s.io",
  "ValidatingAdmissionPolicy.admissionregistration.k8s.io",
  "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io",
  "MutatingAdmissionPolicy.admissionregistration.k8s.io",
  "MutatingAdmissionPolicyBinding.admissionregistration.k8s.io",
  "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
  "MutatingWebhookConfiguration.admissionregistration.k8s.io",
  "CertificateSigningRequest.certificates.k8s.io",
  "ClusterTrustBundle.certificates.k8s.io",
  "FlowSchema.flowcontrol.apiserver.k8s.io",
  "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io",
  "DeviceClass.resource.k8s.io",
  "ResourceSlice.resource.k8s.io",
  "DeviceTaintRule.resource.k8s.io",
  "ResourcePoolStatusRequest.resource.k8s.io",
  "StorageVersion.internal.apiserver.k8s.io",
  "StorageVersionMigration.storagemigration.k8s.io",
  "NodePool.karpenter.sh",
  "NodeClaim.karpenter.sh",
  "NodeOverlay.karpenter.sh",
  "KWOKNodeClass.karpenter.kwok.sh",
  "EC2NodeClass.karpenter.k8s.aws",
  "AKSNodeClass.karpenter.azure.com",
  "ComputeClass.cloud.google.com",
]);

/** API group of an `apiVersion`: `apps` of `apps/v1`, empty for the core group's `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** `Kind` in the core group, `Kind.group` elsewhere: one name per kind, whatever its version. */
export function kindName(kind: string, apiVersion: string): string {
  const group = groupOf(apiVersion);
  return group === "" ? kind : `${kind}.${group}`;
}

/** Whether objects of this kind have no namespace. Kinds that Kubernetes and the pools' controllers do not define are namespaced. */
export function isClusterScoped(kind: string, apiVersion: string): boolean {
  return clusterScopedKinds.has(kindName(kind, apiVersion));
}

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
  "internal.apiserver.k8s.io",
  "lifecycle.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);

/** Whether a group is one of Kubernetes itself, or the Gateway API. */
export function isKubernetesGroup(group: string): boolean {
  return !group.includes(".") || knownGroups.has(group);
}

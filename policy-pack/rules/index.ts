/** Every rule of the pack, by area. */
import { rule as namespacesAdmissionExemptions } from "./namespaces/admission-exemptions";
import { rule as namespacesDeclared } from "./namespaces/declared";
import { rule as namespacesIsolationLevel } from "./namespaces/isolation-level";
import { rule as namespacesOwner } from "./namespaces/owner";
import { rule as namespacesWorkspace } from "./namespaces/workspace";
import { rule as namespacesPodSecurityLabels } from "./namespaces/pod-security-labels";
import { rule as networkDefaultDeny } from "./network/default-deny";
import { rule as networkDnsAllowed } from "./network/dns-allowed";
import { rule as networkEndpoints } from "./network/endpoints";
import { rule as networkExternalRanges } from "./network/external-ranges";
import { rule as networkHostNames } from "./network/host-names";
import { rule as networkHostNetworkPeers } from "./network/host-network-peers";
import { rule as networkIngressAnnotations } from "./network/ingress-annotations";
import { rule as networkIngressTls } from "./network/ingress-tls";
import { rule as networkIpBlocks } from "./network/ip-blocks";
import { rule as networkListeners } from "./network/listeners";
import { rule as networkNoCrossTenantPeer } from "./network/no-cross-tenant-peer";
import { rule as networkOpenRules } from "./network/open-rules";
import { rule as networkOverridingPolicies } from "./network/overriding-policies";
import { rule as networkPlatformPeers } from "./network/platform-peers";
import { rule as networkPortsNamed } from "./network/ports-named";
import { rule as networkRoutePaths } from "./network/route-paths";
import { rule as networkRoutes } from "./network/routes";
import { rule as networkSelectedPods } from "./network/selected-pods";
import { rule as networkSelectors } from "./network/selectors";
import { rule as networkServiceTypes } from "./network/service-types";
import { rule as networkTenantReachability } from "./network/tenant-reachability";
import { rule as rbacClosure } from "./rbac/closure";
import { rule as rbacGroupPerTenant } from "./rbac/group-per-tenant";
import { rule as rbacNoAggregation } from "./rbac/no-aggregation";
import { rule as rbacNoBroadGroups } from "./rbac/no-broad-groups";
import { rule as rbacNoBuiltInRoles } from "./rbac/no-built-in-roles";
import { rule as rbacNoCloudIdentity } from "./rbac/no-cloud-identity";
import { rule as rbacNoClusterBinding } from "./rbac/no-cluster-binding";
import { rule as rbacNoCrossTenantSubject } from "./rbac/no-cross-tenant-subject";
import { rule as rbacNoEscalation } from "./rbac/no-escalation";
import { rule as rbacNoFenceEditing } from "./rbac/no-fence-editing";
import { rule as rbacNoPodInterior } from "./rbac/no-pod-interior";
import { rule as rbacNoSecretAccess } from "./rbac/no-secret-access";
import { rule as rbacNoWildcards } from "./rbac/no-wildcards";
import { rule as rbacNoWorkloadRights } from "./rbac/no-workload-rights";
import { rule as rbacNoWorkloadWriting } from "./rbac/no-workload-writing";
import { rule as rbacRolesDeclared } from "./rbac/roles-declared";
import { rule as podsApparmor } from "./pods/apparmor";
import { rule as podsCapabilities } from "./pods/capabilities";
import { rule as podsContainersKnown } from "./pods/containers-known";
import { rule as podsHostNamespaces } from "./pods/host-namespaces";
import { rule as podsHostPorts } from "./pods/host-ports";
import { rule as podsHostProcess } from "./pods/host-process";
import { rule as podsOwnServiceAccount } from "./pods/own-service-account";
import { rule as podsPrivilegeEscalation } from "./pods/privilege-escalation";
import { rule as podsPrivileged } from "./pods/privileged";
import { rule as podsProbeHosts } from "./pods/probe-hosts";
import { rule as podsProcMount } from "./pods/proc-mount";
import { rule as podsProcessNamespace } from "./pods/process-namespace";
import { rule as podsReadOnlyRoot } from "./pods/read-only-root";
import { rule as podsRunAsNonRoot } from "./pods/run-as-non-root";
import { rule as podsSeccomp } from "./pods/seccomp";
import { rule as podsSelinux } from "./pods/selinux";
import { rule as podsServiceAccountToken } from "./pods/service-account-token";
import { rule as podsSysctls } from "./pods/sysctls";
import { rule as podsVolumeTypes } from "./pods/volume-types";
import { rule as placementDeviceClaims } from "./placement/device-claims";
import { rule as placementGpuAmounts } from "./placement/gpu-amounts";
import { rule as placementGpuPods } from "./placement/gpu-pods";
import { rule as placementGpuRuntime } from "./placement/gpu-runtime";
import { rule as placementGpuSharing } from "./placement/gpu-sharing";
import { rule as placementGpuVisibility } from "./placement/gpu-visibility";
import { rule as placementIsolationLevel } from "./placement/isolation-level";
import { rule as placementNodeName } from "./placement/node-name";
import { rule as placementOwnPools } from "./placement/own-pools";
import { rule as placementPodAffinity } from "./placement/pod-affinity";
import { rule as placementPoolAgents } from "./placement/pool-agents";
import { rule as placementPoolDisruption } from "./placement/pool-disruption";
import { rule as placementPoolFences } from "./placement/pool-fences";
import { rule as placementPoolLimits } from "./placement/pool-limits";
import { rule as placementPoolToleration } from "./placement/pool-toleration";
import { rule as placementPriority } from "./placement/priority";
import { rule as placementTolerations } from "./placement/tolerations";
import { rule as capacityAffinityScope } from "./capacity/affinity-scope";
import { rule as capacityApiPriority } from "./capacity/api-priority";
import { rule as capacityAutoscalerMetrics } from "./capacity/autoscaler-metrics";
import { rule as capacityAutoscalerTarget } from "./capacity/autoscaler-target";
import { rule as capacityClaimsFitQuota } from "./capacity/claims-fit-quota";
import { rule as capacityContainerResources } from "./capacity/container-resources";
import { rule as capacityDisruptionBudget } from "./capacity/disruption-budget";
import { rule as capacityFitsQuota } from "./capacity/fits-quota";
import { rule as capacityGpuResourcesLimited } from "./capacity/gpu-resources-limited";
import { rule as capacityLimitRange } from "./capacity/limit-range";
import { rule as capacityLimitRangeFits } from "./capacity/limit-range-fits";
import { rule as capacityPoolCoversQuotas } from "./capacity/pool-covers-quotas";
import { rule as capacityPriorityScope } from "./capacity/priority-scope";
import { rule as capacityQuota } from "./capacity/quota";
import { rule as capacityQuotaCeiling } from "./capacity/quota-ceiling";
import { rule as capacityScratchLimited } from "./capacity/scratch-limited";
import { rule as storageBackingNotShared } from "./storage/backing-not-shared";
import { rule as storageClaimsOwnVolume } from "./storage/claims-own-volume";
import { rule as storageInlineDrivers } from "./storage/inline-drivers";
import { rule as storageNoForeignSource } from "./storage/no-foreign-source";
import { rule as storageNoHostPath } from "./storage/no-host-path";
import { rule as storageOneTenantPerVolume } from "./storage/one-tenant-per-volume";
import { rule as storageViewReadOnly } from "./storage/view-read-only";
import { rule as storageVolumeReserved } from "./storage/volume-reserved";
import { rule as secretsFilesNotVariables } from "./secrets/files-not-variables";
import { rule as secretsNoTokenSecrets } from "./secrets/no-token-secrets";
import { rule as secretsNotInConfigMaps } from "./secrets/not-in-config-maps";
import { rule as secretsNotInEnvironment } from "./secrets/not-in-environment";
import { rule as modelsAccessList } from "./models/access-list";
import { rule as modelsGatewayFiles } from "./models/gateway-files";
import { rule as modelsGatewayPresent } from "./models/gateway-present";
import { rule as modelsGatewayTls } from "./models/gateway-tls";
import { rule as modelsGatewayTokens } from "./models/gateway-tokens";
import { rule as modelsLoopbackOnly } from "./models/loopback-only";
import { rule as modelsReadOnlyStore } from "./models/read-only-store";
import { rule as modelsServerEnvironment } from "./models/server-environment";
import { rule as modelsServerPorts } from "./models/server-ports";
import { rule as imagesPinned } from "./images/pinned";
import { rule as imagesPullPolicy } from "./images/pull-policy";
import { rule as imagesRegistries } from "./images/registries";
import { rule as admissionFailClosed } from "./admission/fail-closed";
import { rule as admissionGuardContent } from "./admission/guard-content";
import { rule as admissionGuardPresent } from "./admission/guard-present";
import { rule as admissionKnownMutations } from "./admission/known-mutations";
import { rule as admissionNoExceptions } from "./admission/no-exceptions";
import { rule as admissionNoOutsideMutation } from "./admission/no-outside-mutation";
import { rule as admissionNoTenantWebhook } from "./admission/no-tenant-webhook";
import { rule as objectsCustomResources } from "./objects/custom-resources";
import { rule as objectsExplicitNamespace } from "./objects/explicit-namespace";
import { rule as objectsKnownValues } from "./objects/known-values";
import { rule as objectsOneCluster } from "./objects/one-cluster";
import { rule as objectsSingleDefinition } from "./objects/single-definition";
import { rule as objectsVisible } from "./objects/visible";
import type { Rule } from "./rule";

export const rules: readonly Rule[] = [
  namespacesAdmissionExemptions,
  namespacesDeclared,
  namespacesIsolationLevel,
  namespacesOwner,
  namespacesWorkspace,
  namespacesPodSecurityLabels,
  networkDefaultDeny,
  networkDnsAllowed,
  networkEndpoints,
  networkExternalRanges,
  networkHostNames,
  networkHostNetworkPeers,
  networkIngressAnnotations,
  networkIngressTls,
  networkIpBlocks,
  networkListeners,
  networkNoCrossTenantPeer,
  networkOpenRules,
  networkOverridingPolicies,
  networkPlatformPeers,
  networkPortsNamed,
  networkRoutePaths,
  networkRoutes,
  networkSelectedPods,
  networkSelectors,
  networkServiceTypes,
  networkTenantReachability,
  rbacClosure,
  rbacGroupPerTenant,
  rbacNoAggregation,
  rbacNoBroadGroups,
  rbacNoBuiltInRoles,
  rbacNoCloudIdentity,
  rbacNoClusterBinding,
  rbacNoCrossTenantSubject,
  rbacNoEscalation,
  rbacNoFenceEditing,
  rbacNoPodInterior,
  rbacNoSecretAccess,
  rbacNoWildcards,
  rbacNoWorkloadRights,
  rbacNoWorkloadWriting,
  rbacRolesDeclared,
  podsApparmor,
  podsCapabilities,
  podsContainersKnown,
  podsHostNamespaces,
  podsHostPorts,
  podsHostProcess,
  podsOwnServiceAccount,
  podsPrivilegeEscalation,
  podsPrivileged,
  podsProbeHosts,
  podsProcMount,
  podsProcessNamespace,
  podsReadOnlyRoot,
  podsRunAsNonRoot,
  podsSeccomp,
  podsSelinux,
  podsServiceAccountToken,
  podsSysctls,
  podsVolumeTypes,
  placementDeviceClaims,
  placementGpuAmounts,
  placementGpuPods,
  placementGpuRuntime,
  placementGpuSharing,
  placementGpuVisibility,
  placementIsolationLevel,
  placementNodeName,
  placementOwnPools,
  placementPodAffinity,
  placementPoolAgents,
  placementPoolDisruption,
  placementPoolFences,
  placementPoolLimits,
  placementPoolToleration,
  placementPriority,
  placementTolerations,
  capacityAffinityScope,
  capacityApiPriority,
  capacityAutoscalerMetrics,
  capacityAutoscalerTarget,
  capacityClaimsFitQuota,
  capacityContainerResources,
  capacityDisruptionBudget,
  capacityFitsQuota,
  capacityGpuResourcesLimited,
  capacityLimitRange,
  capacityLimitRangeFits,
  capacityPoolCoversQuotas,
  capacityPriorityScope,
  capacityQuota,
  capacityQuotaCeiling,
  capacityScratchLimited,
  storageBackingNotShared,
  storageClaimsOwnVolume,
  storageInlineDrivers,
  storageNoForeignSource,
  storageNoHostPath,
  storageOneTenantPerVolume,
  storageViewReadOnly,
  storageVolumeReserved,
  secretsFilesNotVariables,
  secretsNoTokenSecrets,
  secretsNotInConfigMaps,
  secretsNotInEnvironment,
  modelsAccessList,
  modelsGatewayPresent,
  modelsGatewayFiles,
  modelsGatewayTls,
  modelsGatewayTokens,
  modelsLoopbackOnly,
  modelsReadOnlyStore,
  modelsServerEnvironment,
  modelsServerPorts,
  imagesPinned,
  imagesPullPolicy,
  imagesRegistries,
  admissionFailClosed,
  admissionGuardContent,
  admissionGuardPresent,
  admissionKnownMutations,
  admissionNoExceptions,
  admissionNoOutsideMutation,
  admissionNoTenantWebhook,
  objectsCustomResources,
  objectsExplicitNamespace,
  objectsKnownValues,
  objectsOneCluster,
  objectsSingleDefinition,
  objectsVisible,
];

/**
 * The declaration of an environment: what a stack config and its tenant files say, and what the components take as
 * arguments. These interfaces are the public API: Pulumi infers the package schema from them, so they are named
 * interfaces without unions, and each property documents its meaning, unit and default in prose.
 *
 * Each concept has a file with its interface, defaults, checks and resolved form. The way of a declaration is one: its
 * shape (JSON Schema), its checks, its resolved form, what fits into what, and then the plan.
 */
export type { AccessSpec } from "./access";
export type { AutoscalingSpec } from "./autoscaling";
export type { BudgetSpec } from "./budget";
export type { ClientSpec, ServiceAccountReference } from "./clients";
export type { ClusterSpec } from "./cluster";
export type { DnsSpec } from "./dns";
export { GuardMode, type GuardSpec } from "./guard";
export type { ImagesSpec } from "./images";
export type { IngressSpec, GatewayListenerSpec } from "./ingress";
export type { ModelSpec } from "../models/catalogue";
export type { ModelAccessSpec } from "./model-access";
export {
  ModelStoreMode,
  StoreAccessMode,
  type ModelStoreSpec,
  type StoreVolumeSpec,
  type NfsVolumeSpec,
  type CsiVolumeSpec,
  type LocalVolumeSpec,
  type StoreRegistrySpec,
  type StoreProxySpec,
} from "./model-store";
export type { MonitorSpec } from "./monitor";
export { Protocol, type NetworkSpec, type EgressRule, type PortSpec } from "./network";
export {
  NodePoolBackend,
  type AwsNodesSpec,
  type AzureNodesSpec,
  type GkeNodesSpec,
  type ClusterApiNodesSpec,
  type TemplateReference,
} from "./node-pool/backend";
export type { GpuSpec } from "./node-pool/gpu";
export type { DisruptionSpec, DisruptionBudgetSpec } from "./node-pool/disruption";
export type { NodeAmountsSpec } from "./node-pool/nodes";
export type { NodePoolSpec, NodePoolLimits, NodeRequirement } from "./node-pool/pool";
export type { TaintSpec } from "./node-pool/taints";
export { NodePoolTenancy } from "./node-pool/tenancy";
export type { ClusterPeer, PodPeer } from "./peer";
export { IsolationLevel } from "./placement";
export type { PlatformSpec, TenantArgs } from "./platform";
export type { QuotaSpec } from "./quota";
export { SecretType, type TenantSecretSpec } from "./secrets";
export type { ServerLimitsSpec } from "./limits";
export { UnavailableLimits, type SharedLimitsSpec } from "./shared-limits";
export type { ServerSpec, ServerTlsSpec } from "./server";
export type { TenantSpec } from "./tenant";
export type { TenantIngressSpec } from "./tenant-ingress";
export type { WorkspaceSpec, WorkspaceQuotaSpec } from "./workspace";
export {
  JsonWebKeyType,
  type ServiceAccountIssuerSpec,
  type JsonWebKeySetSpec,
  type JsonWebKeySpec,
} from "./token-issuer";

/**
 * Kubernetes objects as plain data. The field types are the Kubernetes API's own, taken from the provider's type
 * declarations (types only: nothing of it is loaded at run time).
 */
import type { types } from "@pulumi/kubernetes";
import type { Unwrap } from "@pulumi/pulumi";

/** Metadata that the plan sets. */
export interface ObjectMeta {
  name: string;
  /** Absent on cluster-scoped objects. */
  namespace?: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Any Kubernetes object of the plan. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

export type PodSpec = Unwrap<types.input.core.v1.PodSpec>;
export type Container = Unwrap<types.input.core.v1.Container>;
export type EnvVar = Unwrap<types.input.core.v1.EnvVar>;
export type Volume = Unwrap<types.input.core.v1.Volume>;
export type VolumeMount = Unwrap<types.input.core.v1.VolumeMount>;
export type Toleration = Unwrap<types.input.core.v1.Toleration>;
export type NetworkPolicyPeer = Unwrap<types.input.networking.v1.NetworkPolicyPeer>;
export type NetworkPolicyPort = Unwrap<types.input.networking.v1.NetworkPolicyPort>;
export type NetworkPolicySpec = Unwrap<types.input.networking.v1.NetworkPolicySpec>;
export type PolicyRule = Unwrap<types.input.rbac.v1.PolicyRule>;

export interface Namespace extends KubernetesObject {
  kind: "Namespace";
}

export interface ServiceAccount extends KubernetesObject {
  kind: "ServiceAccount";
  automountServiceAccountToken: boolean;
}

export interface Role extends KubernetesObject {
  kind: "Role";
  rules: PolicyRule[];
}

export interface RoleBinding extends KubernetesObject {
  kind: "RoleBinding";
  roleRef: Unwrap<types.input.rbac.v1.RoleRef>;
  subjects: Unwrap<types.input.rbac.v1.Subject>[];
}

export interface NetworkPolicy extends KubernetesObject {
  kind: "NetworkPolicy";
  spec: NetworkPolicySpec;
}

export interface ResourceQuota extends KubernetesObject {
  kind: "ResourceQuota";
  spec: Unwrap<types.input.core.v1.ResourceQuotaSpec>;
}

export interface LimitRange extends KubernetesObject {
  kind: "LimitRange";
  spec: Unwrap<types.input.core.v1.LimitRangeSpec>;
}

export interface PriorityClass extends KubernetesObject {
  kind: "PriorityClass";
  value: number;
  globalDefault: boolean;
  preemptionPolicy: string;
  description: string;
}

export interface ConfigMap extends KubernetesObject {
  kind: "ConfigMap";
  /** Whether the content can never change. Default: it can. */
  immutable?: boolean;
  /** Texts by file name. */
  data?: Record<string, string>;
  /** Other files by name, in base64. */
  binaryData?: Record<string, string>;
}

export interface Secret extends KubernetesObject {
  kind: "Secret";
  /** `Opaque`, or a type that asks for certain keys. */
  type: string;
  /** Values in base64. */
  data: Record<string, string>;
}

export interface Deployment extends KubernetesObject {
  kind: "Deployment";
  spec: Unwrap<types.input.apps.v1.DeploymentSpec>;
}

export interface Service extends KubernetesObject {
  kind: "Service";
  spec: Unwrap<types.input.core.v1.ServiceSpec>;
}

export interface Ingress extends KubernetesObject {
  kind: "Ingress";
  spec: Unwrap<types.input.networking.v1.IngressSpec>;
}

export interface HorizontalPodAutoscaler extends KubernetesObject {
  kind: "HorizontalPodAutoscaler";
  spec: Unwrap<types.input.autoscaling.v2.HorizontalPodAutoscalerSpec>;
}

export interface PodDisruptionBudget extends KubernetesObject {
  kind: "PodDisruptionBudget";
  spec: Unwrap<types.input.policy.v1.PodDisruptionBudgetSpec>;
}

/** An object of a kind that Kubernetes itself does not know. */
export interface CustomObject extends KubernetesObject {
  spec: Record<string, unknown>;
}

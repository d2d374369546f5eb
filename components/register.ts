import * as k8s from "@pulumi/kubernetes";
import {
  ComponentResource,
  type CustomResource,
  type CustomResourceOptions,
  type Inputs,
  type Resource,
} from "@pulumi/pulumi";
import type { KubernetesObject } from "./plan/kubernetes";

/** A constructor of the Kubernetes provider's resources; its arguments are checked where the plan makes the object. */
type Constructor = new (name: string, args: never, options: CustomResourceOptions) => CustomResource;

/** Kinds of the plan, each with its own resource type, so that policies and diffs see them as what they are. */
const CONSTRUCTORS: Record<string, Constructor> = {
  "v1/ConfigMap": k8s.core.v1.ConfigMap,
  "v1/LimitRange": k8s.core.v1.LimitRange,
  "v1/Namespace": k8s.core.v1.Namespace,
  "v1/PersistentVolume": k8s.core.v1.PersistentVolume,
  "v1/PersistentVolumeClaim": k8s.core.v1.PersistentVolumeClaim,
  "v1/ResourceQuota": k8s.core.v1.ResourceQuota,
  "v1/Secret": k8s.core.v1.Secret,
  "v1/Service": k8s.core.v1.Service,
  "v1/ServiceAccount": k8s.core.v1.ServiceAccount,
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy": k8s.admissionregistration.v1.ValidatingAdmissionPolicy,
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding":
    k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding,
  "apps/v1/Deployment": k8s.apps.v1.Deployment,
  "autoscaling/v2/HorizontalPodAutoscaler": k8s.autoscaling.v2.HorizontalPodAutoscaler,
  "batch/v1/Job": k8s.batch.v1.Job,
  "networking.k8s.io/v1/Ingress": k8s.networking.v1.Ingress,
  "networking.k8s.io/v1/NetworkPolicy": k8s.networking.v1.NetworkPolicy,
  "policy/v1/PodDisruptionBudget": k8s.policy.v1.PodDisruptionBudget,
  "rbac.authorization.k8s.io/v1/ClusterRole": k8s.rbac.v1.ClusterRole,
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": k8s.rbac.v1.ClusterRoleBinding,
  "rbac.authorization.k8s.io/v1/Role": k8s.rbac.v1.Role,
  "rbac.authorization.k8s.io/v1/RoleBinding": k8s.rbac.v1.RoleBinding,
  "scheduling.k8s.io/v1/PriorityClass": k8s.scheduling.v1.PriorityClass,
};

/** Logical name of an object's resource below a component, for example `finance-networkpolicy-default-deny`. */
export function logicalName(componentName: string, { kind, metadata }: KubernetesObject): string {
  return `${componentName}-${kind.toLowerCase()}-${metadata.name}`;
}

/** Registers an object of the plan under its component. */
export function registerObject(
  object: KubernetesObject,
  componentName: string,
  options: CustomResourceOptions & { parent: ComponentResource },
): CustomResource {
  const { apiVersion, kind, ...fields } = object;
  const name = logicalName(componentName, object);
  const constructor = CONSTRUCTORS[`${apiVersion}/${kind}`];
  const own = GOING_FIRST.has(kind) ? goingFirst(options) : options;
  return constructor === undefined
    ? new k8s.apiextensions.CustomResource(name, object, own)
    : new constructor(name, fields as never, own);
}

/** Longest time that a server's pods take to finish their answers, and some more. */
const PODS_END_WITHIN = "15m";

/**
 * What is deleted, and waited for, before its namespace. The namespace's own deletion would look after pods only when half of their grace period is
 * over, also when they have ended within seconds, and after a claim, which its user's end has to release, eight seconds later.
 */
const GOING_FIRST: ReadonlySet<string> = new Set(["Deployment", "Job", "PersistentVolumeClaim"]);

function goingFirst<T extends CustomResourceOptions>({ deletedWith: _, ...options }: T): Omit<T, "deletedWith"> {
  return { ...options, customTimeouts: { ...options.customTimeouts, delete: PODS_END_WITHIN } };
}

/** A first pull of large models takes hours; the engine's own limit for a Job is ten minutes. */
const JOB_AT_MOST = { create: "24h", update: "24h" };

/**
 * Registers objects each of which needs those before it. What depends on a Job waits until it has done its work. The state names what each
 * resource waits for: each waits for the one before it alone, and so for all that come before that.
 *
 * @returns All of them.
 */
export function registerInOrder(
  objects: KubernetesObject[],
  componentName: string,
  options: CustomResourceOptions & { parent: ComponentResource },
): CustomResource[] {
  const made: CustomResource[] = [];
  for (const object of objects) {
    const dependsOn = made.length === 0 ? options.dependsOn : made.slice(-1);
    const timeouts = object.kind === "Job" ? { customTimeouts: JOB_AT_MOST } : {};
    made.push(registerObject(object, componentName, { ...options, ...timeouts, dependsOn }));
  }
  return made;
}

/**
 * A component within another, which has its plan already. It waits for nothing: its objects say themselves what they wait for. The engine deletes in
 * layers, each when the one before is gone, and a part that waited would put its own objects into another layer than those of the other parts:
 * namespaces, which take seconds to go, would go one after the other.
 */
export class Part extends ComponentResource {
  /** Says that every child is registered. */
  finish(outputs: Inputs): void {
    this.registerOutputs(outputs);
  }
}

/**
 * The last of several stages, each of which waits for the one before it, that has any resources. What waits for them waits for all stages, and the
 * state has their names alone.
 */
export function latest(...stages: Resource[][]): Resource[] {
  return stages.findLast((stage) => stage.length > 0) ?? [];
}

/** Registers objects under one component with the same options. */
export function registerObjects(
  objects: KubernetesObject[],
  componentName: string,
  options: CustomResourceOptions & { parent: ComponentResource },
): Resource[] {
  return objects.map((object) => registerObject(object, componentName, options));
}

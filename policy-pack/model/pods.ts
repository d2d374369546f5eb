/** Pods as their authors declare them: the pod template of every kind that makes pods. */
import type { Container, KubernetesObject, PodSpec } from "./kubernetes";
import { record } from "./json";
import { groupOf } from "./scope";

/** Where a container stands in its pod. A sidecar is an init container with `restartPolicy: Always`. */
export type ContainerRole = "container" | "init" | "sidecar" | "ephemeral";

/** What people call a container of the role: `container`, `init container`. */
export function roleName(role: ContainerRole): string {
  return role === "container" ? role : `${role} container`;
}

/** One container of a pod. */
export interface ContainerSource {
  role: ContainerRole;
  container: Container;
  /** Path of the container in the declaring object, for example `spec.template.spec.containers[0]`. */
  path: string;
}

/** Pod template found in an object. */
export interface PodTemplate {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  spec: PodSpec;
  /** Path of the pod spec in the object, for example `spec.template.spec`. */
  path: string;
  /** Containers of every role, in the order init and sidecar, container, ephemeral. */
  containers: ContainerSource[];
}

/** Where each kind that Kubernetes defines keeps its pod; the group guards against namesakes among custom resources. */
const templatePaths: Record<string, { groups: string[]; path: string[] }> = {
  Pod: { groups: [""], path: [] },
  PodTemplate: { groups: [""], path: ["template"] },
  ReplicationController: { groups: [""], path: ["spec", "template"] },
  Deployment: { groups: ["apps", "extensions"], path: ["spec", "template"] },
  ReplicaSet: { groups: ["apps", "extensions"], path: ["spec", "template"] },
  StatefulSet: { groups: ["apps"], path: ["spec", "template"] },
  DaemonSet: { groups: ["apps", "extensions"], path: ["spec", "template"] },
  Job: { groups: ["batch"], path: ["spec", "template"] },
  CronJob: { groups: ["batch"], path: ["spec", "jobTemplate", "spec", "template"] },
};

/** Whether objects of this kind make pods. */
export function makesPods(object: KubernetesObject): boolean {
  return templatePaths[object.kind]?.groups.includes(groupOf(object.apiVersion)) ?? false;
}

/**
 * The pod template of an object; undefined for kinds that make no pods. A template that is missing or unknown is
 * returned with an empty spec, so that rules which demand a field still refuse it.
 */
export function podTemplateOf(object: KubernetesObject): PodTemplate | undefined {
  if (!makesPods(object)) return undefined;
  const path = templatePaths[object.kind]?.path ?? [];
  let template: unknown = object;
  for (const step of path) template = record(template)[step];
  const spec = record(record(template).spec) as PodSpec;
  const metadata = record(record(template).metadata);
  const specPath = [...path, "spec"].join(".");
  return {
    labels: record(metadata.labels) as Record<string, string>,
    annotations: record(metadata.annotations) as Record<string, string>,
    spec,
    path: specPath,
    containers: containersOf(spec, specPath),
  };
}

function containersOf(spec: PodSpec, path: string): ContainerSource[] {
  const list = (field: "containers" | "initContainers" | "ephemeralContainers", role: ContainerRole) =>
    (Array.isArray(spec[field]) ? spec[field] : []).map((container, index) => ({
      role: role === "init" && container?.restartPolicy === "Always" ? ("sidecar" as const) : role,
      container: record(container) as Container,
      path: `${path}.${field}[${index}]`,
    }));
  return [
    ...list("initContainers", "init"),
    ...list("containers", "container"),
    ...list("ephemeralContainers", "ephemeral"),
  ];
}

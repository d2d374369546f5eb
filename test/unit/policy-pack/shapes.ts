/** The same break in every shape in which it can occur. */
import type { Break } from "./breaks";
import { financePod, type Loose } from "./fixture";

const FINANCE = "Deployment tenant-finance/ollama";

/** The same break on a container of each role: native sidecar, init, ordinary and ephemeral. */
export function onEveryContainer(title: string, apply: (container: Loose) => void, field: string): Break[] {
  const ephemeral = (pod: Loose) => {
    pod.ephemeralContainers ??= [{ ...structuredClone(pod.containers[0]), name: "debug" }];
    return pod.ephemeralContainers[0];
  };
  const places: [string, string, (pod: Loose) => Loose][] = [
    ["a sidecar", "initContainers[0]", (pod) => pod.initContainers[0]],
    ["an init container", "initContainers[1]", (pod) => pod.initContainers[1]],
    ["a container", "containers[0]", (pod) => pod.containers[0]],
    ["an ephemeral container", "ephemeralContainers[0]", ephemeral],
  ];
  return places.map(([role, path, choose]) => ({
    title: `${title} on ${role}`,
    apply: (objects) => apply(choose(financePod(objects))),
    object: FINANCE,
    field: `spec.template.spec.${path}.${field}`,
  }));
}

/** A kind that makes pods: where its template stands, and how one is put there. */
interface PodKind {
  apiVersion: string;
  kind: string;
  /** Path before the pod's `metadata` and `spec`. */
  place: string;
  wrap(template: Loose): Loose;
}

const podKinds: readonly PodKind[] = [
  { apiVersion: "v1", kind: "Pod", place: "", wrap: ({ spec }) => ({ spec }) },
  { apiVersion: "v1", kind: "PodTemplate", place: "template.", wrap: (template) => ({ template }) },
  ...[
    ["v1", "ReplicationController"],
    ["apps/v1", "ReplicaSet"],
    ["apps/v1beta1", "Deployment"],
    ["apps/v1", "StatefulSet"],
    ["apps/v1", "DaemonSet"],
    ["batch/v1", "Job"],
  ].map(([apiVersion = "", kind = ""]): PodKind => ({
    apiVersion,
    kind,
    place: "spec.template.",
    wrap: (template) => ({ spec: { template } }),
  })),
  {
    apiVersion: "batch/v1",
    kind: "CronJob",
    place: "spec.jobTemplate.spec.template.",
    wrap: (template) => ({ spec: { jobTemplate: { spec: { template } } } }),
  },
];

/** The same break in the pod of every kind that makes pods. */
export function inEveryKind(apply: (pod: Loose) => void): Break[] {
  const template = (objects: Loose[]) => {
    const pod = structuredClone(financePod(objects));
    apply(pod);
    return { metadata: { labels: { app: "x" } }, spec: pod };
  };
  return podKinds.map(({ apiVersion, kind, wrap }) => ({
    title: `it in a ${apiVersion} ${kind}`,
    apply: (objects) => {
      const metadata = { name: "other", namespace: "tenant-finance" };
      objects.push({ apiVersion, kind, metadata, ...wrap(template(objects)) });
    },
    object: `${kind} tenant-finance/other`,
  }));
}

/** Where a Deployment has its pod. */
export const OF_DEPLOYMENT = "spec.template.";

/** An environment in which another kind makes the pods of a Deployment, and where that kind has them. */
export interface InAnotherKind {
  kind: string;
  objects: Loose[];
  place: string;
}

/** The environment with the pods of one Deployment made by each other kind in turn. */
export function inOtherKinds(objects: readonly Loose[], deployment: Loose): InAnotherKind[] {
  const { metadata, spec } = deployment;
  return podKinds.map(({ apiVersion, kind, place, wrap }) => {
    const { labels, annotations } = spec.template?.metadata ?? {};
    const marks = kind === "Pod" ? { labels, annotations } : {};
    const other = { apiVersion, kind, metadata: { ...metadata, ...marks }, ...wrap(spec.template) };
    return { kind, place, objects: objects.map((object) => (object === deployment ? other : object)) };
  });
}

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

/** The same break in the pod of every kind that makes pods. */
export function inEveryKind(apply: (pod: Loose) => void): Break[] {
  const template = (objects: Loose[]) => {
    const pod = structuredClone(financePod(objects));
    apply(pod);
    return { metadata: { labels: { app: "x" } }, spec: pod };
  };
  const kinds: [string, string, (t: Loose) => Loose][] = [
    ["v1", "Pod", (t) => ({ spec: t.spec })],
    ["v1", "PodTemplate", (t) => ({ template: t })],
    ["v1", "ReplicationController", (t) => ({ spec: { template: t } })],
    ["apps/v1", "ReplicaSet", (t) => ({ spec: { template: t } })],
    ["apps/v1beta1", "Deployment", (t) => ({ spec: { template: t } })],
    ["apps/v1", "StatefulSet", (t) => ({ spec: { template: t } })],
    ["apps/v1", "DaemonSet", (t) => ({ spec: { template: t } })],
    ["batch/v1", "Job", (t) => ({ spec: { template: t } })],
    ["batch/v1", "CronJob", (t) => ({ spec: { jobTemplate: { spec: { template: t } } } })],
  ];
  return kinds.map(([apiVersion, kind, wrap]) => ({
    title: `it in a ${apiVersion} ${kind}`,
    apply: (objects) => {
      const metadata = { name: "other", namespace: "tenant-finance" };
      objects.push({ apiVersion, kind, metadata, ...wrap(template(objects)) });
    },
    object: `${kind} tenant-finance/other`,
  }));
}

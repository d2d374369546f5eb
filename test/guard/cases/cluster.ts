import { type Case, controller, create, DEPLOYER, type Loose, remove, update } from "../support/acts";
import { planned } from "../support/platform";

const POOL_KEY = "node-restriction.kubernetes.io/ollama-pool";
const namespace = planned("Namespace", "tenant-hr");
const empty = { apiVersion: "v1", kind: "Namespace" };
const level = (object: Loose, value: string): void =>
  void (object.metadata.labels["pod-security.kubernetes.io/enforce"] = value);
const note = (object: Loose): void =>
  void (object.metadata.annotations = { ...object.metadata.annotations, note: "seen" });
const label = (object: Loose): void => void (object.metadata.labels["cost-centre"] = "7");

const claim = (spec: object): Loose => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "mine", namespace: "tenant-hr" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } }, ...spec },
});
const volume = (source: object, place = "tenant-hr", name = "mine"): Loose => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name },
  spec: {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: place, name: "mine" },
    ...source,
  },
});
const hostPath = { hostPath: { path: "/srv" } };
const csi = { csi: { driver: "disk.example.com", volumeHandle: "v1" } };
const priority = (value: number, over: object = {}): Loose => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name: "mine" },
  value,
  ...over,
});
const node: Loose = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "finance-1", labels: { [POOL_KEY]: "finance-gpu" } },
  spec: {
    taints: [
      { key: POOL_KEY, value: "finance-gpu", effect: "NoSchedule" },
      { key: "example.com/new", effect: "NoSchedule" },
    ],
  },
};
const pool = planned("NodePool", "finance-gpu");
const view = planned("PersistentVolume", "ollama-platform-models-hr");

/** Namespaces, storage, priorities and nodes. */
export const CLUSTER: Case[] = [
  {
    title: "the namespace by which a deployment asks whether the guard is in force, whoever makes it",
    act: create({ ...empty, metadata: { name: "ollama-platform-in-force" } }, { who: DEPLOYER }),
    twin: create({ ...empty, metadata: { name: "ollama-platform-in-forced" } }, { who: DEPLOYER }),
  },
  {
    title: "a namespace without Pod Security's label",
    act: update(namespace, (object) => delete object.metadata.labels["pod-security.kubernetes.io/enforce"]),
    twin: update(namespace, label),
  },
  {
    title: "a namespace at a lower level",
    act: update(namespace, (object) => level(object, "baseline")),
    twin: update(namespace, label),
  },
  {
    title: "a namespace of another version of the level",
    act: update(namespace, (object) => (object.metadata.labels["pod-security.kubernetes.io/enforce-version"] = "v1.0")),
    twin: update(namespace, note),
  },
  {
    title: "a namespace of another tenant",
    act: update(namespace, (object) => (object.metadata.labels["ollama-platform.io/tenant"] = "finance")),
    twin: update(namespace, label),
  },
  {
    title: "a namespace at a lower level through its status (GHSA-p8j8-x28r-3c9v)",
    act: update(namespace, (object) => level(object, "baseline"), { subresource: "status" }),
    twin: update(namespace, label, { subresource: "status" }),
  },
  {
    title: "a namespace at a lower level through its finalizers (GHSA-p8j8-x28r-3c9v)",
    act: update(namespace, (object) => level(object, "baseline"), { subresource: "finalize" }),
    twin: update(namespace, label, { subresource: "finalize" }),
  },
  {
    title: "a namespace that drops the labels that mark it, and its level with them",
    act: update(namespace, (object) => (object.metadata.labels = {})),
    twin: update(namespace, label),
  },
  {
    title: "a namespace whose pods go to chosen nodes",
    act: update(
      namespace,
      (object) =>
        (object.metadata.annotations = {
          ...object.metadata.annotations,
          "scheduler.alpha.kubernetes.io/node-selector": "a=b",
        }),
    ),
    twin: update(namespace, note),
  },
  {
    title: "a tenant's namespace made by hand",
    act: create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant-new" } }),
    twin: create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "team-new" } }),
  },
  { title: "the removal of a tenant's namespace", act: remove(namespace), twin: remove(namespace, { who: DEPLOYER }) },
  {
    title: "a namespace of a tenant with an owner that is gone",
    act: update(
      namespace,
      (object) => (object.metadata.ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "gone", uid: "1" }]),
    ),
    twin: update(namespace, note),
  },
  {
    title: "a claim on another tenant's volume",
    act: create(claim({ volumeName: "ollama-platform-models-finance" })),
    twin: create(claim({ volumeName: "ollama-platform-models-hr" })),
  },
  {
    title: "a claim that is a copy of another",
    act: create(claim({ dataSource: { kind: "PersistentVolumeClaim", name: "models" } })),
    twin: create(claim({})),
  },
  {
    title: "a claim that is filled from a snapshot of another namespace",
    act: create(claim({ dataSourceRef: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "s" } })),
    twin: create(claim({})),
  },
  {
    title: "a volume of a node's folder for a tenant's claim",
    act: create(volume(hostPath)),
    twin: create(volume(hostPath, "default")),
  },
  {
    title: "a volume of a server's folder for a tenant's claim",
    act: create(volume({ nfs: { server: "a.example.com", path: "/" } })),
    twin: create(volume(csi)),
  },
  {
    title: "a volume under the platform's name",
    act: create(volume(csi, "default", "ollama-platform-models-other")),
    twin: create(volume(csi, "default", "other")),
  },
  { title: "the removal of a tenant's view", act: remove(view), twin: remove(view, { who: DEPLOYER }) },
  {
    title: "a tenant's view for another tenant's claim",
    act: update(view, (object) => (object.spec.claimRef.namespace = "tenant-finance")),
    twin: update(view, note),
  },
  {
    title: "a volume that is handed to a tenant's claim",
    act: update(volume(hostPath, "default"), (object) => (object.spec.claimRef.namespace = "tenant-hr")),
    twin: update(volume(hostPath, "default"), (object) => (object.spec.claimRef.namespace = "other")),
  },
  { title: "a priority above everybody's", act: create(priority(1_000_000)), twin: create(priority(10)) },
  {
    title: "a priority for all pods that name none",
    act: create(priority(10, { globalDefault: true })),
    twin: create(priority(10, { globalDefault: false })),
  },
  {
    title: "the removal of a tenant's priority class",
    act: remove(planned("PriorityClass", "ollama-platform-tenant-hr")),
    twin: remove(priority(10)),
  },
  {
    title: "a priority class under the platform's name",
    act: create(priority(10, { metadata: { name: "ollama-platform-tenant-other" } })),
    twin: create(priority(10, { metadata: { name: "other" } })),
  },
  {
    title: "a node of a pool without its taint",
    act: update(node, (object) => object.spec.taints.shift()),
    twin: update(node, (object) => object.spec.taints.pop()),
  },
  {
    title: "a node of a pool with a weaker taint",
    act: update(node, (object) => (object.spec.taints[0].effect = "PreferNoSchedule")),
    twin: update(node, (object) => (object.spec.unschedulable = true)),
  },
  {
    title: "a node of another pool",
    act: update(node, (object) => (object.metadata.labels[POOL_KEY] = "other")),
    twin: update(node, (object) => (object.metadata.labels["zone"] = "a")),
  },
  {
    title: "a node that loses its pool through its status",
    act: update(node, (object) => (object.metadata.labels = {}), { subresource: "status" }),
    twin: update(node, (object) => (object.metadata.labels["zone"] = "a"), { subresource: "status" }),
  },
  {
    title: "a pool with higher limits",
    act: update(pool, (object) => (object.spec.limits["nvidia.com/gpu"] = "100")),
    twin: update(pool, (object) => (object.spec.disruption.consolidateAfter = "5m")),
  },
  {
    title: "a pool without its taint",
    act: update(pool, (object) => delete object.spec.template.spec.taints),
    twin: update(pool, note),
  },
  {
    title: "a pool without limits",
    act: update(pool, (object) => delete object.spec.limits),
    twin: update(pool, note),
  },
  { title: "the removal of a pool", act: remove(pool), twin: remove(pool, { who: DEPLOYER }) },
  {
    title: "a pool with an owner that is gone",
    act: update(
      pool,
      (object) => (object.metadata.ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "gone", uid: "1" }]),
    ),
    twin: update(pool, (object) => (object.metadata.labels["note"] = "seen")),
  },
  {
    title: "a claim bound by hand",
    act: update(claim({}), (object) => (object.spec.volumeName = "other")),
    twin: update(claim({}), (object) => (object.spec.volumeName = "other"), {
      who: controller("persistent-volume-binder"),
    }),
  },
];

import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { administratorApi, type Manifest } from "./api";
import { readCredential } from "./certificates";
import type { Step } from "./component";
import { writeKubeconfig } from "./kubeconfig";
import { nodeName } from "./node/places";
import { simulators } from "./pki";

/** Namespace that Karpenter considers its own. */
export const karpenterNamespace = "karpenter";

/** Nodes with this annotation are played by kwok; every other node is left alone, so that a real kubelet can join. */
export const simulatedNode = { annotation: "kwok.x-k8s.io/node", value: "fake" } as const;

/** Names of the simulated nodes that exist from the start, one in each zone. */
export const cpuNodes = ["cpu-1", "cpu-2"] as const;

/** Namespaces that a cluster with the usual add-ons has and that network policies name. */
const namespaces = [karpenterNamespace, "ingress-nginx", "monitoring"];

/** Creates what the cluster holds from its first moment, and the administrator's kubeconfig. */
export const baseObjects: Step = {
  name: "base objects",
  startsAfter: ["kube-apiserver"],
  run: async (context) => {
    const { layout, tools } = context;
    writeKubeconfig(layout.adminKubeconfig, layout, context.server(), readCredential(layout, "admin"));
    writeKubeconfig(layout.deployerKubeconfig, layout, context.server(), readCredential(layout, "deployer"));
    const api = administratorApi(context);
    const definitions = readManifests(tools.files("karpenter-crds"), "CustomResourceDefinition");
    // The default class: kwok's volume stages bind claims of this class and of no other.
    const storageClass = readManifests(path.join(tools.files("kwok-stages"), "volume"), "StorageClass");
    await Promise.all([
      ...[...definitions, ...storageClass, simulatorRights].map((manifest) => api.apply(manifest)),
      ...namespaces.map((name) => api.createIfAbsent(namespace(name))),
    ]);
    await Promise.all(definitions.map((definition) => api.waitForCondition(definition, "Established")));
    await api.apply(nodeClass);
    await Promise.all(cpuNodes.map((name) => api.createIfAbsent(cpuNode(name))));
    // Beside a real node they stay, for pods that are told to run there, but the scheduler leaves them alone.
    await Promise.all(cpuNodes.map((name) => api.apply(closure(name, context.realNode))));
    if (!context.realNode) await api.remove({ apiVersion: "v1", kind: "Node", metadata: { name: nodeName } });
  },
};

/** Whom pods run as that say nothing: while it does not exist the API server refuses them. */
const defaultAccount: Manifest = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "default", namespace: "default" },
};

/** Waits until the simulated nodes take pods, and the API server too. */
export const nodesReady: Step = {
  name: "nodes ready",
  startsAfter: ["kwok", "kube-controller-manager"],
  run: async (context) => {
    const api = administratorApi(context);
    await Promise.all([
      ...cpuNodes.map((name) => api.waitForCondition(cpuNode(name), "Ready")),
      api.waitForExistence(defaultAccount),
    ]);
  },
};

/** The objects of one kind in the YAML files below a folder. */
function readManifests(folder: string, kind: string): Manifest[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(path.join(folder, file), "utf8")))
    .map((document) => document.toJS() as Manifest)
    .filter((manifest) => manifest?.kind === kind);
}

const namespace = (name: string): Manifest => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

const rbac = "rbac.authorization.k8s.io";

const simulatorRights: Manifest = {
  apiVersion: `${rbac}/v1`,
  kind: "ClusterRoleBinding",
  metadata: { name: "local-cluster-simulators" },
  roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "cluster-admin" },
  subjects: simulators.map((name) => ({ apiGroup: rbac, kind: "User", name })),
};

const nodeClass: Manifest = {
  apiVersion: "karpenter.kwok.sh/v1alpha1",
  kind: "KWOKNodeClass",
  metadata: { name: "default" },
  spec: {},
};

/** Whether the scheduler may place pods on the node. */
const closure = (name: string, unschedulable: boolean): Manifest => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
  spec: { unschedulable },
});

/** A simulated node without GPU. Its size is set here once; its condition is kept by kwok. */
function cpuNode(name: string): Manifest {
  const resources = { cpu: "16", memory: "64Gi", "ephemeral-storage": "200Gi", pods: "110" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { [simulatedNode.annotation]: simulatedNode.value },
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/region": "local",
        "topology.kubernetes.io/zone": name === cpuNodes[0] ? "local-a" : "local-b",
      },
    },
    status: { capacity: resources, allocatable: resources },
  };
}

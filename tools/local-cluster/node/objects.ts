import { administratorApi, type Manifest } from "../api";
import { baseObjects, cpuNodes } from "../base-objects";
import type { Step } from "../component";
import { readIfPresent } from "../files";
import { authorities } from "../pki";
import { coreDnsObjects } from "./dns";
import { repeat } from "./jobs";
import { nodeUsers } from "./network";
import { nodeAddress, nodeName, nodePodCidr } from "./places";
import { registryPort } from "./registry-address";

const rbac = "rbac.authorization.k8s.io";

/** Service through which the API server reaches metrics-server, which runs outside the cluster's pods. */
export const metricsService = { name: "metrics-server", namespace: "kube-system" } as const;

/** Service under which pods find the model registry: `registry.model-registry.svc.cluster.local`. */
export const registryService = { name: "registry", namespace: "model-registry" } as const;

const bindingTo = (role: string, user: string, name: string): Manifest => ({
  apiVersion: `${rbac}/v1`,
  kind: "ClusterRoleBinding",
  metadata: { name },
  roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
  subjects: [{ apiGroup: rbac, kind: "User", name: user }],
});

const read = (apiGroups: string[], resources: string[]) => ({ apiGroups, resources, verbs: ["get", "list", "watch"] });

const clusterRole = (name: string, rules: object[]): Manifest => ({
  apiVersion: `${rbac}/v1`,
  kind: "ClusterRole",
  metadata: { name },
  rules,
});

/** Rights of the programs that have no role of Kubernetes' own. */
const rights: Manifest[] = [
  clusterRole(nodeUsers["kube-router"], [
    read([""], ["namespaces", "nodes", "pods", "services", "endpoints"]),
    read(["discovery.k8s.io"], ["endpointslices"]),
    read(["networking.k8s.io"], ["networkpolicies"]),
  ]),
  bindingTo(nodeUsers["kube-router"], nodeUsers["kube-router"], nodeUsers["kube-router"]),
  clusterRole(nodeUsers["metrics-server"], [
    read([""], ["nodes", "pods"]),
    { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
  ]),
  bindingTo(nodeUsers["metrics-server"], nodeUsers["metrics-server"], nodeUsers["metrics-server"]),
  bindingTo("system:auth-delegator", nodeUsers["metrics-server"], `${nodeUsers["metrics-server"]}:delegator`),
  {
    apiVersion: `${rbac}/v1`,
    kind: "RoleBinding",
    metadata: { name: nodeUsers["metrics-server"], namespace: "kube-system" },
    roleRef: { apiGroup: rbac, kind: "Role", name: "extension-apiserver-authentication-reader" },
    subjects: [{ apiGroup: rbac, kind: "User", name: nodeUsers["metrics-server"] }],
  },
];

/** The node before its kubelet runs: with an address, so that the packet filter can be set up first, and with its part of the pod range. */
const node: Manifest = {
  apiVersion: "v1",
  kind: "Node",
  metadata: {
    name: nodeName,
    labels: {
      "kubernetes.io/hostname": nodeName,
      "kubernetes.io/os": "linux",
      "topology.kubernetes.io/region": "local",
      "topology.kubernetes.io/zone": "local-a",
    },
  },
  spec: { podCIDR: nodePodCidr, podCIDRs: [nodePodCidr] },
  status: { addresses: [{ type: "InternalIP", address: nodeAddress }] },
};

/** A Service without pods: its only endpoint is a port at the node's address. */
function hostService(
  { name, namespace }: { name: string; namespace: string },
  servicePort: number,
  port: number,
): Manifest[] {
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace },
      spec: { ports: [{ name: "main", port: servicePort, targetPort: port, protocol: "TCP" }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: [nodeAddress], conditions: { ready: true } }],
      ports: [{ name: "main", port, protocol: "TCP" }],
    },
  ];
}

/** Creates what the node's programs find in the cluster when they start. */
export const realNodeObjects: Step = {
  name: "real node objects",
  startsAfter: ["kube-apiserver", baseObjects.name],
  run: async (context) => {
    const api = administratorApi(context);
    await api.createIfAbsent(node);
    const { namespace } = registryService;
    await api.createIfAbsent({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const registry = hostService(registryService, registryPort, registryPort);
    await api.apply(...rights, ...coreDnsObjects, ...registry);
  },
};

/** Makes `metrics.k8s.io` known once metrics-server has its port. */
export const metricsApi: Step = {
  name: "metrics API",
  startsAfter: ["metrics-server"],
  run: async (context) => {
    const api = administratorApi(context);
    const authority = readIfPresent(context.layout.certificate(authorities.cluster)) ?? "";
    const registration: Manifest = {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io" },
      spec: {
        service: metricsService,
        group: "metrics.k8s.io",
        version: "v1beta1",
        caBundle: Buffer.from(authority).toString("base64"),
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    };
    await api.apply(...hostService(metricsService, 443, context.port("metrics-server")), registration);
    await api.waitForCondition(registration, "Available");
  },
};

/** Returns when the node takes pods and names are answered. */
export const realNodeReady: Step = {
  name: "real node ready",
  startsAfter: ["kubelet", "kube-controller-manager", "kube-scheduler"],
  run: async (context) => {
    const api = administratorApi(context);
    await api.waitForCondition(node, "Ready");
    for (const manifest of coreDnsObjects.filter(({ kind }) => kind === "Deployment")) {
      await api.waitForCondition(manifest, "Available");
    }
  },
};

/**
 * Ends what controllers had placed on simulated nodes before there was a real one, so that they place it again, and begins those Jobs anew that
 * were done there: nothing has run. Pods that nobody would make again were told to run there, and stay.
 */
export const podsOnTheirNode: Step = {
  name: "pods on their node",
  startsAfter: [realNodeReady.name],
  run: async (context) => {
    const api = administratorApi(context);
    const done = new Map<string, Manifest>();
    for (const pod of (await Promise.all(cpuNodes.map(api.podsOn))).flat()) {
      const controller = controllerOf(pod);
      if (controller === undefined) continue;
      const { kind, metadata } = controller;
      if (kind === "Job" && isDone(pod)) done.set(`${metadata.namespace}/${metadata.name}`, controller);
      else await api.remove(pod);
    }
    const deployer = administratorApi(context, "deployer");
    for (const job of done.values()) await repeat(job, deployer);
  },
};

/** What makes a pod again when it is gone. */
function controllerOf({ metadata: { namespace, ownerReferences } }: Manifest): Manifest | undefined {
  const owners = (ownerReferences ?? []) as { apiVersion: string; kind: string; name: string; controller?: boolean }[];
  const controller = owners.find((owner) => owner.controller === true);
  if (controller === undefined) return undefined;
  const { apiVersion, kind, name } = controller;
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
}

const isDone = ({ status }: Manifest): boolean => (status as { phase?: string }).phase === "Succeeded";

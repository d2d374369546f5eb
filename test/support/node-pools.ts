import {
  IsolationLevel,
  NodePoolBackend,
  NodePoolTenancy,
  type NodePoolSpec,
  type PlatformSpec,
} from "../../components/spec/index";

/** What a pool of the tests hands out, and to whom. */
export const VARIANTS = ["dedicated", "shared", "dedicated slices", "shared slices"] as const;
export type Variant = (typeof VARIANTS)[number];

/** Every backend. */
export const BACKENDS = Object.values(NodePoolBackend);

/** What each backend needs beside what every pool has. */
const FACTS: Record<NodePoolBackend, Partial<NodePoolSpec>> = {
  [NodePoolBackend.karpenterKwok]: {},
  [NodePoolBackend.karpenterAws]: {
    aws: {
      amiAlias: "bottlerocket@1.50.0",
      role: "KarpenterNodeRole-test",
      subnetTags: { "karpenter.sh/discovery": "test" },
      securityGroupTags: { "karpenter.sh/discovery": "test" },
    },
    requirements: [{ key: "karpenter.k8s.aws/instance-category", operator: "In", values: ["g", "p"] }],
  },
  [NodePoolBackend.karpenterAzure]: {
    azure: {
      imageFamily: "AzureLinux",
      subnetId:
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/test/providers/Microsoft.Network/virtualNetworks/test/subnets/gpu",
    },
  },
  [NodePoolBackend.gkeComputeClass]: { gke: { zones: ["europe-west4-a"] } },
  [NodePoolBackend.clusterApi]: {
    clusterApi: {
      namespace: "clusters",
      clusterName: "test",
      version: "v1.34.2",
      bootstrap: { apiGroup: "bootstrap.cluster.x-k8s.io", kind: "KubeadmConfigTemplate", name: "gpu" },
      infrastructure: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "DevMachineTemplate", name: "gpu" },
    },
  },
  [NodePoolBackend.existing]: {},
};

/** How nodes of Karpenter begin, are chosen, and end. */
const ENDS_AND_TAINTS: Record<string, Partial<NodePoolSpec>> = {
  "further taints and taints that agents remove": {
    taints: [{ key: "sku", value: "gpu", effect: "NoSchedule" }],
    startupTaints: [{ key: "node.cilium.io/agent-not-ready", effect: "NoExecute" }],
  },
  "nodes that never expire and end quickly, none of them by day": {
    disruption: {
      expireAfter: "Never",
      terminationGracePeriod: "20m",
      budgets: [
        { nodes: "0", schedule: "0 7 * * mon-fri", duration: "12h" },
        { nodes: "10%", reasons: ["Drifted"] },
      ],
    },
  },
  "a fixed number of nodes": { fixedNodes: 2 },
  "at most so many nodes": { limits: { cpu: "128", memory: "512Gi", gpus: 8, nodes: 3 } },
  "a choice of two instances at least, of more than four CPUs": {
    requirements: [
      { key: "node.kubernetes.io/instance-type", operator: "In", values: ["a", "b"], minValues: 2 },
      { key: "example.com/cpus", operator: "Gte", values: ["4"] },
    ],
  },
};

/** Changes to a pool that its backend has to accept too. */
export const POOL_CHANGES: Record<NodePoolBackend, Record<string, Partial<NodePoolSpec>>> = {
  [NodePoolBackend.karpenterKwok]: { "spot nodes": { spot: true }, ...ENDS_AND_TAINTS },
  [NodePoolBackend.karpenterAws]: {
    "spot nodes": { spot: true },
    "nodes that are never removed, all at once": {
      disruption: { consolidateAfter: "Never", maxUnavailableNodes: "100%" },
    },
    "nodes without GPU": { gpu: undefined, limits: { cpu: "64", memory: "256Gi" } },
    "Amazon Linux": {
      aws: { amiAlias: "al2023@v20260801", role: "nodes", subnetTags: { a: "b" }, securityGroupTags: { a: "b" } },
    },
    ...ENDS_AND_TAINTS,
    "reserved capacity first, then on-demand": {
      capacityTypes: ["reserved", "on-demand"],
      aws: {
        amiAlias: "bottlerocket@1.50.0",
        role: "nodes",
        subnetTags: { a: "b" },
        securityGroupTags: { a: "b" },
        reservationTags: { team: "models" },
      },
    },
    "GPUs that their owner shares in time": {
      gpu: { memoryGiB: 24, resource: "nvidia.com/gpu.shared", devicePluginConfig: "time-sliced" },
    },
  },
  [NodePoolBackend.karpenterAzure]: {
    "spot nodes": { spot: true },
    ...ENDS_AND_TAINTS,
    "nodes without GPU": { gpu: undefined, limits: { cpu: "64", memory: "256Gi" } },
    "encryption at the host": { azure: { encryptionAtHost: true, diskGiB: 2048 } },
  },
  [NodePoolBackend.gkeComputeClass]: {
    "spot nodes": { spot: true },
    "further taints": { taints: [{ key: "sku", value: "gpu", effect: "NoSchedule" }] },
    "nodes that are never removed": { disruption: { consolidateAfter: "Never" } },
    "nodes without GPU": { gpu: undefined, limits: { cpu: "64", memory: "256Gi" }, gke: { machineFamily: "n4" } },
    "a machine type and a service account": {
      gke: { machineType: "g2-standard-24", serviceAccount: "nodes@test.iam.gserviceaccount.com" },
    },
  },
  [NodePoolBackend.clusterApi]: {
    "a budget in percent": { disruption: { maxUnavailableNodes: "10%" } },
    "further taints": { taints: [{ key: "sku", value: "gpu", effect: "NoSchedule" }] },
    "a fixed number of nodes": { fixedNodes: 2 },
    "no node that may go": { disruption: { maxUnavailableNodes: "0" } },
    "nodes without GPU": { gpu: undefined, limits: { cpu: "64", memory: "256Gi" } },
  },
  [NodePoolBackend.existing]: {},
};

/** A pool without fault, two GPUs to a node: of 24 GiB whole, of 80 GiB in 14 slices. */
export function backendPool(backend: NodePoolBackend, variant: Variant): NodePoolSpec {
  const onGke = backend === NodePoolBackend.gkeComputeClass;
  const sliced = variant.endsWith("slices");
  const facts = structuredClone(FACTS[backend]);
  if (onGke && sliced) facts.gke = { ...facts.gke, gpuPartitionSize: "1g.10gb" };
  const owner = variant.startsWith("dedicated")
    ? { tenancy: NodePoolTenancy.dedicated, tenant: "finance" }
    : { tenancy: NodePoolTenancy.shared };
  const slices = { memoryGiB: 10, countPerNode: 14, product: onGke ? "nvidia-a100-80gb" : "a100" };
  return {
    name: "gpu",
    backend,
    ...owner,
    gpu: sliced
      ? { ...slices, ...(onGke ? {} : { resource: "nvidia.com/mig-1g.10gb" }) }
      : { memoryGiB: 24, countPerNode: 2, product: onGke ? "nvidia-l4" : "l4" },
    limits: { cpu: "128", memory: "512Gi", gpus: sliced ? 28 : 8 },
    nodeCpu: "16",
    nodeMemory: "64Gi",
    ...facts,
  };
}

/** An environment with one tenant on the pool. */
export function environmentOn(backend: NodePoolBackend, variant: Variant, level: IsolationLevel): PlatformSpec {
  return {
    environment: "test",
    cluster: { nodeCidrs: ["192.168.0.0/24"], sandboxRuntimeClass: "gvisor" },
    nodePools: [backendPool(backend, variant)],
    models: [{ name: "llama3.1:8b" }],
    tenants: [
      {
        name: "finance",
        isolationLevel: level,
        models: { allow: ["llama3.1:8b"] },
        server: { nodePool: "gpu", gpus: 1 },
        autoscaling: { maxReplicas: 2 },
        access: { viewers: ["finance-staff"] },
      },
    ],
  };
}

/** Kinds of the objects that make a pool of `backendPool`, in the order in which they have to exist. */
export function expectedKinds(backend: NodePoolBackend, variant: Variant): string[] {
  const overlay = variant.endsWith("slices") ? ["NodeOverlay"] : [];
  const kinds: Record<NodePoolBackend, string[]> = {
    [NodePoolBackend.karpenterKwok]: ["NodePool"],
    [NodePoolBackend.karpenterAws]: ["EC2NodeClass", "NodePool", ...overlay],
    [NodePoolBackend.karpenterAzure]: ["AKSNodeClass", "NodePool", ...overlay],
    [NodePoolBackend.gkeComputeClass]: ["ComputeClass"],
    [NodePoolBackend.clusterApi]: ["MachineDeployment"],
    [NodePoolBackend.existing]: [],
  };
  return kinds[backend];
}

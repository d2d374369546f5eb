import { NodePoolBackend, type NodeRequirement } from "../../spec/index";
import { formatBytes, formatMilliCpu } from "../../models/quantity";
import type { CustomObject } from "../kubernetes";
import { isSliced } from "../../models/gpu-fit";
import { DEFAULT_GPU_RESOURCE } from "../../spec/node-pool/gpu";
import { mostNodes } from "../../spec/node-pool/nodes";
import { CAPACITY_TYPE_KEY, type NodePool } from "../../spec/node-pool/pool";
import { planAksNodeClass } from "./aks-node-class";
import { planEc2NodeClass } from "./ec2-node-class";
import { nvidiaNodeLabels, poolNodeLabel, poolObjectLabels, poolTaints } from "./labels";

/** What differs between Karpenter's providers. */
interface Provider {
  nodeClass: { group: string; kind: string };
  /** Node labels by which instances with a GPU are chosen. */
  gpuLabels?: { product: string; count: string };
}

const PROVIDERS: Partial<Record<NodePoolBackend, Provider>> = {
  [NodePoolBackend.karpenterKwok]: { nodeClass: { group: "karpenter.kwok.sh", kind: "KWOKNodeClass" } },
  [NodePoolBackend.karpenterAws]: {
    nodeClass: { group: "karpenter.k8s.aws", kind: "EC2NodeClass" },
    gpuLabels: { product: "karpenter.k8s.aws/instance-gpu-name", count: "karpenter.k8s.aws/instance-gpu-count" },
  },
  [NodePoolBackend.karpenterAzure]: {
    nodeClass: { group: "karpenter.azure.com", kind: "AKSNodeClass" },
    gpuLabels: { product: "karpenter.azure.com/sku-gpu-name", count: "karpenter.azure.com/sku-gpu-count" },
  },
};

/**
 * The objects of a pool of Karpenter: the node class where its facts are declared, the NodePool, and for MIG slices
 * what tells Karpenter that the instances have them.
 *
 * @throws Error when the backend is not one of Karpenter's.
 */
export function planKarpenterPool(pool: NodePool): CustomObject[] {
  const provider = PROVIDERS[pool.backend];
  if (provider === undefined) throw new Error(`${pool.backend} is not a backend of Karpenter`);
  const classes = [
    ...(pool.aws === undefined ? [] : [planEc2NodeClass(pool, pool.aws)]),
    ...(pool.azure === undefined ? [] : [planAksNodeClass(pool, pool.azure)]),
  ];
  const nodeClass = classes[0]?.metadata.name ?? pool.nodeClass;
  return [...classes, nodePool(pool, provider, nodeClass), ...sliceOverlay(pool, provider)];
}

/**
 * The NodePool. Its nodes carry the pool's label and taint from the start, and are removed only when they are empty:
 * moving a loaded model for a better packing costs minutes of service.
 */
function nodePool(pool: NodePool, provider: Provider, nodeClass: string): CustomObject {
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name: pool.name, labels: poolObjectLabels(pool) },
    spec: {
      template: {
        metadata: { labels: { ...poolNodeLabel(pool), ...nvidiaNodeLabels(pool) } },
        spec: {
          nodeClassRef: { ...provider.nodeClass, name: nodeClass },
          taints: poolTaints(pool),
          ...(pool.startupTaints.length === 0 ? {} : { startupTaints: pool.startupTaints }),
          requirements: requirements(pool, provider),
          expireAfter: pool.disruption.expireAfter,
          terminationGracePeriod: pool.disruption.terminationGracePeriod,
        },
      },
      ...(pool.fixedNodes === undefined ? {} : { replicas: pool.fixedNodes }),
      limits: limits(pool, provider),
      disruption: {
        consolidationPolicy: "WhenEmpty",
        consolidateAfter: pool.disruption.consolidateAfter,
        budgets: [{ nodes: pool.disruption.maxUnavailableNodes }, ...pool.disruption.budgets],
      },
    },
  };
}

/** A pool of a fixed number of nodes has no other limit: its API takes none. */
function limits(pool: NodePool, provider: Provider): Record<string, string> {
  if (pool.fixedNodes !== undefined) return { nodes: String(pool.fixedNodes) };
  const { cpuMillis, memoryBytes, nodes } = pool.limits;
  return {
    cpu: formatMilliCpu(cpuMillis),
    memory: formatBytes(memoryBytes),
    ...gpuLimits(pool, provider),
    ...(nodes === undefined ? {} : { nodes: String(nodes) }),
  };
}

/** Of divided GPUs both are limited: the slices, and the GPUs that the cloud charges for. */
function gpuLimits(pool: NodePool, { gpuLabels }: Provider): Record<string, string> {
  const { gpu, limits: most } = pool;
  const resource = gpu?.resource ?? DEFAULT_GPU_RESOURCE;
  const amount = { [resource]: String(most.gpus) };
  if (gpu?.mig === undefined || gpuLabels === undefined) return amount;
  return { ...amount, [DEFAULT_GPU_RESOURCE]: String(mostNodes(pool) * gpu.mig.gpusPerNode) };
}

function requirements(pool: NodePool, { gpuLabels }: Provider): NodeRequirement[] {
  return [
    { key: CAPACITY_TYPE_KEY, operator: "In", values: pool.capacityTypes },
    { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
    ...(gpuLabels === undefined ? [] : gpuRequirements(pool, gpuLabels)),
    ...pool.requirements,
  ];
}

function gpuRequirements({ gpu }: NodePool, labels: { product: string; count: string }): NodeRequirement[] {
  if (gpu === undefined) return [];
  const product = gpu.product === undefined ? [] : [{ key: labels.product, operator: "In", values: [gpu.product] }];
  const isWhole = gpu.resource === undefined ? !isSliced(gpu) : gpu.resource === DEFAULT_GPU_RESOURCE;
  const count = gpu.mig?.gpusPerNode ?? (isWhole ? gpu.countPerNode : undefined);
  return count === undefined ? product : [...product, { key: labels.count, operator: "In", values: [String(count)] }];
}

/**
 * Tells Karpenter that the pool's instances have MIG slices. It knows only the whole GPUs that the cloud lists, and
 * would never make a node for a pod that requests a slice. Karpenter's feature gate `NodeOverlay` must be on.
 */
function sliceOverlay({ name, gpu, ...pool }: NodePool, { gpuLabels }: Provider): CustomObject[] {
  if (gpu?.mig === undefined || gpu.resource === undefined || gpuLabels === undefined) return [];
  return [
    {
      apiVersion: "karpenter.sh/v1alpha1",
      kind: "NodeOverlay",
      metadata: { name, labels: poolObjectLabels({ name, gpu, ...pool }) },
      spec: {
        requirements: [{ key: "karpenter.sh/nodepool", operator: "In", values: [name] }],
        capacity: { [gpu.resource]: String(gpu.countPerNode) },
      },
    },
  ];
}

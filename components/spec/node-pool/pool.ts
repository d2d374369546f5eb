import type { AwsNodesSpec, AzureNodesSpec, ClusterApiNodesSpec, GkeNodesSpec, NodePoolBackend } from "./backend";
import type { GpuSpec } from "./gpu";
import type { NodePoolTenancy } from "./tenancy";

/** A pool of nodes. */
export interface NodePoolSpec {
  /** Name of the pool, a DNS label of at most 40 characters. */
  name: string;
  /** Controller that provides the nodes. */
  backend: NodePoolBackend;
  /** Who may use the pool. */
  tenancy: NodePoolTenancy;
  /** Tenant that owns the pool; required when `tenancy` is `dedicated`, forbidden otherwise. */
  tenant?: string;
  /** GPUs of the pool's nodes. Default: nodes without GPU. */
  gpu?: GpuSpec;
  /** Upper limit of the whole pool. */
  limits: NodePoolLimits;
  /** CPU that pods can use on one node, so that no replica is larger. Default: not checked. */
  nodeCpu?: string;
  /** Memory that pods can use on one node, so that no replica is larger. Default: not checked. */
  nodeMemory?: string;
  /** Requirements on the nodes, for example the instance family. Default: none. */
  requirements?: NodeRequirement[];
  /** Whether interruptible (spot) capacity may be used. Default: false. */
  spot?: boolean;
  /** When empty nodes are removed and how many nodes may be disrupted at once. */
  disruption?: DisruptionSpec;
  /** Name of the cloud's node class (EC2NodeClass, AKSNodeClass, KWOKNodeClass). Default: `default`. */
  nodeClass?: string;
  /** EC2 nodes, for backend `karpenter-aws`: makes an EC2NodeClass of the pool's name. Default: `nodeClass` exists already. */
  aws?: AwsNodesSpec;
  /** Azure nodes, for backend `karpenter-azure`: makes an AKSNodeClass of the pool's name. Default: `nodeClass` exists already. */
  azure?: AzureNodesSpec;
  /** GKE nodes, for backend `gke-compute-class`. Default: GKE chooses the machine by the GPU. */
  gke?: GkeNodesSpec;
  /** Machines, for backend `cluster-api`, which requires it. */
  clusterApi?: ClusterApiNodesSpec;
}

/** Upper limit of a pool, as Kubernetes quantities. */
export interface NodePoolLimits {
  /** CPU of all nodes together, for example `64`. */
  cpu: string;
  /** Memory of all nodes together, for example `256Gi`. */
  memory: string;
  /** GPUs or slices of all nodes together. Default: 0. */
  gpus?: number;
}

/** A requirement on a node label. */
export interface NodeRequirement {
  /** Label key. */
  key: string;
  /** Operator: `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`. */
  operator: string;
  /** Values for the operator. Default: none. */
  values?: string[];
}

/** Voluntary disruption of a pool's nodes. */
export interface DisruptionSpec {
  /** How long a node must be empty before it is removed, for example `10m`. Default: `10m`. */
  consolidateAfter?: string;
  /** How many nodes may be disrupted at once, a count or a percentage, for example `1` or `10%`. Default: `1`. */
  maxUnavailableNodes?: string;
}

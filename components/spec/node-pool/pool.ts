import type { CapacityType, Integer, LabelKey, LabelValue, Name, ObjectName, Quantity } from "../forms";
import { readNodeBytes, readNodeCpu, readTotalBytes, readTotalCpu } from "../amounts";
import { present, type Draft } from "../draft";
import type { Report } from "../fault";
import { below, type At } from "../path";
import { readText } from "../read";
import { listNames, useKnown } from "../suggest";
import {
  checkBackend,
  type AwsNodesSpec,
  type AzureNodesSpec,
  type ClusterApiNodesSpec,
  type GkeNodesSpec,
  type NodePoolBackend,
} from "./backend";
import { checkDisruption, resolveDisruption, type Disruption, type DisruptionSpec } from "./disruption";
import { checkGpu, resolveGpu, type GpuSpec, type NodePoolGpu } from "./gpu";
import { POOL_KEY, POOL_KEY_GKE } from "./key";
import { checkNode, readNodeAmounts, type NodeAmountsSpec, type PoolNodes } from "./nodes";
import { checkTaints, type TaintSpec } from "./taints";
import { NodePoolTenancy } from "./tenancy";

/** Node label of Karpenter whose value says how a node is paid for. */
export const CAPACITY_TYPE_KEY = "karpenter.sh/capacity-type";

/** A pool of nodes. */
export interface NodePoolSpec {
  /**
   * Name of the pool, a DNS label of at most 40 characters.
   * @examples ["finance-gpu"]
   */
  name: Name;
  /**
   * Controller that provides the nodes.
   * @examples ["karpenter-aws"]
   */
  backend: NodePoolBackend;
  /**
   * Who may use the pool.
   * @examples ["dedicated"]
   */
  tenancy: NodePoolTenancy;
  /**
   * Tenant that owns the pool; required when `tenancy` is `dedicated`, forbidden otherwise.
   * @examples ["finance"]
   */
  tenant?: Name;
  /** GPUs of the pool's nodes. Default: nodes without GPU. */
  gpu?: GpuSpec;
  /**
   * Upper limit of the whole pool.
   * @examples [{ "cpu": "64", "memory": "256Gi", "gpus": 4 }]
   */
  limits: NodePoolLimits;
  /**
   * CPU that pods can use on one node, its `allocatable`: no replica is larger, and nodes are counted by it. Default: not checked.
   * @examples ["15"]
   */
  nodeCpu?: Quantity;
  /**
   * Memory that pods can use on one node, its `allocatable`: no replica is larger, and nodes are counted by it. Default: not checked.
   * @examples ["56Gi"]
   */
  nodeMemory?: Quantity;
  /** What the cluster's agents (DaemonSets) request on each node; replicas have the rest. Default: nothing. */
  nodeAgents?: NodeAmountsSpec;
  /** What the system keeps of each node beside `nodeCpu` and `nodeMemory`; it counts against the limits. Default: nothing. */
  nodeSystem?: NodeAmountsSpec;
  /**
   * Number of nodes that are there whether pods need them or not. Default: as many as pods need, within `limits`.
   * @minimum 1 @maximum 100000 @examples [2]
   */
  fixedNodes?: Integer;
  /**
   * Requirements on the nodes, for example the instance family. Default: none.
   * @default [] @examples [[{ "key": "karpenter.k8s.aws/instance-family", "operator": "In", "values": ["g6"] }]]
   */
  requirements?: NodeRequirement[];
  /**
   * Further taints of the nodes, which the tenants' pods tolerate; `existing` nodes have them already. Default: none.
   * @default [] @examples [[{ "key": "sku", "value": "gpu", "effect": "NoSchedule" }]]
   */
  taints?: TaintSpec[];
  /**
   * Taints that nodes start with and agents remove, for example of the network. Default: none.
   * @default [] @examples [[{ "key": "node.cilium.io/agent-not-ready", "effect": "NoExecute" }]]
   */
  startupTaints?: TaintSpec[];
  /**
   * Whether interruptible (spot) capacity may be used. Default: false.
   * @default false @examples [true]
   */
  spot?: boolean;
  /**
   * How capacity may be paid for, in its place: `reserved`, `on-demand` and `spot`; reserved comes first. Default: `on-demand`, and `spot` with `spot`.
   * @minItems 1 @uniqueItems @examples [["reserved", "on-demand"]]
   */
  capacityTypes?: CapacityType[];
  /** When nodes are removed, and how many may be disrupted at once. */
  disruption?: DisruptionSpec;
  /**
   * Name of the cloud's node class (EC2NodeClass, AKSNodeClass, KWOKNodeClass). Default: `default`.
   * @maxLength 63 @default "default" @examples ["gpu"]
   */
  nodeClass?: ObjectName;
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
  /**
   * CPU of all nodes together, for example `64`.
   * @examples ["64"]
   */
  cpu: Quantity;
  /**
   * Memory of all nodes together, for example `256Gi`.
   * @examples ["256Gi"]
   */
  memory: Quantity;
  /**
   * GPUs or slices of all nodes together. Default: 0.
   * @minimum 0 @maximum 100000 @default 0 @examples [4]
   */
  gpus?: Integer;
  /**
   * Number of nodes. Default: as many as the other limits allow.
   * @minimum 1 @maximum 100000 @examples [8]
   */
  nodes?: Integer;
}

/** A requirement on a node label. */
export interface NodeRequirement {
  /**
   * Label key.
   * @examples ["karpenter.k8s.aws/instance-family"]
   */
  key: LabelKey;
  /**
   * Operator: `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt`, `Gte`, `Lt` or `Lte`.
   * @choices ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Gte", "Lt", "Lte"] @examples ["In"]
   */
  operator: string;
  /**
   * Values for the operator. Default: none.
   * @uniqueItems @default [] @examples [["g6"]]
   */
  values?: LabelValue[];
  /**
   * How many of the values there must be to choose from at least, 1 to 50. Default: one.
   * @minimum 1 @maximum 50 @examples [2]
   */
  minValues?: Integer;
}

/** A node pool with every default filled in. */
export interface NodePool extends PoolNodes {
  name: string;
  backend: NodePoolBackend;
  tenancy: NodePoolTenancy;
  /** Owner of a dedicated pool. */
  tenant?: string;
  gpu?: NodePoolGpu;
  requirements: NodeRequirement[];
  /** Further taints of the nodes, beside the pool's own. */
  taints: TaintSpec[];
  startupTaints: TaintSpec[];
  spot: boolean;
  capacityTypes: string[];
  disruption: Disruption;
  nodeClass: string;
  aws?: AwsNodesSpec;
  azure?: AzureNodesSpec;
  gke?: GkeNodesSpec;
  clusterApi?: ClusterApiNodesSpec;
}

/**
 * Checks one node pool: its owner, its amounts, its GPUs, its requirements, and what its backend can do.
 *
 * @param tenants Names of all tenants, undefined for those that could not be read; absent when not all are known.
 */
export function checkNodePool(
  pool: Draft<NodePoolSpec>,
  tenants: (string | undefined)[] | undefined,
  at: At,
  report: Report,
): void {
  checkOwner(pool, tenants, at, report);
  readText(readTotalCpu, pool.limits?.cpu, at("limits", "cpu"), report);
  readText(readTotalBytes, pool.limits?.memory, at("limits", "memory"), report);
  checkNode(pool, at, report);
  checkTaints(pool, at, report);
  checkCapacityTypes(pool, at, report);
  checkDisruption(pool.disruption, below(...at("disruption")), report);
  checkGpu(pool, at, report);
  checkBackend(pool, at, report);
  for (const { item, index } of present(pool.requirements)) {
    checkKey(item, below(...at("requirements", index)), report);
    checkValues(item, below(...at("requirements", index)), report);
  }
}

function checkOwner(
  { tenancy, tenant }: Draft<NodePoolSpec>,
  tenants: (string | undefined)[] | undefined,
  at: At,
  report: Report,
): void {
  const restsOn = [at("tenancy")];
  if (tenancy === NodePoolTenancy.shared && tenant !== undefined) {
    report({
      path: at("tenant"),
      value: tenant,
      restsOn,
      problem: "names an owner, but the pool is shared",
      fix: "remove `tenant`, or set `tenancy: dedicated`",
    });
  }
  if (tenancy !== NodePoolTenancy.dedicated) return;
  if (tenant === undefined) {
    report({
      path: at("tenant"),
      restsOn,
      problem: "is missing: the pool is dedicated, but to nobody",
      allowed: "the name of a tenant",
      fix: "add `tenant` with the name of the owner, or set `tenancy: shared`",
    });
  } else if (tenants !== undefined && !tenants.includes(tenant) && !tenants.includes(undefined)) {
    const known = present(tenants).map(({ item }) => item);
    report({
      path: at("tenant"),
      value: tenant,
      restsOn,
      problem: "is not a tenant of this stack",
      allowed: listNames(known),
      fix: useKnown(tenant, known, "declare the tenant, or name an existing one"),
    });
  }
}

/** Labels that the pool itself sets: a requirement on one of them could lead other tenants' pods here. */
const RESERVED_KEYS = [POOL_KEY, POOL_KEY_GKE, "karpenter.sh/nodepool", "kubernetes.io/hostname"];

function checkKey({ key }: Draft<NodeRequirement>, at: At, report: Report): void {
  if (key === undefined) return;
  if (RESERVED_KEYS.includes(key)) {
    report({ path: at("key"), value: key, problem: "is set by the platform", fix: "remove the requirement" });
  }
  if (key === CAPACITY_TYPE_KEY) {
    const problem = "is set by the platform from `capacityTypes`";
    report({
      path: at("key"),
      value: key,
      problem,
      fix: "remove the requirement, and set `capacityTypes` of the pool",
    });
  }
}

/** `capacityTypes` says all that `spot` says. */
function checkCapacityTypes({ spot, capacityTypes }: Draft<NodePoolSpec>, at: At, report: Report): void {
  if (spot === undefined || capacityTypes === undefined) return;
  report({
    path: at("spot"),
    value: spot,
    problem: "stands beside `capacityTypes`, which says it already",
    allowed: "one of `spot` and `capacityTypes`",
    fix: "remove `spot`",
  });
}

function checkValues({ operator, values = [], minValues }: Draft<NodeRequirement>, at: At, report: Report): void {
  const fault = { path: at("values"), restsOn: [at("operator"), at("values")] };
  const count = values.length;
  if ((operator === "In" || operator === "NotIn") && count === 0) {
    const problem = `is empty, but ${operator} compares with values`;
    report({ ...fault, problem, allowed: "one value or more", fix: "add the values" });
  }
  if ((operator === "Exists" || operator === "DoesNotExist") && count > 0) {
    const problem = `has no meaning with ${operator}`;
    report({ ...fault, problem, fix: "remove `values`, or use the operator In or NotIn" });
  }
  if (minValues !== undefined && operator === "In" && minValues > count && count > 0) {
    report({
      path: at("minValues"),
      value: minValues,
      restsOn: [at("operator"), at("values")],
      problem: "is more than there are values",
      allowed: `at most ${count}`,
      fix: `write ${count} or less, or add values`,
    });
  }
  if (minValues !== undefined && !["In", "Exists"].includes(operator ?? "In")) {
    report({
      path: at("minValues"),
      value: minValues,
      restsOn: [at("operator")],
      problem: `has no meaning with ${operator}`,
      allowed: "with the operators In and Exists",
      fix: "remove it",
    });
  }
  if (["Gt", "Gte", "Lt", "Lte"].includes(operator ?? "") && !(count === 1 && /^[0-9]+$/.test(values[0] ?? ""))) {
    const allowed = 'one whole number in quotes, for example `["4"]`';
    report({ ...fault, problem: `does not suit ${operator}`, allowed, fix: "correct `values`" });
  }
}

/** Fills in the defaults of one pool. */
export function resolveNodePool(spec: NodePoolSpec): NodePool {
  const { name, backend, tenancy, tenant, limits, nodeCpu, nodeMemory, spot = false } = spec;
  const { aws, azure, gke, clusterApi } = spec;
  return {
    name,
    backend,
    tenancy,
    tenant,
    gpu: spec.gpu && resolveGpu(spec.gpu, backend, gke),
    limits: {
      cpuMillis: readTotalCpu(limits.cpu),
      memoryBytes: readTotalBytes(limits.memory),
      gpus: limits.gpus ?? 0,
      ...(limits.nodes === undefined ? {} : { nodes: limits.nodes }),
    },
    nodeCpuMillis: nodeCpu === undefined ? undefined : readNodeCpu(nodeCpu),
    nodeMemoryBytes: nodeMemory === undefined ? undefined : readNodeBytes(nodeMemory),
    nodeAgents: readNodeAmounts(spec.nodeAgents),
    nodeSystem: readNodeAmounts(spec.nodeSystem),
    ...(spec.fixedNodes === undefined ? {} : { fixedNodes: spec.fixedNodes }),
    requirements: spec.requirements ?? [],
    taints: spec.taints ?? [],
    startupTaints: spec.startupTaints ?? [],
    spot,
    capacityTypes: spec.capacityTypes ?? (spot ? ["on-demand", "spot"] : ["on-demand"]),
    disruption: resolveDisruption(spec.disruption),
    nodeClass: spec.nodeClass ?? "default",
    aws,
    azure,
    gke,
    clusterApi,
  };
}

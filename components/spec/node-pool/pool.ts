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
import { checkGpu, resolveGpu, type GpuSpec, type NodePoolGpu } from "./gpu";
import { POOL_KEY, POOL_KEY_GKE } from "./key";
import { NodePoolTenancy } from "./tenancy";

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

/** A node pool with every default filled in. */
export interface NodePool {
  name: string;
  backend: NodePoolBackend;
  tenancy: NodePoolTenancy;
  /** Owner of a dedicated pool. */
  tenant?: string;
  gpu?: NodePoolGpu;
  limits: { cpuMillis: number; memoryBytes: number; gpus: number };
  /** CPU and memory that pods can use on one node; undefined when the declaration does not say. */
  nodeCpuMillis?: number;
  nodeMemoryBytes?: number;
  requirements: NodeRequirement[];
  spot: boolean;
  disruption: { consolidateAfter: string; maxUnavailableNodes: string };
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
  readText(readNodeCpu, pool.nodeCpu, at("nodeCpu"), report);
  readText(readNodeBytes, pool.nodeMemory, at("nodeMemory"), report);
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
  if (key === "karpenter.sh/capacity-type") {
    const problem = "is set by the platform from `spot`";
    report({ path: at("key"), value: key, problem, fix: "remove the requirement, and set `spot` of the pool" });
  }
}

function checkValues({ operator, values = [] }: Draft<NodeRequirement>, at: At, report: Report): void {
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
  if ((operator === "Gt" || operator === "Lt") && !(count === 1 && /^[0-9]+$/.test(values[0] ?? ""))) {
    const allowed = 'one whole number in quotes, for example `["4"]`';
    report({ ...fault, problem: `does not suit ${operator}`, allowed, fix: "correct `values`" });
  }
}

/** Fills in the defaults of one pool. */
export function resolveNodePool(spec: NodePoolSpec): NodePool {
  const { name, backend, tenancy, tenant, limits, nodeCpu, nodeMemory, disruption = {} } = spec;
  const { aws, azure, gke, clusterApi } = spec;
  return {
    name,
    backend,
    tenancy,
    tenant,
    gpu: spec.gpu && resolveGpu(spec.gpu, backend, gke),
    limits: { cpuMillis: readTotalCpu(limits.cpu), memoryBytes: readTotalBytes(limits.memory), gpus: limits.gpus ?? 0 },
    nodeCpuMillis: nodeCpu === undefined ? undefined : readNodeCpu(nodeCpu),
    nodeMemoryBytes: nodeMemory === undefined ? undefined : readNodeBytes(nodeMemory),
    requirements: spec.requirements ?? [],
    spot: spec.spot ?? false,
    disruption: {
      consolidateAfter: disruption.consolidateAfter ?? "10m",
      maxUnavailableNodes: disruption.maxUnavailableNodes ?? "1",
    },
    nodeClass: spec.nodeClass ?? "default",
    aws,
    azure,
    gke,
    clusterApi,
  };
}

/**
 * Most nodes within every limit of the pool. Without GPUs they are bounded by CPU and memory alone.
 *
 * @returns A whole number; 0 when not even one node fits.
 */
export function mostNodes({ gpu, limits, nodeCpuMillis = 0, nodeMemoryBytes = 0 }: NodePool): number {
  return Math.floor(
    Math.min(
      limits.cpuMillis / nodeCpuMillis,
      limits.memoryBytes / nodeMemoryBytes,
      gpu === undefined ? Infinity : limits.gpus / gpu.countPerNode,
    ),
  );
}

/** Checks that the nodes which the cluster autoscaler keeps fit the pool's limits. */
export function checkNodes(pool: NodePool, at: At, report: Report): void {
  const { clusterApi } = pool;
  if (clusterApi === undefined) return;
  const most = mostNodes(pool);
  const { minNodes = 0 } = clusterApi;
  if (most < 1) {
    report({
      path: at("limits"),
      problem: "does not allow one node of `nodeCpu`, `nodeMemory` and `gpu.countPerNode`",
      allowed: "at least what one node has",
      fix: "raise the limits",
    });
  } else if (minNodes > most) {
    report({
      path: at("clusterApi", "minNodes"),
      value: minNodes,
      problem: "is more nodes than `limits` allow",
      allowed: `at most ${most}`,
      fix: `set \`minNodes: ${most}\`, or raise the limits`,
    });
  }
}

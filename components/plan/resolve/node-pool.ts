import {
  NodePoolBackend,
  NodePoolTenancy,
  type AwsNodesSpec,
  type AzureNodesSpec,
  type ClusterApiNodesSpec,
  type GkeNodesSpec,
  type NodePoolSpec,
  type NodeRequirement,
} from "../../spec/index";
import { reporter, type Fault, type Report } from "../faults";
import { isDnsSubdomain, MAX_NAME_LENGTH } from "../../spec/names";
import { POOL_KEY, POOL_KEY_GKE } from "../node-pool/key";
import { checkName, checkOneOf, checkUnique, readBytes, readMilliCpu } from "../read";
import { checkBackend } from "./node-pool-backend";
import { resolveGpu, resolveGpuLimit, type NodePoolGpu } from "./node-pool-gpu";

export { DEFAULT_GPU_RESOURCE, type NodePoolGpu } from "./node-pool-gpu";

/** A node pool with every default filled in. */
export interface NodePool {
  name: string;
  backend: NodePoolBackend;
  tenancy: NodePoolTenancy;
  /** Owner of a dedicated pool. */
  tenant?: string;
  gpu?: NodePoolGpu;
  limits: { cpuMillis: number; memoryBytes: number; gpus: number };
  /** CPU and memory that pods can use on one node; undefined when nobody said. */
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

const OPERATORS = { In: "In", NotIn: "NotIn", Exists: "Exists", DoesNotExist: "DoesNotExist", Gt: "Gt", Lt: "Lt" };
/** Labels that the pool itself sets: a requirement on one of them could lead other tenants' pods here. */
const RESERVED_KEYS = [
  POOL_KEY,
  POOL_KEY_GKE,
  "karpenter.sh/capacity-type",
  "karpenter.sh/nodepool",
  "kubernetes.io/hostname",
];

/** Fills in the defaults of all pools; the result is in the order of the names. */
export function resolveNodePools(specs: NodePoolSpec[], faults: Fault[]): Map<string, NodePool> {
  checkUnique(
    specs.map(({ name }) => name),
    (_, name) => reporter(faults, "node pool", name)("name", "is used by two node pools: rename one of them"),
  );
  const pools = specs.map((spec) => resolveNodePool(spec, reporter(faults, "node pool", spec.name)));
  return new Map(pools.sort((a, b) => (a.name < b.name ? -1 : 1)).map((pool) => [pool.name, pool]));
}

/** Fills in the defaults of one pool and reports what is wrong. */
export function resolveNodePool(spec: NodePoolSpec, report: Report): NodePool {
  checkName(report, "name", spec.name, MAX_NAME_LENGTH);
  checkOneOf(report, "backend", spec.backend, NodePoolBackend);
  checkOneOf(report, "tenancy", spec.tenancy, NodePoolTenancy);
  checkOwner(spec, report);
  const gpu = spec.gpu && resolveGpu(spec.gpu, spec, report);
  const nodeClass = spec.nodeClass ?? "default";
  if (!isDnsSubdomain(nodeClass)) report("nodeClass", `${JSON.stringify(nodeClass)} is not the name of a node class`);
  const pool: NodePool = {
    name: spec.name,
    backend: spec.backend,
    tenancy: spec.tenancy,
    tenant: spec.tenant,
    gpu,
    limits: {
      cpuMillis: readMilliCpu(report, "limits.cpu", spec.limits.cpu) ?? Infinity,
      memoryBytes: readBytes(report, "limits.memory", spec.limits.memory) ?? Infinity,
      gpus: resolveGpuLimit(spec, gpu, report),
    },
    nodeCpuMillis: readMilliCpu(report, "nodeCpu", spec.nodeCpu),
    nodeMemoryBytes: readBytes(report, "nodeMemory", spec.nodeMemory),
    requirements: resolveRequirements(spec.requirements ?? [], report),
    spot: spec.spot ?? false,
    disruption: resolveDisruption(spec, report),
    nodeClass,
    aws: spec.aws,
    azure: spec.azure,
    gke: spec.gke,
    clusterApi: spec.clusterApi,
  };
  checkBackend(spec, pool, report);
  return pool;
}

function checkOwner(spec: NodePoolSpec, report: Report): void {
  if (spec.tenancy === NodePoolTenancy.dedicated && spec.tenant === undefined) {
    report("tenant", "is missing: a dedicated pool names the tenant that owns it");
  }
  if (spec.tenancy === NodePoolTenancy.shared && spec.tenant !== undefined) {
    report(
      "tenant",
      `${JSON.stringify(spec.tenant)} is not allowed for a shared pool: remove it, or set tenancy to dedicated`,
    );
  }
}

function resolveRequirements(requirements: NodeRequirement[], report: Report): NodeRequirement[] {
  requirements.forEach(({ key, operator, values = [] }, index) => {
    const path = `requirements[${index}]`;
    checkOneOf(report, `${path}.operator`, operator, OPERATORS);
    if (RESERVED_KEYS.includes(key)) report(`${path}.key`, `${key} is set by the pool itself: remove the requirement`);
    const listed =
      operator === "In" || operator === "NotIn"
        ? values.length > 0
        : operator === "Gt" || operator === "Lt"
          ? values.length === 1 && /^[0-9]+$/.test(values[0] ?? "")
          : values.length === 0;
    if (operator in OPERATORS && !listed) {
      report(
        `${path}.values`,
        "does not suit the operator: In and NotIn take values, Gt and Lt one whole number, Exists and DoesNotExist none",
      );
    }
  });
  return requirements;
}

function resolveDisruption({ disruption = {} }: NodePoolSpec, report: Report): NodePool["disruption"] {
  const { consolidateAfter = "10m", maxUnavailableNodes = "1" } = disruption;
  if (!/^(([0-9]+(s|m|h))+|Never)$/.test(consolidateAfter)) {
    report(
      "disruption.consolidateAfter",
      `${JSON.stringify(consolidateAfter)} is not a duration: write for example 10m, or Never`,
    );
  }
  if (!/^((100|[0-9]{1,2})%|[0-9]+)$/.test(maxUnavailableNodes)) {
    report(
      "disruption.maxUnavailableNodes",
      `${JSON.stringify(maxUnavailableNodes)} is neither a count nor a percentage: write for example 1 or 10%`,
    );
  }
  return { consolidateAfter, maxUnavailableNodes };
}

import type { Integer, LabelValue, ObjectName, TagValue } from "../forms";
import type { Draft } from "../draft";
import type { Report } from "../fault";
import type { At } from "../path";

/** The controller that provides the nodes of a pool. */
export const NodePoolBackend = {
  /** Karpenter with its simulated cloud, for the local cluster. */
  karpenterKwok: "karpenter-kwok",
  /** Karpenter on AWS (EC2NodeClass). */
  karpenterAws: "karpenter-aws",
  /** Karpenter on Azure (AKSNodeClass). */
  karpenterAzure: "karpenter-azure",
  /** GKE custom compute class. */
  gkeComputeClass: "gke-compute-class",
  /** Cluster API MachineDeployment. */
  clusterApi: "cluster-api",
  /** Nodes that exist already and carry the pool's label and taint. */
  existing: "existing",
} as const;
export type NodePoolBackend = (typeof NodePoolBackend)[keyof typeof NodePoolBackend];

/** Nodes of Amazon EC2. Their disks are encrypted, and pods cannot reach the instance metadata service. */
export interface AwsNodesSpec {
  /**
   * Machine image as Karpenter's alias of family and version, for example `bottlerocket@1.50.0` or `al2023@v20260801`.
   * @maxLength 30
   * @pattern ^(al2023|bottlerocket)@v?[0-9][0-9.]*$
   * @patternErrorMessage `al2023` or `bottlerocket`, `@` and a version; `latest` would replace nodes unasked
   * @examples ["bottlerocket@1.50.0"]
   */
  amiAlias: string;
  /**
   * Name of the nodes' IAM role.
   * @maxLength 64 @pattern ^[A-Za-z0-9+=,.@_-]+$
   * @patternErrorMessage the name of an IAM role, not its ARN
   * @examples ["KarpenterNodeRole-prod"]
   */
  role: string;
  /**
   * Tags of the subnets; all must match.
   * @minProperties 1 @examples [{ "karpenter.sh/discovery": "prod" }]
   */
  subnetTags: Record<string, TagValue>;
  /**
   * Tags of the security groups; all must match.
   * @minProperties 1 @examples [{ "karpenter.sh/discovery": "prod" }]
   */
  securityGroupTags: Record<string, TagValue>;
  /**
   * Tags of the capacity reservations and capacity blocks that nodes may use, with `reserved` among `capacityTypes`. Default: none.
   * @minProperties 1 @examples [{ "team": "models" }]
   */
  reservationTags?: Record<string, TagValue>;
  /**
   * Size of each node's disk in GiB; images and scratch files of all its pods are on it. Default: 100.
   * @minimum 20 @maximum 9999 @default 100 @examples [200]
   */
  diskGiB?: Integer;
}

/** Nodes of Azure. */
export interface AzureNodesSpec {
  /**
   * Family of the machine image: `Ubuntu`, `Ubuntu2204`, `Ubuntu2404` or `AzureLinux`. Default: `Ubuntu`.
   * @choices ["Ubuntu", "Ubuntu2204", "Ubuntu2404", "AzureLinux"] @default "Ubuntu" @examples ["AzureLinux"]
   */
  imageFamily?: string;
  /**
   * Size of each node's disk in GiB, 30 to 2048; images and scratch files of all its pods are on it. Default: 128.
   * @minimum 30 @maximum 2048 @default 128 @examples [256]
   */
  diskGiB?: Integer;
  /**
   * Resource ID of the nodes' subnet. Default: the cluster's own.
   * @maxLength 500
   * @pattern ^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+$
   * @patternErrorMessage the resource ID of a subnet
   * @examples ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.Network/virtualNetworks/prod/subnets/gpu"]
   */
  subnetId?: string;
  /**
   * Whether disks are encrypted on the host too; the subscription must have the feature. Default: false.
   * @default false @examples [true]
   */
  encryptionAtHost?: boolean;
}

/** Nodes of Google Kubernetes Engine. */
export interface GkeNodesSpec {
  /**
   * Machine type, for example `g2-standard-12`; not together with `machineFamily`. Default: chosen by GKE.
   * @maxLength 100 @pattern ^[a-z0-9-]+$
   * @patternErrorMessage a machine type: lower-case letters, digits and `-`
   * @examples ["g2-standard-12"]
   */
  machineType?: string;
  /**
   * Machine family, for example `g2`; pools without GPU name it or `machineType`. Default: chosen by GKE.
   * @maxLength 10 @pattern ^[a-z0-9]+$
   * @patternErrorMessage a machine family: lower-case letters and digits
   * @examples ["g2"]
   */
  machineFamily?: string;
  /**
   * Zones of the nodes. Default: the cluster's.
   * @minItems 1 @uniqueItems @examples [["europe-west4-a"]]
   */
  zones?: LabelValue[];
  /**
   * Email of the nodes' service account. Default: the cluster's.
   * @maxLength 254 @pattern ^[^@\s]+@[^@\s]+$
   * @patternErrorMessage the email of a service account
   * @examples ["gpu-nodes@prod.iam.gserviceaccount.com"]
   */
  serviceAccount?: string;
  /**
   * MIG profile that GPUs are divided into, for example `1g.10gb`; pods request slices as `nvidia.com/gpu`. Default: whole GPUs.
   * @maxLength 20 @pattern ^[0-9]+g\.[0-9]+gb$
   * @patternErrorMessage a MIG profile such as `1g.10gb`
   * @examples ["1g.10gb"]
   */
  gpuPartitionSize?: string;
}

/** Machines of Cluster API. The cluster manages itself: the machines' objects are in the cluster that they join. */
export interface ClusterApiNodesSpec {
  /**
   * Namespace of the cluster's objects.
   * @examples ["clusters"]
   */
  namespace: ObjectName;
  /**
   * Name of the Cluster object.
   * @examples ["prod"]
   */
  clusterName: ObjectName;
  /**
   * Template of the bootstrap configuration, for example a KubeadmConfigTemplate.
   * @examples [{ "apiGroup": "bootstrap.cluster.x-k8s.io", "kind": "KubeadmConfigTemplate", "name": "gpu" }]
   */
  bootstrap: TemplateReference;
  /**
   * Template of the infrastructure machines, for example an AWSMachineTemplate.
   * @examples [{ "apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "AWSMachineTemplate", "name": "gpu" }]
   */
  infrastructure: TemplateReference;
  /**
   * Kubernetes version of the nodes, for example `v1.34.2`. Default: none, as for providers that choose it.
   * @maxLength 100
   * @pattern ^v[0-9]+\.[0-9]+\.[0-9]+([-+].+)?$
   * @patternErrorMessage a version such as `v1.34.2`
   * @examples ["v1.34.2"]
   */
  version?: string;
  /**
   * Failure domain of the machines, for example a zone. Default: any.
   * @minLength 1 @maxLength 256 @examples ["eu-central-1a"]
   */
  failureDomain?: string;
  /**
   * Fewest nodes that the cluster autoscaler keeps. Default: 0.
   * @minimum 0 @maximum 100000 @default 0 @examples [1]
   */
  minNodes?: Integer;
}

/** Refers to a template object in the namespace of the cluster's objects. */
export interface TemplateReference {
  /**
   * API group, for example `bootstrap.cluster.x-k8s.io`.
   * @examples ["bootstrap.cluster.x-k8s.io"]
   */
  apiGroup: ObjectName;
  /**
   * Kind, for example `KubeadmConfigTemplate`.
   * @maxLength 63
   * @pattern ^[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$
   * @patternErrorMessage the kind of an object, for example `KubeadmConfigTemplate`
   * @examples ["KubeadmConfigTemplate"]
   */
  kind: string;
  /**
   * Name of the object.
   * @examples ["gpu"]
   */
  name: ObjectName;
}

/** A setting of a pool that not every backend can act on: a path below the pool. */
type BackendSetting =
  | "requirements"
  | "spot"
  | "capacityTypes"
  | "startupTaints"
  | "fixedNodes"
  | "disruption"
  | "disruption.consolidateAfter"
  | "disruption.maxUnavailableNodes"
  | "disruption.budgets"
  | "disruption.expireAfter"
  | "disruption.terminationGracePeriod"
  | "nodeClass"
  | "aws"
  | "azure"
  | "gke"
  | "clusterApi";

const KARPENTER: BackendSetting[] = [
  "requirements",
  "spot",
  "capacityTypes",
  "startupTaints",
  "fixedNodes",
  "disruption",
  "disruption.consolidateAfter",
  "disruption.maxUnavailableNodes",
  "disruption.budgets",
  "disruption.expireAfter",
  "disruption.terminationGracePeriod",
  "nodeClass",
];

/** Settings that each backend acts on. */
const ACTED_ON: Record<NodePoolBackend, BackendSetting[]> = {
  [NodePoolBackend.karpenterKwok]: KARPENTER,
  [NodePoolBackend.karpenterAws]: [...KARPENTER, "aws"],
  [NodePoolBackend.karpenterAzure]: [...KARPENTER, "azure"],
  // GKE moves the nodes of a class by maintenance windows of the cluster, not of the class.
  [NodePoolBackend.gkeComputeClass]: ["spot", "disruption", "disruption.consolidateAfter", "gke"],
  // When empty nodes go is a flag of the cluster autoscaler; spot and machine types are in the infrastructure template.
  [NodePoolBackend.clusterApi]: ["disruption", "disruption.maxUnavailableNodes", "fixedNodes", "clusterApi"],
  [NodePoolBackend.existing]: [],
};

const SETTINGS = [
  "requirements",
  "spot",
  "capacityTypes",
  "startupTaints",
  "fixedNodes",
  "disruption",
  "nodeClass",
  "aws",
  "azure",
  "gke",
  "clusterApi",
] as const;
const DISRUPTION_SETTINGS = [
  "consolidateAfter",
  "maxUnavailableNodes",
  "budgets",
  "expireAfter",
  "terminationGracePeriod",
] as const;

/** What matters of a pool to its backend; every part may be missing. */
export interface BackendDraft {
  name?: string;
  backend?: NodePoolBackend;
  gpu?: { product?: string };
  nodeCpu?: string;
  nodeMemory?: string;
  requirements?: unknown;
  spot?: boolean;
  capacityTypes?: (string | undefined)[];
  startupTaints?: unknown;
  fixedNodes?: number;
  disruption?: { [Key in (typeof DISRUPTION_SETTINGS)[number]]?: unknown };
  nodeClass?: string;
  aws?: Draft<AwsNodesSpec>;
  azure?: Draft<AzureNodesSpec>;
  gke?: Draft<GkeNodesSpec>;
  clusterApi?: Draft<ClusterApiNodesSpec>;
}

/** Checks that a pool has what its backend needs, and no setting that the backend does not act on. */
export function checkBackend(pool: BackendDraft, at: At, report: Report): void {
  const { backend } = pool;
  if (backend === undefined) return;
  for (const setting of unusedSettings(pool, backend)) {
    report({
      path: at(...setting.split(".")),
      problem:
        backend === NodePoolBackend.existing
          ? "has no effect on nodes that exist already"
          : `has no effect with the backend ${backend}`,
      restsOn: [at("backend")],
      at: "key",
      fix: `remove \`${setting}\`, or choose a backend that acts on it`,
    });
  }
  if (backend === NodePoolBackend.karpenterAws) checkOneNodeClass(pool, "aws", at, report);
  checkReserved(pool, at, report);
  checkFixed(pool, at, report);
  if (backend === NodePoolBackend.karpenterAzure) checkOneNodeClass(pool, "azure", at, report);
  if (backend === NodePoolBackend.gkeComputeClass) checkGke(pool, at, report);
  if (backend === NodePoolBackend.clusterApi) checkClusterApi(pool, at, report);
}

/** Settings that are declared but that the pool's backend does not act on: they would do nothing, unseen. */
function unusedSettings(pool: BackendDraft, backend: NodePoolBackend): BackendSetting[] {
  const actedOn = ACTED_ON[backend];
  const { disruption = {} } = pool;
  const declared: BackendSetting[] = [
    ...SETTINGS.filter((key) => pool[key] !== undefined),
    ...DISRUPTION_SETTINGS.filter((key) => disruption[key] !== undefined && actedOn.includes("disruption")).map(
      (key) => `disruption.${key}` as const,
    ),
  ];
  return declared.filter((setting) => !actedOn.includes(setting));
}

/** The pool's own node class and a foreign one cannot both be its nodes'. */
function checkOneNodeClass(pool: BackendDraft, section: "aws" | "azure", at: At, report: Report): void {
  if (pool[section] === undefined || pool.nodeClass === undefined) return;
  report({
    path: at("nodeClass"),
    value: pool.nodeClass,
    problem: `names a node class beside \`${section}\`, which makes one of the pool's name`,
    allowed: `one of \`nodeClass\` and \`${section}\``,
    fix: "remove one of the two",
  });
}

/** Reserved capacity is Amazon's: what selects it and what uses it go together. */
function checkReserved({ backend, capacityTypes, aws }: BackendDraft, at: At, report: Report): void {
  const index = capacityTypes?.indexOf("reserved") ?? -1;
  if (index >= 0 && backend !== NodePoolBackend.karpenterAws && capacityTypes !== undefined) {
    report({
      path: at("capacityTypes", index),
      value: "reserved",
      restsOn: [at("backend")],
      problem: `is not a capacity type of ${backend}`,
      allowed: "`on-demand` and `spot`",
      fix: "remove it",
    });
  } else if (index >= 0 && aws !== undefined && aws.reservationTags === undefined) {
    report({
      path: at("aws", "reservationTags"),
      restsOn: [at("capacityTypes"), at("aws")],
      problem: "is missing, and no reservation would be used without it",
      allowed: "tags of the capacity reservations",
      fix: "add `reservationTags`, or remove `reserved` from `capacityTypes`",
    });
  } else if (index < 0 && aws?.reservationTags !== undefined) {
    report({
      path: at("aws", "reservationTags"),
      restsOn: [at("capacityTypes")],
      problem: "has no effect, because `reserved` is not among `capacityTypes`",
      at: "key",
      fix: "add `reserved` to `capacityTypes`, or remove it",
    });
  }
}

/** A pool of a fixed number of nodes neither grows nor shrinks. */
function checkFixed({ fixedNodes, disruption, clusterApi }: BackendDraft, at: At, report: Report): void {
  if (fixedNodes === undefined) return;
  const idle = [
    ...(disruption?.consolidateAfter === undefined ? [] : [at("disruption", "consolidateAfter")]),
    ...(clusterApi?.minNodes === undefined ? [] : [at("clusterApi", "minNodes")]),
  ];
  for (const path of idle) {
    report({
      path,
      restsOn: [at("fixedNodes")],
      problem: "has no effect on a pool with a fixed number of nodes",
      at: "key",
      fix: "remove it, or remove `fixedNodes`",
    });
  }
}

function checkGke({ name, gpu, gke = {} }: BackendDraft, at: At, report: Report): void {
  // GKE takes one character or at least three as the value of a taint.
  if (name?.length === 2) {
    report({
      path: at("name"),
      value: name,
      problem: "is too short for the value of a taint on GKE",
      allowed: "at least 3 characters",
      fix: "choose a longer name",
    });
  }
  if (gpu !== undefined && gpu.product === undefined) {
    report({
      path: at("gpu", "product"),
      restsOn: [at("gpu")],
      problem: "is missing, and GKE chooses nodes by its name of the accelerator",
      allowed: "a name of GKE, for example `nvidia-l4`",
      fix: "add `product`",
    });
  }
  const { machineType, machineFamily } = gke;
  if (machineType !== undefined && machineFamily !== undefined) {
    report({
      path: at("gke", "machineFamily"),
      value: machineFamily,
      problem: "stands beside `machineType`, which says it already",
      allowed: "one of `machineType` and `machineFamily`",
      fix: "remove one of the two",
    });
  }
  if (gpu === undefined && machineType === undefined && machineFamily === undefined) {
    report({
      path: at("gke"),
      restsOn: [at("gpu"), at("gke", "machineType"), at("gke", "machineFamily")],
      problem: "names no machine, and the pool has no GPU to choose one by",
      allowed: "`machineFamily` or `machineType`",
      fix: "write `machineFamily`, for example `n4`",
    });
  }
}

function checkClusterApi(pool: BackendDraft, at: At, report: Report): void {
  for (const key of ["nodeCpu", "nodeMemory"] as const) {
    if (pool[key] !== undefined) continue;
    report({
      path: at(key),
      problem: "is missing, and the cluster autoscaler has to know what a node holds before there is one",
      allowed: "what pods can use on one node",
      fix: `add \`${key}\``,
    });
  }
  if (pool.clusterApi !== undefined) return;
  report({
    path: at("clusterApi"),
    problem: "is missing, so that it is not known which cluster the machines are of",
    allowed: "the cluster, and the templates of its machines",
    fix: "add `clusterApi`",
  });
}

import { NodePoolBackend, type NodePoolSpec } from "../../spec/index";
import { isDnsSubdomain } from "../../spec/names";
import { unusedSettings } from "../node-pool/backends";
import { mostNodes } from "../node-pool/machine-deployment";
import { readWhole } from "../read";
import type { Report } from "../faults";
import type { NodePool } from "./node-pool";

/** Reports settings that the pool's backend does not act on, and what it needs beside what every pool has. */
export function checkBackend(spec: NodePoolSpec, pool: NodePool, report: Report): void {
  for (const setting of unusedSettings(spec)) {
    report(setting, `has no effect with backend ${spec.backend}: remove it, or choose a backend that acts on it`);
  }
  if (spec.backend === NodePoolBackend.karpenterAws) checkAws(spec, report);
  if (spec.backend === NodePoolBackend.karpenterAzure) checkAzure(spec, report);
  if (spec.backend === NodePoolBackend.gkeComputeClass) checkGke(spec, report);
  if (spec.backend === NodePoolBackend.clusterApi) checkClusterApi(spec, pool, report);
}

/** The pool's own node class and a foreign one cannot both be its nodes'. */
function checkOneNodeClass({ nodeClass }: NodePoolSpec, section: string, report: Report): void {
  if (nodeClass === undefined) return;
  report(
    "nodeClass",
    `${JSON.stringify(nodeClass)} is not allowed beside ${section}, which makes a node class of the pool's name: remove one of the two`,
  );
}

function checkAws(spec: NodePoolSpec, report: Report): void {
  const { aws } = spec;
  if (aws === undefined) return;
  checkOneNodeClass(spec, "aws", report);
  if (!/^(al2023|bottlerocket)@v?[0-9][0-9.]*$/.test(aws.amiAlias)) {
    report(
      "aws.amiAlias",
      `${JSON.stringify(aws.amiAlias)} is not allowed: write al2023 or bottlerocket with a version, for example bottlerocket@1.50.0`,
    );
  }
  if (!/^[A-Za-z0-9+=,.@_-]{1,64}$/.test(aws.role)) {
    report("aws.role", `${JSON.stringify(aws.role)} is not the name of an IAM role: write the name, not the ARN`);
  }
  for (const key of ["subnetTags", "securityGroupTags"] as const) {
    if (Object.keys(aws[key]).length === 0) {
      report(`aws.${key}`, "is empty and would match everything: write at least one tag");
    }
  }
  readWhole(report, "aws.diskGiB", aws.diskGiB, { minimum: 20, maximum: 9999, fallback: 100 });
}

const AZURE_IMAGES = ["Ubuntu", "Ubuntu2204", "Ubuntu2404", "AzureLinux"];
const AZURE_SUBNET =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/;

function checkAzure(spec: NodePoolSpec, report: Report): void {
  const { azure } = spec;
  if (azure === undefined) return;
  checkOneNodeClass(spec, "azure", report);
  if (azure.imageFamily !== undefined && !AZURE_IMAGES.includes(azure.imageFamily)) {
    report(
      "azure.imageFamily",
      `${JSON.stringify(azure.imageFamily)} is not allowed: write one of ${AZURE_IMAGES.join(", ")}`,
    );
  }
  if (azure.subnetId !== undefined && !AZURE_SUBNET.test(azure.subnetId)) {
    report("azure.subnetId", `${JSON.stringify(azure.subnetId)} is not the resource ID of a subnet`);
  }
  readWhole(report, "azure.diskGiB", azure.diskGiB, { minimum: 30, maximum: 2048, fallback: 128 });
}

function checkGke({ name, gpu, gke = {} }: NodePoolSpec, report: Report): void {
  // GKE takes one character or at least three as the value of a taint.
  if (name.length === 2) {
    report("name", `${JSON.stringify(name)} is too short for the value of a taint on GKE: write at least 3 characters`);
  }
  if (gpu !== undefined && gpu.product === undefined) {
    report("gpu.product", "is missing: GKE chooses nodes by its name of the accelerator, for example nvidia-l4");
  }
  const { machineType, machineFamily } = gke;
  if (machineType !== undefined && machineFamily !== undefined) {
    report("gke.machineFamily", "is not allowed beside gke.machineType: remove one of the two");
  }
  if (gpu === undefined && machineType === undefined && machineFamily === undefined) {
    report("gke", "names no machine, and the pool has no GPU to choose one by: write machineFamily, for example n4");
  }
}

function checkClusterApi(spec: NodePoolSpec, pool: NodePool, report: Report): void {
  const { clusterApi } = spec;
  for (const key of ["nodeCpu", "nodeMemory"] as const) {
    if (spec[key] === undefined) {
      report(key, "is missing: the cluster autoscaler has to know what a node holds before there is one");
    }
  }
  if (clusterApi === undefined) {
    report("clusterApi", "is missing: name the cluster, and the templates of its machines");
    return;
  }
  const names = {
    namespace: clusterApi.namespace,
    clusterName: clusterApi.clusterName,
    "bootstrap.apiGroup": clusterApi.bootstrap.apiGroup,
    "bootstrap.name": clusterApi.bootstrap.name,
    "infrastructure.apiGroup": clusterApi.infrastructure.apiGroup,
    "infrastructure.name": clusterApi.infrastructure.name,
  };
  for (const [key, value] of Object.entries(names)) {
    if (!isDnsSubdomain(value)) report(`clusterApi.${key}`, `${JSON.stringify(value)} is not the name of an object`);
  }
  for (const key of ["bootstrap", "infrastructure"] as const) {
    const { kind } = clusterApi[key];
    if (!/^[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$/.test(kind)) {
      report(`clusterApi.${key}.kind`, `${JSON.stringify(kind)} is not the kind of an object`);
    }
  }
  const minNodes = readWhole(report, "clusterApi.minNodes", clusterApi.minNodes, {
    minimum: 0,
    maximum: 100_000,
    fallback: 0,
  });
  if (pool.nodeCpuMillis === undefined || pool.nodeMemoryBytes === undefined) return;
  const most = mostNodes(pool);
  if (most < 1) {
    report("limits", "do not allow one node of nodeCpu, nodeMemory and gpu.countPerNode: raise them");
  } else if (minNodes > most) {
    report("clusterApi.minNodes", `${minNodes} is more than limits allow: write at most ${most}, or raise them`);
  }
}

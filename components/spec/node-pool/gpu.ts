import type { Integer, LabelValue } from "../forms";
import type { Draft } from "../draft";
import type { Report } from "../fault";
import { isDnsSubdomain } from "../names";
import type { At } from "../path";
import { NodePoolBackend, type GkeNodesSpec } from "./backend";
import { memoryOfProduct } from "./cards";
import { memoryOfProfile, MIG_PROFILES, profileOfResource, slicesPerGpu } from "./mig";
import { NodePoolTenancy } from "./tenancy";

/** GPUs of one node. */
export interface GpuSpec {
  /**
   * Extended resource that pods request. Default: `nvidia.com/gpu`, with `deviceClass` none; a MIG slice is named like `nvidia.com/mig-1g.10gb`.
   * @maxLength 127
   * @pattern ^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?$
   * @patternErrorMessage an extended resource such as `nvidia.com/gpu`, `amd.com/gpu` or `nvidia.com/mig-1g.10gb`
   * @default "nvidia.com/gpu" @examples ["nvidia.com/mig-1g.10gb"]
   */
  resource?: string;
  /**
   * DeviceClass of `resource.k8s.io/v1`, for example `gpu.nvidia.com`, by which a driver of dynamic resource allocation gives out the GPUs: pods claim them, or
   * request `resource` where the class offers them by that name. Default: none, a device plugin gives them out.
   * @minLength 1 @maxLength 100 @examples ["gpu.nvidia.com"]
   */
  deviceClass?: string;
  /**
   * Memory of one GPU or slice in GiB.
   * @exclusiveMinimum 0 @maximum 4096 @examples [24]
   */
  memoryGiB: number;
  /**
   * GPUs or slices on one node. Default: 1.
   * @minimum 1 @maximum 64 @default 1 @examples [4]
   */
  countPerNode?: Integer;
  /**
   * GPU product, for example `l4`, for the backends that select by it. Default: any.
   * @minLength 1
   * @patternErrorMessage a Kubernetes label value: letters, digits, `-`, `_` and `.`
   * @examples ["l4"]
   */
  product?: LabelValue;
  /**
   * Name of the NVIDIA device plugin's configuration for the nodes; not on shared pools, where it could share GPUs. Default: none.
   * @minLength 1
   * @patternErrorMessage a Kubernetes label value: letters, digits, `-`, `_` and `.`
   * @examples ["time-sliced"]
   */
  devicePluginConfig?: LabelValue;
}

/** GPUs of one node, with every default filled in. */
export interface NodePoolGpu {
  /** Extended resource that pods request; absent where they claim devices. */
  resource?: string;
  /** Class of devices that claims name; absent where a device plugin gives out GPUs. */
  deviceClass?: string;
  memoryGiB: number;
  /** GPUs or slices on one node. */
  countPerNode: number;
  product?: string;
  devicePluginConfig?: string;
  /** Profile of slices that pods request under the name of whole GPUs. */
  migProfile?: string;
  /** Whole GPUs of a node whose GPUs are divided; absent for whole GPUs, and where the backend need not know. */
  mig?: { gpusPerNode: number };
}

/** Extended resource of a whole NVIDIA GPU. */
export const DEFAULT_GPU_RESOURCE = "nvidia.com/gpu";

/** Backends that make nodes with as many GPUs as the slices need. */
const DIVIDES_GPUS: readonly NodePoolBackend[] = [
  NodePoolBackend.karpenterAws,
  NodePoolBackend.karpenterAzure,
  NodePoolBackend.gkeComputeClass,
];

/** What matters of a pool to its GPUs; every part may be missing. */
export interface GpuDraft {
  backend?: NodePoolBackend;
  tenancy?: NodePoolTenancy;
  gpu?: Draft<GpuSpec>;
  gke?: Draft<GkeNodesSpec>;
  limits?: { gpus?: number };
  fixedNodes?: number;
}

/** Checks a pool's GPUs, and its limit of them. */
export function checkGpu(pool: GpuDraft, at: At, report: Report): void {
  checkLimit(pool, at, report);
  if (pool.gpu === undefined) return;
  checkResource(pool, at, report);
  checkDeviceClass(pool, at, report);
  checkDevicePluginConfig(pool, at, report);
  checkSlices(pool, at, report);
  checkCard(pool, at, report);
}

function checkLimit({ gpu, limits }: GpuDraft, at: At, report: Report): void {
  const limit = limits?.gpus ?? 0;
  const perNode = gpu?.countPerNode ?? 1;
  const fault = { path: at("limits", "gpus"), value: limit };
  const restsOn = [at("gpu"), at("gpu", "countPerNode"), at("limits")];
  if (gpu === undefined && limit > 0) {
    const problem = "limits GPUs, but the nodes of the pool have none";
    report({ ...fault, restsOn, problem, fix: "describe the GPUs under `gpu`, or remove the limit" });
  }
  if (gpu !== undefined && limit < perNode) {
    const problem = `does not even allow the ${perNode} GPUs of one node`;
    const allowed = `${perNode} or more`;
    report({ ...fault, restsOn, problem, allowed, fix: `set \`gpus: ${perNode}\` or more` });
  }
}

function checkResource({ gpu, tenancy, backend }: GpuDraft, at: At, report: Report): void {
  const resource = gpu?.resource;
  if (resource === undefined) return;
  if (tenancy === NodePoolTenancy.shared && resource.endsWith(".shared")) {
    report({
      path: at("gpu", "resource"),
      value: resource,
      problem: "is a time-sliced GPU, which keeps neither memory nor faults of tenants apart",
      allowed: "whole GPUs or MIG slices on a shared pool",
      fix: "share whole GPUs or MIG slices, or dedicate the pool to one tenant",
    });
  }
  if (backend === NodePoolBackend.gkeComputeClass && resource !== DEFAULT_GPU_RESOURCE) {
    report({
      path: at("gpu", "resource"),
      value: resource,
      problem: "does not exist on GKE, which names slices like whole GPUs",
      allowed: `\`${DEFAULT_GPU_RESOURCE}\``,
      fix: "remove it, and write the profile of slices under `gke.gpuPartitionSize`",
    });
  }
}

/** Autoscalers count extended resources: a pod that claims devices makes no node, so its pool has nodes without it. */
function checkDeviceClass({ gpu, backend, fixedNodes }: GpuDraft, at: At, report: Report): void {
  if (gpu?.deviceClass === undefined) return;
  if (!isDnsSubdomain(gpu.deviceClass)) {
    report({
      path: at("gpu", "deviceClass"),
      value: gpu.deviceClass,
      problem: "is not the name of a DeviceClass",
      allowed: "a DNS subdomain, for example `gpu.nvidia.com`",
      fix: "write the name as `kubectl get deviceclasses` shows it",
    });
  }
  if (gpu.devicePluginConfig !== undefined) {
    report({
      path: at("gpu", "devicePluginConfig"),
      value: gpu.devicePluginConfig,
      restsOn: [at("gpu", "deviceClass")],
      problem: "has no effect where a driver gives out the GPUs by claims",
      fix: "remove it, or remove `deviceClass`",
    });
  }
  if (backend === undefined || backend === NodePoolBackend.existing || fixedNodes !== undefined) return;
  report({
    path: at("gpu", "deviceClass"),
    value: gpu.deviceClass,
    restsOn: [at("backend"), at("fixedNodes")],
    problem: `needs nodes that are there already: for a pod that claims devices ${backend} makes none`,
    allowed: `the backend ${NodePoolBackend.existing}, or \`fixedNodes\` where the backend has it`,
    fix: "set `fixedNodes`, choose the backend existing, or remove `deviceClass` and let a device plugin give out the GPUs",
  });
}

/** The device plugin's configuration decides whether GPUs are shared in time, and the pool cannot see what is in it. */
function checkDevicePluginConfig({ gpu, tenancy }: GpuDraft, at: At, report: Report): void {
  if (gpu?.devicePluginConfig === undefined || tenancy !== NodePoolTenancy.shared) return;
  report({
    path: at("gpu", "devicePluginConfig"),
    value: gpu.devicePluginConfig,
    problem: "is not allowed on a shared pool, whose GPUs it could share in time",
    allowed: "a configuration on a dedicated pool",
    fix: "remove it, or dedicate the pool to one tenant",
  });
}

/** A product whose name says what it has, or that is known, has no more. */
function checkCard({ gpu }: GpuDraft, at: At, report: Report): void {
  const memory = memoryOfProduct(gpu?.product ?? "");
  if (memory === undefined || (gpu?.memoryGiB ?? 0) <= memory) return;
  report({
    path: at("gpu", "memoryGiB"),
    value: gpu?.memoryGiB,
    restsOn: [at("gpu", "product")],
    problem: `is more than a GPU ${gpu?.product} has`,
    allowed: `at most ${memory}`,
    fix: `set \`memoryGiB: ${memory}\` or less, or name another \`product\``,
  });
}

function checkSlices({ backend, gpu, gke }: GpuDraft, at: At, report: Report): void {
  const { profile, path } = profileOf(gpu, gke, at);
  if (profile === undefined) return;
  const memory = memoryOfProfile(profile);
  if (memory !== undefined && (gpu?.memoryGiB ?? 0) > memory) {
    report({
      path: at("gpu", "memoryGiB"),
      value: gpu?.memoryGiB,
      restsOn: [path],
      problem: "is more than the MIG slice has",
      allowed: `at most ${memory}`,
      fix: `set \`memoryGiB: ${memory}\``,
    });
  }
  if (backend === undefined || !DIVIDES_GPUS.includes(backend)) return;
  const slices = slicesPerGpu(profile);
  const count = gpu?.countPerNode ?? 1;
  if (slices === undefined) {
    const problem = `is of the MIG profile ${profile}, which is not known`;
    const allowed = `one of the profiles ${MIG_PROFILES.join(", ")}`;
    report({ path, value: profile, problem, allowed, fix: "write a profile that the GPU has" });
  } else if (count % slices !== 0) {
    report({
      path: at("gpu", "countPerNode"),
      value: count,
      restsOn: [path],
      problem: `is no whole number of GPUs, each of which gives ${slices} slices of ${profile}`,
      allowed: `a multiple of ${slices}`,
      fix: `set \`countPerNode: ${Math.ceil(count / slices) * slices}\``,
    });
  }
}

/** The profile of a pool's slices, and where it is declared; GKE has it apart from the resource. */
function profileOf(gpu: Draft<GpuSpec> | undefined, gke: Draft<GkeNodesSpec> | undefined, at: At) {
  return gke?.gpuPartitionSize === undefined
    ? { profile: profileOfResource(gpu?.resource ?? ""), path: at("gpu", "resource") }
    : { profile: gke.gpuPartitionSize, path: at("gke", "gpuPartitionSize") };
}

/** Fills in the defaults of a pool's GPUs. */
export function resolveGpu(gpu: GpuSpec, backend: NodePoolBackend, gke?: GkeNodesSpec): NodePoolGpu {
  const { deviceClass, countPerNode = 1, memoryGiB, product, devicePluginConfig } = gpu;
  const resource = gpu.resource ?? (deviceClass === undefined ? DEFAULT_GPU_RESOURCE : undefined);
  const profile = gke?.gpuPartitionSize ?? profileOfResource(resource ?? "");
  const slices = profile !== undefined && DIVIDES_GPUS.includes(backend) ? slicesPerGpu(profile) : undefined;
  return {
    resource,
    ...(deviceClass === undefined ? {} : { deviceClass }),
    memoryGiB,
    countPerNode,
    product,
    devicePluginConfig,
    migProfile: gke?.gpuPartitionSize,
    mig: slices === undefined ? undefined : { gpusPerNode: countPerNode / slices },
  };
}

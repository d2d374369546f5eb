import { NodePoolBackend, NodePoolTenancy, type GpuSpec, type NodePoolSpec } from "../../spec/index";
import type { Report } from "../faults";
import { MIG_PROFILES, profileOfResource, slicesPerGpu } from "../node-pool/mig";
import { readWhole } from "../read";

/** GPUs of one node. */
export interface NodePoolGpu {
  resource: string;
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
const DIVIDES_GPUS: NodePoolBackend[] = [
  NodePoolBackend.karpenterAws,
  NodePoolBackend.karpenterAzure,
  NodePoolBackend.gkeComputeClass,
];

/** Fills in the defaults of a pool's GPUs and reports what is wrong. */
export function resolveGpu(gpu: GpuSpec, spec: NodePoolSpec, report: Report): NodePoolGpu {
  const resource = gpu.resource ?? DEFAULT_GPU_RESOURCE;
  checkResource(resource, spec, report);
  if (!(gpu.memoryGiB > 0))
    report("gpu.memoryGiB", `${gpu.memoryGiB} is not allowed: write the memory of one GPU in GiB`);
  checkDevicePluginConfig(gpu, spec, report);
  const countPerNode = readWhole(report, "gpu.countPerNode", gpu.countPerNode, {
    minimum: 1,
    maximum: 64,
    fallback: 1,
  });
  const migProfile = spec.gke?.gpuPartitionSize;
  return {
    resource,
    memoryGiB: gpu.memoryGiB,
    countPerNode,
    product: gpu.product,
    devicePluginConfig: gpu.devicePluginConfig,
    migProfile,
    mig: resolveMig(migProfile ?? profileOfResource(resource), countPerNode, spec, report),
  };
}

function checkResource(resource: string, { tenancy, backend }: NodePoolSpec, report: Report): void {
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?$/.test(resource)) {
    report(
      "gpu.resource",
      `${JSON.stringify(resource)} is not an extended resource: write for example ${DEFAULT_GPU_RESOURCE} or nvidia.com/mig-1g.10gb`,
    );
  } else if (tenancy === NodePoolTenancy.shared && resource.endsWith(".shared")) {
    report(
      "gpu.resource",
      `${resource} is a time-sliced GPU, whose memory and faults are not kept apart: share whole GPUs or MIG slices, or dedicate the pool to one tenant`,
    );
  } else if (backend === NodePoolBackend.gkeComputeClass && resource !== DEFAULT_GPU_RESOURCE) {
    report(
      "gpu.resource",
      `${resource} does not exist on GKE, which names slices like whole GPUs: remove it, and write the profile under gke.gpuPartitionSize`,
    );
  }
}

/** The device plugin's configuration decides whether GPUs are shared in time, and the pool cannot see what is in it. */
function checkDevicePluginConfig({ devicePluginConfig }: GpuSpec, { tenancy }: NodePoolSpec, report: Report): void {
  if (devicePluginConfig === undefined) return;
  if (!/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(devicePluginConfig)) {
    report("gpu.devicePluginConfig", `${JSON.stringify(devicePluginConfig)} is not the value of a label`);
  } else if (tenancy === NodePoolTenancy.shared) {
    report(
      "gpu.devicePluginConfig",
      `${JSON.stringify(devicePluginConfig)} is not allowed on a shared pool, whose GPUs it could share in time: remove it, or dedicate the pool to one tenant`,
    );
  }
}

function resolveMig(
  profile: string | undefined,
  countPerNode: number,
  { backend }: NodePoolSpec,
  report: Report,
): NodePoolGpu["mig"] {
  if (profile === undefined || !DIVIDES_GPUS.includes(backend)) return undefined;
  const slices = slicesPerGpu(profile);
  if (slices === undefined) {
    const path = backend === NodePoolBackend.gkeComputeClass ? "gke.gpuPartitionSize" : "gpu.resource";
    report(path, `the MIG profile ${profile} is not known: use one of ${MIG_PROFILES.join(", ")}`);
    return undefined;
  }
  if (countPerNode % slices !== 0) {
    report(
      "gpu.countPerNode",
      `${countPerNode} slices are no whole number of GPUs: one gives ${slices} of ${profile}; write a multiple of ${slices}`,
    );
    return undefined;
  }
  return { gpusPerNode: countPerNode / slices };
}

/** GPUs of the whole pool; reports a limit that suits no GPUs, or less than one node's. */
export function resolveGpuLimit({ limits }: NodePoolSpec, gpu: NodePoolGpu | undefined, report: Report): number {
  const gpus = readWhole(report, "limits.gpus", limits.gpus, { minimum: 0, maximum: 100_000, fallback: 0 });
  const perNode = gpu?.countPerNode ?? 1;
  if (gpu !== undefined && gpus < perNode)
    report("limits.gpus", `${gpus} does not allow one node of ${perNode} GPUs: write at least ${perNode}`);
  if (gpu === undefined && gpus > 0)
    report(
      "limits.gpus",
      `${gpus} is not allowed for a pool without GPUs: describe them under gpu, or remove the limit`,
    );
  return gpus;
}

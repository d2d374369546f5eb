/** GPUs of one node. */
export interface GpuSpec {
  /** Extended resource that pods request. Default: `nvidia.com/gpu`; a MIG slice is named like `nvidia.com/mig-1g.10gb`. */
  resource?: string;
  /** Memory of one GPU or slice in GiB. */
  memoryGiB: number;
  /** GPUs or slices on one node. Default: 1. */
  countPerNode?: number;
  /** GPU product, for example `l4`, for the backends that select by it. Default: any. */
  product?: string;
  /** Name of the NVIDIA device plugin's configuration for the nodes; not on shared pools, where it could share GPUs. Default: none. */
  devicePluginConfig?: string;
}

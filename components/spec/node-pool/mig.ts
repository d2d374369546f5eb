/**
 * MIG: NVIDIA GPUs that are divided in hardware. A profile such as `1g.10gb` names the compute and memory of a slice.
 */

/**
 * Slices that one GPU gives when all of it is divided by one profile. Where two products give different numbers, it is
 * that of the one with 80 GB.
 *
 * Source: the geometries that NVIDIA's MIG manager ships with its `all-<profile>` configurations, for A30, A100, H100,
 * H200 and B200.
 */
const SLICES_PER_GPU: Record<string, number> = {
  "1g.5gb": 7,
  "2g.10gb": 3,
  "3g.20gb": 2,
  "7g.40gb": 1,
  "1g.6gb": 4,
  "2g.12gb": 2,
  "4g.24gb": 1,
  "1g.10gb": 7,
  "1g.20gb": 4,
  "2g.20gb": 3,
  "3g.40gb": 2,
  "7g.80gb": 1,
  "1g.18gb": 7,
  "2g.35gb": 3,
  "3g.71gb": 2,
  "7g.141gb": 1,
  "1g.23gb": 7,
  "2g.45gb": 3,
  "3g.90gb": 2,
  "7g.180gb": 1,
};

/** Profiles that are known, for refusals. */
export const MIG_PROFILES = Object.keys(SLICES_PER_GPU);

/** Slices of one GPU; undefined for a profile that is not known. */
export function slicesPerGpu(profile: string): number | undefined {
  return SLICES_PER_GPU[profile];
}

/** The profile that an extended resource stands for, `1g.10gb` for `nvidia.com/mig-1g.10gb`; undefined for whole GPUs. */
export function profileOfResource(resource: string): string | undefined {
  return /^nvidia\.com\/mig-(.+)$/.exec(resource)?.[1];
}

/**
 * Memory of a slice in GiB, 10 for `1g.10gb` and for `1g.10gb.me`, a slice with further engines; undefined for a text that
 * is no profile.
 */
export function memoryOfProfile(profile: string): number | undefined {
  const [, memory] = /\.([0-9]+)gb(?:[.+-][a-z.]+)?$/.exec(profile) ?? [];
  return memory === undefined ? undefined : Number(memory);
}

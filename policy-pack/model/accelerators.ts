/**
 * Accelerators: what a container may ask for, and the ways to one without asking.
 *
 * Sources: NVIDIA's container toolkit and device plugin (variables, mounts, annotations), the profiles that its MIG
 * manager ships, KEP-5004 (resources of device classes), the annotations of CRI-O and of the device injector of NRI.
 */

/** Variable by which the container toolkit takes the GPUs of a container; most CUDA images set it to `all` themselves. */
export const GPU_VARIABLE = "NVIDIA_VISIBLE_DEVICES";

/** Values of the variable that show no GPU. */
const hiding = ["void", "none"];

/** Whether a value of `GPU_VARIABLE` shows no GPU to the container. */
export function hidesGpus(value: string | undefined): boolean {
  return value !== undefined && hiding.includes(value);
}

/** Variables of other vendors' runtimes that work the same way, where they are set. */
const otherRuntimes = /^(AMD|HABANA|ASCEND|MTHREADS|METAX|ILUVATAR|VACC|BIREN)_VISIBLE_DEVICES$/;

/** Variables that steer the container toolkit or load code into every process of the container. */
const steering =
  /^(NVIDIA_(?!VISIBLE_DEVICES$|DRIVER_CAPABILITIES$)|DOCKER_RESOURCE_|LD_PRELOAD$|LD_LIBRARY_PATH$|LD_AUDIT$|CUDA_MPS_|CUDA_INJECTION)/;

/** What a variable with a value of someone's own does, beside `GPU_VARIABLE`; undefined for one that does nothing to devices. */
export function harmOfVariable(name: string, value: string | undefined): string | undefined {
  if (steering.test(name)) return "steers the GPU runtime or loads code into the container's processes";
  if (otherRuntimes.test(name) && !hidesGpus(value)) return "gives the container the accelerators that it names";
  return undefined;
}

/** Annotations by which a pod asks its container runtime for devices, past requests and quotas. */
const deviceAnnotations = [
  /^cdi\.k8s\.io\//,
  /^io\.kubernetes\.cri-o\.Devices$/i,
  /^(devices|cdi-devices|mounts)\.nri\.io\//,
  /^devices\.noderesource\.dev\//,
];

/** Whether an annotation of a pod asks the container runtime for devices. */
export function asksForDevices(annotation: string): boolean {
  return deviceAnnotations.some((pattern) => pattern.test(annotation));
}

/** Folder whose entries the container toolkit takes for the names of GPUs that a container may see. */
const deviceMounts = /^\/(var\/)?run\/nvidia-container-devices(\/|$)/;

/** Whether a mount at this path names GPUs to the container toolkit. */
export function isDeviceMount(path: string): boolean {
  return deviceMounts.test(path);
}

/** Whether a RuntimeClass, by its name or its handler, is that of the container toolkit. */
export function isGpuRuntime(name: unknown): boolean {
  return typeof name === "string" && /(^|[-_.])nvidia([-_.]|$)/i.test(name);
}

/** Resources that stand for a device class by its name. */
export const DEVICE_CLASS_PREFIX = "deviceclass.resource.kubernetes.io/";

/** Whether a resource is one that device plugins offer: its name has a domain, and not that of Kubernetes. */
export function isExtendedResource(name: string): boolean {
  const [domain = "", own] = name.split("/");
  return own !== undefined && domain !== "kubernetes.io" && !domain.endsWith(".kubernetes.io");
}

/** Resources that stand for slices of a GPU. */
const MIG_PREFIX = "nvidia.com/mig-";

/** Slices by the GPU that is divided into them. */
const profiles: Readonly<Record<string, readonly string[]>> = {
  A30: ["1g.6gb", "2g.12gb", "4g.24gb"],
  "A100-40GB": ["1g.5gb", "1g.10gb", "2g.10gb", "3g.20gb", "4g.20gb", "7g.40gb"],
  "A100-80GB, H100-80GB": ["1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"],
  "H100-94GB": [
    "1g.11gb",
    "1g.12gb",
    "1g.22gb",
    "1g.24gb",
    "2g.22gb",
    "2g.24gb",
    "3g.46gb",
    "3g.47gb",
    "4g.46gb",
    "4g.47gb",
    "7g.93gb",
    "7g.94gb",
  ],
  "H100-96GB, GH200-96GB, H20": ["1g.12gb", "1g.24gb", "2g.24gb", "3g.48gb", "4g.48gb", "7g.96gb"],
  "H200-141GB, GH200-144GB": [
    "1g.16gb",
    "1g.18gb",
    "1g.32gb",
    "1g.35gb",
    "1g.36gb",
    "2g.32gb",
    "2g.35gb",
    "2g.36gb",
    "3g.64gb",
    "3g.71gb",
    "3g.72gb",
    "4g.64gb",
    "4g.71gb",
    "4g.72gb",
    "7g.141gb",
    "7g.144gb",
  ],
  "B200, GB200": [
    "1g.23gb",
    "1g.24gb",
    "1g.45gb",
    "1g.47gb",
    "2g.45gb",
    "2g.47gb",
    "3g.90gb",
    "3g.93gb",
    "4g.90gb",
    "4g.93gb",
    "7g.180gb",
    "7g.186gb",
  ],
  "B300, GB300": [
    "1g.34gb",
    "1g.35gb",
    "1g.67gb",
    "1g.70gb",
    "2g.67gb",
    "2g.70gb",
    "3g.135gb",
    "3g.139gb",
    "4g.135gb",
    "4g.139gb",
    "7g.269gb",
    "7g.278gb",
  ],
  "RTX PRO 6000": ["1g.24gb", "2g.48gb", "4g.96gb"],
};

const known = new Set(Object.values(profiles).flat());

/** Profile of the slices that a resource stands for: `1g.10gb`; undefined for other resources. */
export function sliceProfile(resource: string): string | undefined {
  return resource.startsWith(MIG_PREFIX) ? resource.slice(MIG_PREFIX.length) : undefined;
}

/** Whether some GPU can be divided into slices of the profile; attributes such as `.me` (media engines) may follow it. */
export function isSliceProfile(profile: string): boolean {
  return known.has(profile.replace(/(\.me(\.all)?|\.gfx|-me)$/, ""));
}

/** Resource that nodes with this MIG layout offer: `all-1g.10gb` gives slices of one kind. Undefined for layouts of several or none. */
export function resourceOfLayout(layout: string, strategy: unknown): string | undefined {
  const profile = /^all-(\d+g\..+)$/.exec(layout)?.[1];
  if (profile === undefined) return undefined;
  // By the strategy `single` the device plugin calls slices whole GPUs.
  return strategy === "single" ? "nvidia.com/gpu" : `${MIG_PREFIX}${profile.replaceAll("+", ".")}`;
}

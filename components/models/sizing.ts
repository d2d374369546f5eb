/**
 * What one replica requests from Kubernetes, and how many replicas a number of people needs.
 */
import { gpusNeeded, mostGpus, type GpuDemand, type GpuShape } from "./gpu-fit";
import { modelMemory } from "./memory";
import { GIB } from "./quantity";

export { modelMemory, type ModelMemory, type ServingOptions } from "./memory";
export {
  fitsGpus,
  gpusNeeded,
  isMigSlice,
  largestContextLength,
  largestParallelRequests,
  memoryPerGpu,
  mostGpus,
  type GpuDemand,
  type GpuShape,
} from "./gpu-fit";

/** Cores per billion parameters when the model runs on the CPU: generation is bound by memory, so more gain little. */
const CPU_CORES_PER_BILLION = 1;
const MOST_CPU_CORES = 16;
/** Cores of a server whose model runs on GPUs: the HTTP server, the tokenizer, and one thread that feeds each GPU. */
const GPU_SERVER_CORES = 2;
const CORES_PER_FURTHER_GPU = 1;
/** Memory of the server process itself, beside the model. */
const SERVER_BYTES = GIB / 2;
/** Part of the model file that stays in the page cache of a GPU server, so that loading it again does not read it all. */
const GPU_SERVER_CACHED_SHARE = 0.5;
/** Memory of a GPU server beside the page cache: pinned buffers and the CUDA runtime on the host. */
const GPU_SERVER_BYTES = 2 * GIB;
/** Computed memory is rounded up to this, to be read easily. */
const MEMORY_STEP = GIB / 4;

/** What one replica requests from Kubernetes. */
export interface ServerResources {
  /** CPU in thousandths of a core. */
  cpuMillis: number;
  /** Memory in bytes. */
  memoryBytes: number;
  /** GPUs or MIG slices. */
  gpus: number;
}

/**
 * Resources of one replica that serves any one of the models at a time: the numeric maximum over the models, so the
 * order of the models and the spelling of their names do not matter.
 *
 * @param demand The models and how they are served; without `gpu` they run on the CPU.
 * @returns Requests, which are the limits too. When no number of the given GPUs holds the models, `gpus` is the most
 * that one replica can use; `gpusNeeded` and `fitsGpus` tell.
 * @throws RangeError when there is no model.
 */
export function serverResources(demand: Omit<GpuDemand, "gpu"> & { gpu?: GpuShape }): ServerResources {
  const { models, gpu } = demand;
  if (models.length === 0) throw new RangeError("resources need at least one model");
  return gpu === undefined ? cpuServer(demand) : gpuServer({ ...demand, gpu });
}

function cpuServer({ models, loadedModels = 1, ...options }: Omit<GpuDemand, "gpu">): ServerResources {
  const needs = models.map((model) => modelMemory(model, options)).map(({ total, overhead }) => total - overhead);
  const loaded = needs
    .sort((a, b) => b - a)
    .slice(0, loadedModels)
    .reduce((sum, bytes) => sum + bytes, 0);
  // Ollama counts the page cache as used, and the files of models that were unloaded stay in it.
  const cached =
    models.length > loadedModels
      ? models.map((model) => modelMemory(model, options).weights).reduce((sum, bytes) => sum + bytes, 0)
      : 0;
  const billions = Math.max(...models.map(({ parametersBillions }) => parametersBillions));
  const cores = Math.min(MOST_CPU_CORES, Math.max(1, Math.ceil(billions * CPU_CORES_PER_BILLION)));
  return { cpuMillis: cores * 1000, memoryBytes: roundMemory(loaded + cached + SERVER_BYTES), gpus: 0 };
}

function gpuServer(demand: GpuDemand): ServerResources {
  const gpus = gpusNeeded(demand) ?? mostGpus(demand.gpu);
  const weights = Math.max(...demand.models.map((model) => modelMemory(model, demand).weights));
  return {
    cpuMillis: 1000 * (GPU_SERVER_CORES + CORES_PER_FURTHER_GPU * (gpus - 1)),
    memoryBytes: roundMemory(GPU_SERVER_BYTES + weights * GPU_SERVER_CACHED_SHARE),
    gpus,
  };
}

function roundMemory(bytes: number): number {
  return Math.ceil(bytes / MEMORY_STEP) * MEMORY_STEP;
}

/** Share of the people at work who wait for an answer at the same moment; the others read or write. */
export const DEFAULT_ACTIVE_SHARE = 0.25;

/**
 * Replicas for a number of people who work at the same time.
 *
 * @param users People at work, at least 0.
 * @param parallelRequests Requests that one replica answers at a time, at least 1.
 * @param activeShare Share of the people who wait for an answer at the same moment, above 0 and at most 1.
 * @returns At least 1.
 * @throws RangeError when an argument is outside its bounds.
 */
export function replicasForUsers(users: number, parallelRequests: number, activeShare = DEFAULT_ACTIVE_SHARE): number {
  if (!(users >= 0 && parallelRequests >= 1 && activeShare > 0 && activeShare <= 1)) {
    throw new RangeError(
      `users ${users}, parallel requests ${parallelRequests} and active share ${activeShare}: at least 0, at least 1, and above 0 to 1 are needed`,
    );
  }
  return Math.max(1, Math.ceil((users * activeShare) / parallelRequests));
}

/**
 * How many GPUs or MIG slices hold a server's models, and what would still fit on given ones.
 *
 * Sources: the shares are Ollama's own (a model joins others only below 80% of the free memory) and the room that
 * drivers and fragmentation take; the division over several GPUs follows its `llm/memory.go`, where layers are placed
 * whole and every GPU has a graph and a runtime of its own.
 */
import type { CatalogueModel } from "./catalogue";
import { modelMemory, type ServingOptions } from "./memory";
import { GIB } from "./quantity";

/** Share of a GPU's memory that may be filled: the rest is for the driver and for fragmentation. */
export const GPU_SHARE_ONE_MODEL = 0.95;
/** The same when more than one model is loaded: Ollama evicts a model rather than load another above this share. */
export const GPU_SHARE_MANY_MODELS = 0.8;

/** One GPU or MIG slice. */
export interface GpuShape {
  /** Memory in GiB. */
  memoryGiB: number;
  /** GPUs or slices on one node. Default: no limit. */
  countPerNode?: number;
  /** Extended resource; MIG slices (`nvidia.com/mig-...`) cannot be joined. Default: whole GPUs. */
  resource?: string;
  /** Class of the devices that pods claim; a process uses one slice of the class of NVIDIA's slices. Default: whole GPUs. */
  deviceClass?: string;
  /** Profile of MIG slices that are requested under the name of whole GPUs, as on GKE. Default: whole GPUs. */
  migProfile?: string;
}

/**
 * Memory that each of several GPUs needs for one model: its share of whole layers, and a graph and a runtime of its
 * own, because those are not divided.
 *
 * @param gpus GPUs that the model is spread over, at least 1.
 * @returns Bytes on the fullest GPU.
 */
export function memoryPerGpu(model: CatalogueModel, options: ServingOptions, gpus: number): number {
  const { weights, kvCache, graph, overhead } = modelMemory(model, options);
  const layers = Math.ceil(model.layers / Math.min(gpus, model.layers));
  return Math.ceil(((weights + kvCache) * layers) / model.layers) + graph + overhead;
}

/** What is asked to fit on GPUs. */
export interface GpuDemand extends ServingOptions {
  /** Models that the server may be asked for. */
  models: CatalogueModel[];
  gpu: GpuShape;
  /** Models that may be loaded at the same time (`OLLAMA_MAX_LOADED_MODELS`). Default: 1. */
  loadedModels?: number;
}

/**
 * Whether one replica's GPUs hold every model; when several are loaded at a time, the largest ones together.
 *
 * @param gpus GPUs of one replica.
 */
export function fitsGpus({ models, gpu, loadedModels = 1, ...options }: GpuDemand, gpus: number): boolean {
  if (models.length === 0) return true;
  if (gpus < 1 || gpus > mostGpus(gpu)) return false;
  const needs = models.map((model) => memoryPerGpu(model, options, gpus)).sort((a, b) => b - a);
  const loaded = Math.min(loadedModels, models.length);
  const share = loaded > 1 ? GPU_SHARE_MANY_MODELS : GPU_SHARE_ONE_MODEL;
  const need = needs.slice(0, loaded).reduce((sum, bytes) => sum + bytes, 0);
  return need <= share * gpu.memoryGiB * GIB;
}

/** GPUs beyond this number in one replica are not considered: no node has more. */
const MOST_GPUS_PER_NODE = 16;

/** Most GPUs that one replica can use: a process sees one MIG slice, and a pod stays on one node. */
export function mostGpus(gpu: GpuShape): number {
  return isSliced(gpu) ? 1 : (gpu.countPerNode ?? MOST_GPUS_PER_NODE);
}

/** Whether pods request MIG slices, under whichever name. */
export function isSliced({ resource, deviceClass, migProfile }: GpuShape): boolean {
  return (
    migProfile !== undefined ||
    deviceClass === NVIDIA_DEVICE_CLASSES.slice ||
    (resource !== undefined && isMigSlice(resource))
  );
}

/** Device classes that NVIDIA's driver for dynamic resource allocation brings. */
export const NVIDIA_DEVICE_CLASSES = { gpu: "gpu.nvidia.com", slice: "mig.nvidia.com" } as const;

/** Whether an extended resource is a MIG slice rather than a whole GPU. */
export function isMigSlice(resource: string): boolean {
  return resource.startsWith("nvidia.com/mig-");
}

/**
 * The smallest number of GPUs of one replica that holds every model.
 *
 * @returns The number, or undefined when no number does.
 */
export function gpusNeeded(demand: GpuDemand): number | undefined {
  for (let gpus = 1; gpus <= mostGpus(demand.gpu); gpus += 1) {
    if (fitsGpus(demand, gpus)) return gpus;
  }
  return undefined;
}

/**
 * Memory that a single GPU or slice needs to hold every model, for refusals.
 *
 * @returns Whole GiB.
 */
export function memoryNeeded({ models, loadedModels = 1, ...options }: Omit<GpuDemand, "gpu">): number {
  const needs = models.map((model) => memoryPerGpu(model, options, 1)).sort((a, b) => b - a);
  const loaded = Math.min(loadedModels, models.length);
  const share = loaded > 1 ? GPU_SHARE_MANY_MODELS : GPU_SHARE_ONE_MODEL;
  return Math.ceil(needs.slice(0, loaded).reduce((sum, bytes) => sum + bytes, 0) / share / GIB);
}

/**
 * The longest context that fits with everything else unchanged, for refusals.
 *
 * @returns Tokens, at most what every model was trained for; 0 when not even one token fits.
 */
export function largestContextLength(demand: Omit<GpuDemand, "contextLength">, gpus: number): number {
  const longest = Math.min(...demand.models.map(({ contextLength }) => contextLength));
  return largestThat(longest, (contextLength) => fitsGpus({ ...demand, contextLength }, gpus));
}

/** Parallel requests above this number are not considered. */
const MOST_PARALLEL_REQUESTS = 256;

/**
 * The most parallel requests that fit with everything else unchanged, for refusals.
 *
 * @returns A number up to 256; 0 when not even one fits.
 */
export function largestParallelRequests(demand: Omit<GpuDemand, "parallelRequests">, gpus: number): number {
  return largestThat(MOST_PARALLEL_REQUESTS, (parallelRequests) => fitsGpus({ ...demand, parallelRequests }, gpus));
}

/** The largest whole number up to `limit` that passes; memory grows with it, so a binary search finds it. */
function largestThat(limit: number, passes: (value: number) => boolean): number {
  let passing = 0;
  let failing = limit + 1;
  while (failing - passing > 1) {
    const middle = Math.floor((passing + failing) / 2);
    if (passes(middle)) passing = middle;
    else failing = middle;
  }
  return passing;
}

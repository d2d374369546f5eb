/**
 * The figures that the size command prints, computed from its arguments.
 */
import {
  CatalogueError,
  formatModelFault,
  resolveModel,
  type CatalogueModel,
  type ModelSpec,
} from "../../components/models/catalogue";
import { displayName } from "../../components/models/names";
import { UnreadableError } from "../../components/models/problem";
import {
  gpusNeeded,
  largestContextLength,
  largestParallelRequests,
  memoryPerGpu,
  modelMemory,
  mostGpus,
  replicasForUsers,
  serverResources,
  type GpuDemand,
  type ModelMemory,
  type ServerResources,
} from "../../components/models/sizing";
import { ArgumentsError } from "../arguments-error";
import type { SizeArguments } from "./arguments";

/** Memory of one model, with the name for people. */
export interface SizedModel {
  name: string;
  model: CatalogueModel;
  memory: ModelMemory;
}

/** How one GPU count does. */
export interface GpuFit {
  memoryGiB: number;
  /** GPUs of one replica, or undefined when no number holds every model. */
  gpus?: number;
  /** Bytes on the fullest GPU with that number, or with the most that a replica can use. */
  perGpuBytes: number;
  largestContextLength: number;
  largestParallelRequests: number;
}

/** Everything that is printed. */
export interface Sizes {
  models: SizedModel[];
  /** The given GPU, or what common GPUs would do when none is given. */
  gpus: GpuFit[];
  /** Absent when no number of the given GPUs holds the models. */
  replica?: ServerResources;
  replicas?: number;
}

/** Memory in GiB of the GPUs and MIG slices that are met most often, for a command line without a GPU. */
const COMMON_GPU_MEMORY = [10, 16, 24, 40, 48, 80];

/**
 * Computes the figures.
 *
 * @throws ArgumentsError when a model is not known or its name is not one.
 */
export function computeSizes(args: SizeArguments): Sizes {
  const catalogue = readModels(args.models);
  const demands = args.gpu ? [args.gpu] : COMMON_GPU_MEMORY.map((memoryGiB) => ({ memoryGiB }));
  const gpus = demands.map((gpu) => fit({ ...args, models: catalogue, gpu }));
  const fits = args.gpu === undefined || gpus[0]?.gpus !== undefined;
  return {
    models: catalogue.map((model) => ({ name: displayName(model.name), model, memory: modelMemory(model, args) })),
    gpus,
    replica: fits ? serverResources({ ...args, models: catalogue }) : undefined,
    replicas:
      args.users === undefined ? undefined : replicasForUsers(args.users, args.parallelRequests, args.activeShare),
  };
}

/** The models in their order, each once. */
function readModels(specs: ModelSpec[]): CatalogueModel[] {
  const faults: string[] = [];
  const models = new Map<string, CatalogueModel>();
  for (const spec of specs) {
    try {
      const model = resolveModel(spec);
      const { canonical } = model.name;
      if (models.has(canonical)) faults.push(`${JSON.stringify(spec.name)} is the same model as another: keep one`);
      models.set(canonical, model);
    } catch (error) {
      if (error instanceof UnreadableError) faults.push(error.message);
      else if (error instanceof CatalogueError) {
        faults.push(...error.faults.map((fault) => formatModelFault(spec.name, fault)));
      } else throw error;
    }
  }
  if (faults.length > 0) throw new ArgumentsError(faults);
  return [...models.values()];
}

function fit(demand: GpuDemand): GpuFit {
  const gpus = gpusNeeded(demand);
  const considered = gpus ?? mostGpus(demand.gpu);
  return {
    memoryGiB: demand.gpu.memoryGiB,
    gpus,
    perGpuBytes: Math.max(...demand.models.map((model) => memoryPerGpu(model, demand, considered))),
    largestContextLength: largestContextLength(demand, considered),
    largestParallelRequests: largestParallelRequests(demand, considered),
  };
}

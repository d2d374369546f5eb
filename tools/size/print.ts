/**
 * The arithmetic of the size command, line by line, for people.
 */
import { GPU_SHARE_ONE_MODEL, mostGpus } from "../../components/models/gpu-fit";
import type { CatalogueModel } from "../../components/models/catalogue";
import {
  BATCH_TOKENS,
  bitsPerWeight,
  MIN_GRAPH_BYTES,
  preciseEmbeddings,
  WEIGHTS_MARGIN,
} from "../../components/models/memory";
import { GIB, formatBytes, formatMilliCpu } from "../../components/models/quantity";
import type { SizeArguments } from "./arguments";
import type { GpuFit, SizedModel, Sizes } from "./size";

/** Lines of the report. */
export function printSizes(sizes: Sizes, args: SizeArguments): string[] {
  return [
    ...sizes.models.flatMap((sized) => modelLines(sized, args)),
    ...gpuLines(sizes, args),
    ...replicaLines(sizes, args),
  ];
}

function modelLines(
  { name, model, memory }: SizedModel,
  { contextLength, parallelRequests, kvCacheBytes }: SizeArguments,
) {
  const context = Math.min(contextLength, model.contextLength);
  const cut = context < contextLength ? ` (cut from ${contextLength}: the model knows no longer context)` : "";
  const tokens = context * parallelRequests;
  const batch = Math.min(tokens, BATCH_TOKENS);
  const { layers, kvHeads, headSize, heads, embeddingLength, vocabulary } = model;
  const rows: [string, string, number][] = [
    ["weights", weightsFormula(model), memory.weights],
    [
      "kv cache",
      `2 x ${layers} layers x ${kvHeads} kv heads x ${headSize} x ${context} tokens x ${parallelRequests} parallel x ${kvCacheBytes} bytes${cut}`,
      memory.kvCache,
    ],
    [
      "graph",
      `largest of 4 x ${batch} x (1 + 4 x ${embeddingLength} + ${tokens} tokens x (1 + ${heads} heads)), 4 x ${batch} x (${embeddingLength} + ${vocabulary} vocabulary), ${gib(MIN_GRAPH_BYTES)}${model.imageBytes === undefined ? "" : ` + ${gib(model.imageBytes)} of an image`}`,
      memory.graph,
    ],
    ["overhead", "CUDA context, on a GPU only", memory.overhead],
    ["total", "on one GPU", memory.total],
  ];
  return [`${name} (figures: ${model.figuresFrom})`, ...rows.map(([label, how, bytes]) => row(label, how, bytes)), ""];
}

function weightsFormula(model: CatalogueModel): string {
  const { parametersBillions, projectorBillions, quantization } = model;
  const bits = bitsPerWeight(model);
  const embeddings = preciseEmbeddings(model);
  const text = Number((parametersBillions - projectorBillions - embeddings).toFixed(6));
  const projector = projectorBillions > 0 ? ` + ${projectorBillions}e9 of what stays in 16 bits x 16 / 8` : "";
  const tokens =
    embeddings > 0
      ? ` + ${embeddings.toFixed(3)}e9 of the embeddings x ${Math.max(bits, model.embeddingBits ?? 0)} bits / 8`
      : "";
  return `${text}e9 parameters x ${bits} bits (${quantization}) / 8 x ${WEIGHTS_MARGIN}${projector}${tokens}`;
}

function row(label: string, how: string, bytes: number): string {
  return `  ${label.padEnd(9)} ${gib(bytes).padStart(10)}   ${how}`;
}

function gpuLines({ gpus }: Sizes, args: SizeArguments): string[] {
  const heading = args.gpu
    ? "GPUs of one replica"
    : "GPUs that would hold the models (give --gpu-memory to serve on them)";
  return [heading, ...gpus.map((fit) => gpuLine(fit, args)), ""];
}

function gpuLine(fit: GpuFit, args: SizeArguments): string {
  const usable = gib(fit.memoryGiB * GPU_SHARE_ONE_MODEL * GIB);
  const share = `${fit.memoryGiB} GiB x ${GPU_SHARE_ONE_MODEL} = ${usable} usable`;
  if (fit.gpus === undefined) {
    const most = mostGpus(args.gpu ?? { memoryGiB: fit.memoryGiB });
    return `  ${share}; ${gib(fit.perGpuBytes)} would be needed on each of ${most}: does not fit; ${largest(fit)}`;
  }
  return `  ${share}; ${fit.gpus} needed, ${gib(fit.perGpuBytes)} on each; ${largest(fit)}`;
}

function largest(fit: GpuFit): string {
  const context = fit.largestContextLength > 0 ? `context ${fit.largestContextLength}` : "no context";
  const parallel = fit.largestParallelRequests > 0 ? `${fit.largestParallelRequests} parallel requests` : "no request";
  return `at most ${context}, or ${parallel}, would fit`;
}

function replicaLines({ replica, replicas }: Sizes, { users, activeShare, parallelRequests }: SizeArguments): string[] {
  const lines: string[] = [];
  if (replicas !== undefined) {
    lines.push(
      `replicas: ${users} users x ${activeShare} waiting at once / ${parallelRequests} parallel, rounded up = ${replicas}`,
    );
  }
  if (replica !== undefined) {
    lines.push(`one replica: ${amounts(replica, 1)}`);
    if (replicas !== undefined) lines.push(`all replicas: ${amounts(replica, replicas)}`);
  }
  return lines;
}

function amounts({ cpuMillis, memoryBytes, gpus }: NonNullable<Sizes["replica"]>, times: number): string {
  const cpu = formatMilliCpu(cpuMillis * times);
  const memory = formatBytes(memoryBytes * times);
  return `cpu ${cpu}, memory ${memory}${gpus > 0 ? `, gpus ${gpus * times}` : ", no GPU"}`;
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(2)} GiB`;
}

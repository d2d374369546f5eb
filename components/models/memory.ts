/**
 * How much memory a loaded model needs.
 *
 * Sources: Ollama's memory prediction (`PredictServerVRAM` in `llm/llama_server.go`: file size plus key/value cache
 * in 16 bits) and, for the compute graph, `GraphSize` in `fs/ggml` for the llama architecture with all layers on the
 * GPU. Both are upper estimates: sliding-window layers and flash attention need less than is counted here.
 */
import type { CatalogueModel } from "./catalogue";
import { GIB, MIB } from "./quantity";
import { BITS_PER_WEIGHT } from "./quantization";

/** Model files are up to 5% larger than parameters x bits: higher-precision tensors, tokenizer, metadata. */
export const WEIGHTS_MARGIN = 1.05;
/** Least memory of the compute graph: the buffers that every model needs, whatever its size. */
export const MIN_GRAPH_BYTES = GIB / 2;
/** Memory that Ollama keeps free on each CUDA device (`MinimumMemory` of its GPU discovery), which the context takes. */
export const GPU_OVERHEAD_BYTES = 457 * MIB;
/** Bytes of one cached number in the key/value cache of type f16, Ollama's default. */
export const KV_CACHE_F16_BYTES = 2;
/** Bytes of one cached number, by Ollama's `OLLAMA_KV_CACHE_TYPE`; the blocks of 32 hold a scale of two bytes. */
export const KV_CACHE_BYTES: ReadonlyMap<string, number> = new Map([
  ["f16", KV_CACHE_F16_BYTES],
  ["q8_0", 34 / 32],
  ["q4_0", 18 / 32],
]);
/** Tokens that Ollama feeds to the graph at once. */
export const BATCH_TOKENS = 512;

/** Blocks of k-quants hold 256 weights; rows that they do not divide fall back to 5 and 8 bits. */
const K_QUANT_BLOCK = 256;
const K_QUANT_FALLBACK_BITS = 6.6;
const PROJECTOR_BITS = 16;

/** How a server is started, as far as memory depends on it. */
export interface ServingOptions {
  /** Context length in tokens that the server is started with. */
  contextLength: number;
  /** Requests that one replica answers at a time. */
  parallelRequests: number;
  /** Bytes of one number in the key/value cache. Default: 2 (f16); 1 for q8_0. */
  kvCacheBytes?: number;
}

/** Memory of one loaded model in bytes. */
export interface ModelMemory {
  /** The model file. */
  weights: number;
  /** Keys and values of every layer for every token of every parallel request. */
  kvCache: number;
  /** Buffers of the compute graph, on each device. */
  graph: number;
  /** What the runtime takes on each device. */
  overhead: number;
  /** The sum on one device. */
  total: number;
}

/**
 * Memory of one loaded model on one device.
 *
 * weights = parameters x bits per weight / 8 x 1.05, image encoder and embeddings of more bits apart;
 * kvCache = 2 x layers x kvHeads x headSize x context x parallel x bytes;
 * graph = max(4 x batch x (1 + 4 x embedding + tokens x (1 + heads)), 4 x batch x (embedding + vocabulary)), at least
 * half a GiB, and what an image takes. The context is cut to the longest that the model was trained for, as Ollama does.
 *
 * @returns Whole bytes.
 */
export function modelMemory(model: CatalogueModel, options: ServingOptions): ModelMemory {
  const { parallelRequests, kvCacheBytes = KV_CACHE_F16_BYTES } = options;
  const contextLength = Math.min(options.contextLength, model.contextLength);
  const tokens = contextLength * parallelRequests;
  const weights = weightBytes(model);
  const kvCache = Math.ceil(2 * model.layers * model.kvHeads * model.headSize * tokens * kvCacheBytes);
  const graph = graphBytes(model, tokens);
  const overhead = GPU_OVERHEAD_BYTES;
  return { weights, kvCache, graph, overhead, total: weights + kvCache + graph + overhead };
}

/** Bits per weight of a model's file: those of its quantisation, or of the fallback where k-quants do not fit. */
export function bitsPerWeight({ quantization, embeddingLength }: CatalogueModel): number {
  const bits = BITS_PER_WEIGHT.get(quantization);
  if (bits === undefined) throw new RangeError(`no bits per weight for quantisation ${quantization}`);
  const fallsBack = quantization.includes("_K") && embeddingLength % K_QUANT_BLOCK !== 0;
  return fallsBack ? Math.max(bits, K_QUANT_FALLBACK_BITS) : bits;
}

/** Parameters in billions of the embeddings that the file keeps at more bits than its quantisation has. */
export function preciseEmbeddings({ embeddingBits, vocabulary, embeddingLength }: CatalogueModel): number {
  return embeddingBits === undefined ? 0 : (vocabulary * embeddingLength) / 1e9;
}

/** Size of the model file in bytes. */
function weightBytes(model: CatalogueModel): number {
  const bits = bitsPerWeight(model);
  const projector = Math.min(model.projectorBillions, model.parametersBillions);
  const embeddings = Math.min(preciseEmbeddings(model), model.parametersBillions - projector);
  const text = (model.parametersBillions - projector - embeddings) * bits * WEIGHTS_MARGIN;
  const precise = embeddings * Math.max(bits, model.embeddingBits ?? 0) + projector * PROJECTOR_BITS;
  return Math.ceil(((text + precise) * 1e9) / 8);
}

function graphBytes(model: CatalogueModel, tokens: number): number {
  const { heads, embeddingLength, vocabulary, imageBytes = 0 } = model;
  const batch = Math.min(tokens, BATCH_TOKENS);
  const text = Math.max(
    4 * batch * (1 + 4 * embeddingLength + tokens * (1 + heads)),
    4 * batch * (embeddingLength + vocabulary),
    MIN_GRAPH_BYTES,
  );
  return text + imageBytes;
}

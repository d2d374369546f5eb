/**
 * Bits per weight of the quantisations of model files, scales and higher-precision tensors included: every type that
 * Ollama 0.32 names, in GGUF files and in those of safetensors.
 *
 * Source: the table in llama.cpp's `quantize` tool for an 8B Llama model, rounded up to two digits. The figures of
 * other models differ by a few percent, which `WEIGHTS_MARGIN` in `sizing.ts` covers. Types that the table lacks
 * (ternary, one bit, 4-bit floats) have the bits of their blocks, with an eighth of the weights (embedding and output)
 * in 6.56 bits. Those of safetensors (`NVFP4`, `MXFP8`, `INT4`, `INT8`) are Ollama's own policy for an 8B Llama model: the
 * blocks' bits, a third of the weights (keys, values, down projections, output) in 8 bits, and the embeddings in 16.
 */
export const BITS_PER_WEIGHT = new Map([
  ["IQ1_S", 2.01],
  ["IQ1_M", 2.15],
  ["IQ2_XXS", 2.39],
  ["IQ2_XS", 2.59],
  ["IQ2_S", 2.75],
  ["IQ2_M", 2.93],
  ["IQ3_XXS", 3.26],
  ["IQ3_XS", 3.5],
  ["IQ3_S", 3.67],
  ["IQ3_M", 3.77],
  ["IQ4_NL", 4.69],
  ["Q1_0", 1.81],
  ["TQ1_0", 2.3],
  ["TQ2_0", 2.63],
  ["MXFP4", 4.54],
  ["MXFP4_MOE", 4.54],
  ["NVFP4", 6.5],
  ["INT4", 6.58],
  ["MXFP8", 8.76],
  ["INT8", 8.99],
  ["Q2_K_S", 2.97],
  ["Q2_K", 3.35],
  ["Q3_K_S", 3.64],
  ["Q3_K_M", 4.0],
  ["Q3_K_L", 4.3],
  ["IQ4_XS", 4.46],
  ["Q4_0", 4.66],
  ["Q4_1", 5.13],
  ["Q4_K_S", 4.67],
  ["Q4_K_M", 4.85],
  ["Q5_0", 5.59],
  ["Q5_1", 6.06],
  ["Q5_K_S", 5.57],
  ["Q5_K_M", 5.7],
  ["Q6_K", 6.56],
  ["Q8_0", 8.5],
  ["F16", 16],
  ["BF16", 16],
  ["F32", 32],
]);

/** Quantisation of a model whose catalogue entry does not say. It is the one that Ollama's library uses most. */
export const DEFAULT_QUANTIZATION = "Q4_K_M";

/**
 * Brings the spellings of one quantisation together: `q4_k_m` and `Q4_K_M`, `fp16` and `F16`.
 *
 * @returns The name as `BITS_PER_WEIGHT` has it, or undefined for an unknown one.
 */
export function normalizeQuantization(text: string): string | undefined {
  const name = text.toUpperCase().replace(/^FP(16|32)$/, "F$1");
  return BITS_PER_WEIGHT.has(name) ? name : undefined;
}

/**
 * Bits per weight of the quantisations of model files, scales and higher-precision tensors included.
 *
 * Source: the table in llama.cpp's `quantize` tool for an 8B Llama model, rounded up to two digits. The figures of
 * other models differ by a few percent, which `WEIGHTS_MARGIN` in `sizing.ts` covers.
 */
export const BITS_PER_WEIGHT = new Map([
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

/** Earlier models, further ones for conversations, DeepSeek's mixtures of experts, and further models that read images. */
import { GIB } from "../quantity";
import { EMBEDDINGS_Q8_0, type KnownModel, model } from "./model";

/** Embeddings that are so large a part of a small file that the output matrix, which has their size and 6 bits, counts. */
const OUTPUT_Q6_K = { embeddingBits: 6.56 };

/** Models of 2023 and 2024. */
const EARLIER: KnownModel[] = [
  model("qwen:0.5b", "Q4_0", [0.62, 24, 16, 16, 64, 1024, 151936, 32768], "Qwen/Qwen1.5-0.5B-Chat", OUTPUT_Q6_K),
  model("qwen:1.8b", "Q4_0", [1.84, 24, 16, 16, 128, 2048, 151936, 32768], "Qwen/Qwen1.5-1.8B-Chat"),
  model("qwen:4b qwen", "Q4_0", [3.95, 40, 20, 20, 128, 2560, 151936, 32768], "Qwen/Qwen1.5-4B-Chat"),
  model("qwen:7b", "Q4_0", [7.72, 32, 32, 32, 128, 4096, 151936, 32768], "Qwen/Qwen1.5-7B-Chat"),
  model("qwen:14b", "Q4_0", [14.17, 40, 40, 40, 128, 5120, 152064, 32768], "Qwen/Qwen1.5-14B-Chat"),
  model("qwen:32b", "Q4_0", [32.51, 64, 40, 8, 128, 5120, 152064, 32768], "Qwen/Qwen1.5-32B-Chat"),
  model("qwen:72b", "Q4_0", [72.29, 80, 64, 64, 128, 8192, 152064, 32768], "Qwen/Qwen1.5-72B-Chat"),
  model("qwen:110b", "Q4_0", [111.21, 80, 64, 8, 128, 8192, 152064, 32768], "Qwen/Qwen1.5-110B-Chat"),
  model("orca-mini:3b orca-mini", "Q4_0", [3.43, 26, 32, 32, 100, 3200, 32000, 2048], "pankajmathur/orca_mini_3b"),
  model("orca-mini:7b", "Q4_0", [6.74, 32, 32, 32, 128, 4096, 32000, 4096], "pankajmathur/orca_mini_v3_7b"),
  model("orca-mini:13b", "Q4_0", [13.02, 40, 40, 40, 128, 5120, 32000, 4096], "pankajmathur/orca_mini_v3_13b"),
  model("orca-mini:70b", "Q4_0", [68.98, 80, 64, 8, 128, 8192, 32000, 4096], "pankajmathur/orca_mini_v3_70b"),
  model("phi:2.7b phi", "Q4_0", [2.78, 32, 32, 32, 80, 2560, 51200, 2048], "microsoft/phi-2"),
  model(
    "smollm:135m",
    "Q4_0",
    [0.135, 30, 9, 3, 64, 576, 49152, 2048],
    "HuggingFaceTB/SmolLM-135M-Instruct",
    EMBEDDINGS_Q8_0,
  ),
  model(
    "smollm:360m",
    "Q4_0",
    [0.362, 32, 15, 5, 64, 960, 49152, 2048],
    "HuggingFaceTB/SmolLM-360M-Instruct",
    EMBEDDINGS_Q8_0,
  ),
  model("smollm:1.7b smollm", "Q4_0", [1.71, 24, 32, 32, 64, 2048, 49152, 2048], "HuggingFaceTB/SmolLM-1.7B-Instruct"),
];

/** Gemma 3n: embeddings of 256 numbers for each of its 262144 tokens in each layer, which the files keep in 16 bits. */
const layerEmbeddings = (layers: number): { projectorBillions: number } => ({
  projectorBillions: (262144 * 256 * layers) / 1e9,
});

/** Further models for conversations, of 2023 to 2025. */
const CHAT: KnownModel[] = [
  model(
    "gemma3n:e2b",
    "Q4_K_M",
    [4.46, 30, 8, 2, 256, 2048, 262400, 32768],
    "google/gemma-3n-E2B-it",
    layerEmbeddings(30),
  ),
  model(
    "gemma3n:e4b gemma3n",
    "Q4_K_M",
    [6.87, 35, 8, 2, 256, 2048, 262400, 32768],
    "google/gemma-3n-E4B-it",
    layerEmbeddings(35),
  ),
  model(
    "deepseek-llm:7b deepseek-llm",
    "Q4_0",
    [6.91, 30, 32, 32, 128, 4096, 102400, 4096],
    "deepseek-ai/deepseek-llm-7b-chat",
  ),
  model("deepseek-llm:67b", "Q4_0", [67.42, 95, 64, 8, 128, 8192, 102400, 4096], "deepseek-ai/deepseek-llm-67b-chat"),
  model("falcon3:1b", "Q8_0", [1.67, 18, 8, 4, 256, 2048, 131072, 8192], "tiiuae/Falcon3-1B-Instruct"),
  model("falcon3:3b", "Q4_K_M", [3.23, 22, 12, 4, 256, 3072, 131072, 32768], "tiiuae/Falcon3-3B-Instruct"),
  model("falcon3:7b falcon3", "Q4_K_M", [7.46, 28, 12, 4, 256, 3072, 131072, 32768], "tiiuae/Falcon3-7B-Instruct"),
  model("falcon3:10b", "Q4_K_M", [10.31, 40, 12, 4, 256, 3072, 131072, 32768], "tiiuae/Falcon3-10B-Instruct"),
  model(
    "granite3.1-moe:1b granite3.1-moe",
    "Q8_0",
    [1.33, 24, 16, 8, 64, 1024, 49155, 131072],
    "ibm-granite/granite-3.1-1b-a400m-instruct",
  ),
  model(
    "granite3.1-moe:3b",
    "Q4_K_M",
    [3.3, 32, 24, 8, 64, 1536, 49155, 131072],
    "ibm-granite/granite-3.1-3b-a800m-instruct",
  ),
  model("cogito:3b", "Q4_K_M", [3.61, 28, 24, 8, 128, 3072, 128256, 131072], "deepcogito/cogito-v1-preview-llama-3B"),
  model(
    "cogito:8b cogito",
    "Q4_K_M",
    [8.03, 32, 32, 8, 128, 4096, 128256, 131072],
    "deepcogito/cogito-v1-preview-llama-8B",
  ),
  model("cogito:14b", "Q4_K_M", [14.77, 48, 40, 8, 128, 5120, 152064, 131072], "deepcogito/cogito-v1-preview-qwen-14B"),
  model("cogito:32b", "Q4_K_M", [32.76, 64, 40, 8, 128, 5120, 152064, 131072], "deepcogito/cogito-v1-preview-qwen-32B"),
  model(
    "cogito:70b",
    "Q4_K_M",
    [70.55, 80, 64, 8, 128, 8192, 128256, 131072],
    "deepcogito/cogito-v1-preview-llama-70B",
  ),
];

/**
 * DeepSeek's mixtures of experts. Their attention has keys of 192 numbers and values of 128 in each head, made from a shorter common vector. Files
 * that were made before the servers could keep that vector alone keep every key and value, so that is what is counted, with 192 for both.
 */
const DEEPSEEK: KnownModel[] = [
  model(
    "deepseek-coder-v2:16b deepseek-coder-v2:lite deepseek-coder-v2",
    "Q4_0",
    [15.71, 27, 16, 16, 192, 2048, 102400, 163840],
    "deepseek-ai/DeepSeek-Coder-V2-Lite-Instruct",
  ),
  model(
    "deepseek-coder-v2:236b",
    "Q4_0",
    [235.74, 60, 128, 128, 192, 5120, 102400, 163840],
    "deepseek-ai/DeepSeek-Coder-V2-Instruct",
  ),
  model(
    "deepseek-v3:671b deepseek-v3",
    "Q4_K_M",
    [671.03, 61, 128, 128, 192, 7168, 129280, 163840],
    "deepseek-ai/DeepSeek-V3",
  ),
  model("deepseek-r1:671b", "Q4_K_M", [671.03, 61, 128, 128, 192, 7168, 129280, 163840], "deepseek-ai/DeepSeek-R1"),
];

/**
 * Bytes of an image for Llama 3.2, as Ollama 0.17 counts them: 2.8 GiB in which the encoder computes, and a cache in 32 bits of the image's four tiles
 * in each layer that looks at the image.
 *
 * @param layers How many do; they are counted as caching the context too, which they do not.
 */
const imageOf = (layers: number): { imageBytes: number } => ({
  imageBytes: Math.ceil(2.8 * GIB) + layers * 8 * (128 + 128) * 4 * 1601 * 4,
});

/** Further models that read images. */
const IMAGES: KnownModel[] = [
  model(
    "llama3.2-vision:11b llama3.2-vision",
    "Q4_K_M",
    [10.67, 40, 32, 8, 128, 4096, 128256, 131072],
    "meta-llama/Llama-3.2-11B-Vision-Instruct",
    { projectorBillions: 0.9, ...imageOf(8) },
  ),
  model(
    "llama3.2-vision:90b",
    "Q4_K_M",
    [88.59, 100, 64, 8, 128, 8192, 128256, 131072],
    "meta-llama/Llama-3.2-90B-Vision-Instruct",
    { projectorBillions: 0.93, ...imageOf(20) },
  ),
  model("minicpm-v:8b minicpm-v", "Q4_0", [8.1, 28, 28, 4, 128, 3584, 151666, 32768], "openbmb/MiniCPM-V-2_6", {
    projectorBillions: 0.52,
  }),
  model(
    "llava-llama3:8b llava-llama3",
    "Q4_K_M",
    [8.34, 32, 32, 8, 128, 4096, 128257, 8192],
    "xtuner/llava-llama-3-8b-v1_1-transformers",
    { projectorBillions: 0.31 },
  ),
  model("qwen3-vl:2b", "Q4_K_M", [2.13, 28, 16, 8, 128, 2048, 151936, 262144], "Qwen/Qwen3-VL-2B-Instruct", {
    projectorBillions: 0.41,
  }),
  model("qwen3-vl:4b", "Q4_K_M", [4.44, 36, 32, 8, 128, 2560, 151936, 262144], "Qwen/Qwen3-VL-4B-Instruct", {
    projectorBillions: 0.42,
  }),
  model("qwen3-vl:8b qwen3-vl", "Q4_K_M", [8.77, 36, 32, 8, 128, 4096, 151936, 262144], "Qwen/Qwen3-VL-8B-Instruct", {
    projectorBillions: 0.58,
  }),
  model("qwen3-vl:30b", "Q4_K_M", [31.1, 48, 32, 4, 128, 2048, 151936, 262144], "Qwen/Qwen3-VL-30B-A3B-Instruct", {
    projectorBillions: 0.57,
  }),
  model("qwen3-vl:32b", "Q4_K_M", [33.36, 64, 64, 8, 128, 5120, 151936, 262144], "Qwen/Qwen3-VL-32B-Instruct", {
    projectorBillions: 0.6,
  }),
];

/** Every model of this page. */
export const FURTHER: readonly KnownModel[] = [...EARLIER, ...CHAT, ...DEEPSEEK, ...IMAGES];

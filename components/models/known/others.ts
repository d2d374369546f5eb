/**
 * Models for programs and for images, further chat models, and further ones that embed.
 *
 * `phi4-reasoning` is left out: its file in Ollama's library is larger than its quantisation says, and no source tells what
 * in it has more bits, so that its memory would come out too small.
 */
import { EMBEDDING, EMBEDDINGS_Q8_0, type KnownModel, model } from "./model";

/** Marks files whose embeddings were not quantised. */
const EMBEDDINGS_F16 = { embeddingBits: 16 };

/** Models that write programs. */
const CODE: KnownModel[] = [
  model(
    "codellama:7b codellama",
    "Q4_0",
    [6.74, 32, 32, 32, 128, 4096, 32016, 16384],
    "codellama/CodeLlama-7b-Instruct-hf",
  ),
  model("codellama:13b", "Q4_0", [13.02, 40, 40, 40, 128, 5120, 32016, 16384], "codellama/CodeLlama-13b-Instruct-hf"),
  model("codellama:34b", "Q4_0", [33.74, 48, 64, 8, 128, 8192, 32000, 16384], "codellama/CodeLlama-34b-Instruct-hf"),
  model(
    "deepseek-coder:1.3b deepseek-coder",
    "Q4_0",
    [1.35, 24, 16, 16, 128, 2048, 32256, 16384],
    "deepseek-ai/deepseek-coder-1.3b-instruct",
  ),
  model(
    "deepseek-coder:6.7b",
    "Q4_0",
    [6.74, 32, 32, 32, 128, 4096, 32256, 16384],
    "deepseek-ai/deepseek-coder-6.7b-instruct",
  ),
  model(
    "deepseek-coder:33b",
    "Q4_0",
    [33.34, 62, 56, 8, 128, 7168, 32256, 16384],
    "deepseek-ai/deepseek-coder-33b-instruct",
  ),
  model("starcoder2:3b starcoder2", "Q4_0", [3.03, 30, 24, 2, 128, 3072, 49152, 16384], "bigcode/starcoder2-3b"),
  model("starcoder2:7b", "Q4_0", [7.17, 32, 36, 4, 128, 4608, 49152, 16384], "bigcode/starcoder2-7b"),
  model("starcoder2:15b", "Q4_0", [15.96, 40, 48, 4, 128, 6144, 49152, 16384], "bigcode/starcoder2-15b"),
  model("codestral:22b codestral", "Q4_0", [22.25, 56, 48, 8, 128, 6144, 32768, 32768], "mistralai/Codestral-22B-v0.1"),
  model("codegemma:2b", "Q4_0", [2.51, 18, 8, 1, 256, 2048, 256000, 8192], "google/codegemma-2b"),
  model("codegemma:7b codegemma", "Q4_0", [8.54, 28, 16, 16, 256, 3072, 256000, 8192], "google/codegemma-7b-it"),
  model(
    "qwen3-coder:30b qwen3-coder",
    "Q4_K_M",
    [30.53, 48, 32, 4, 128, 2048, 151936, 262144],
    "Qwen/Qwen3-Coder-30B-A3B-Instruct",
  ),
  model(
    "devstral:24b devstral",
    "Q4_K_M",
    [23.57, 40, 32, 8, 128, 5120, 131072, 131072],
    "mistralai/Devstral-Small-2505",
  ),
  model(
    "deepcoder:14b deepcoder",
    "Q4_K_M",
    [14.77, 48, 40, 8, 128, 5120, 152064, 131072],
    "agentica-org/DeepCoder-14B-Preview",
  ),
];

/** Further models that answer. */
const CHAT: KnownModel[] = [
  model("gpt-oss:20b gpt-oss", "MXFP4", [20.91, 24, 64, 8, 64, 2880, 201088, 131072], "openai/gpt-oss-20b", {
    projectorBillions: 1.8,
  }),
  model("gpt-oss:120b", "MXFP4", [116.83, 36, 64, 8, 64, 2880, 201088, 131072], "openai/gpt-oss-120b", {
    projectorBillions: 2.13,
  }),
  model("gemma:2b", "Q4_0", [2.51, 18, 8, 1, 256, 2048, 256000, 8192], "google/gemma-2b-it", EMBEDDINGS_Q8_0),
  model("gemma:7b gemma", "Q4_0", [8.54, 28, 16, 16, 256, 3072, 256000, 8192], "google/gemma-7b-it"),
  model("qwen2:0.5b", "Q4_0", [0.494, 24, 14, 2, 64, 896, 151936, 32768], "Qwen/Qwen2-0.5B-Instruct", EMBEDDINGS_Q8_0),
  model("qwen2:1.5b", "Q4_0", [1.54, 28, 12, 2, 128, 1536, 151936, 32768], "Qwen/Qwen2-1.5B-Instruct"),
  model("qwen2:7b qwen2", "Q4_0", [7.62, 28, 28, 4, 128, 3584, 152064, 32768], "Qwen/Qwen2-7B-Instruct"),
  model("qwen2:72b", "Q4_0", [72.71, 80, 64, 8, 128, 8192, 152064, 32768], "Qwen/Qwen2-72B-Instruct"),
  model(
    "phi4-mini-reasoning:3.8b phi4-mini-reasoning",
    "Q4_K_M",
    [3.84, 32, 24, 8, 128, 3072, 200064, 131072],
    "microsoft/Phi-4-mini-reasoning",
    EMBEDDINGS_F16,
  ),
  model("olmo2:7b olmo2", "Q4_K_M", [7.3, 32, 32, 32, 128, 4096, 100352, 4096], "allenai/OLMo-2-1124-7B-Instruct"),
  model("olmo2:13b", "Q4_K_M", [13.72, 40, 40, 40, 128, 5120, 100352, 4096], "allenai/OLMo-2-1124-13B-Instruct"),
  model("granite3.3:2b", "Q4_K_M", [2.53, 40, 32, 8, 64, 2048, 49159, 131072], "ibm-granite/granite-3.3-2b-instruct"),
  model(
    "granite3.3:8b granite3.3",
    "Q4_K_M",
    [8.17, 40, 32, 8, 128, 4096, 49159, 131072],
    "ibm-granite/granite-3.3-8b-instruct",
  ),
  model(
    "command-r:35b command-r",
    "Q4_0",
    [32.3, 40, 64, 8, 128, 8192, 256000, 131072],
    "CohereForAI/c4ai-command-r-08-2024",
  ),
  model(
    "dolphin3:8b dolphin3",
    "Q4_K_M",
    [8.03, 32, 32, 8, 128, 4096, 128258, 131072],
    "cognitivecomputations/Dolphin3.0-Llama3.1-8B",
  ),
  model(
    "dolphin-mistral:7b dolphin-mistral",
    "Q4_0",
    [7.24, 32, 32, 8, 128, 4096, 32002, 32768],
    "cognitivecomputations/dolphin-2.8-mistral-7b-v02",
  ),
  model(
    "hermes3:8b hermes3",
    "Q4_0",
    [8.03, 32, 32, 8, 128, 4096, 128256, 131072],
    "NousResearch/Hermes-3-Llama-3.1-8B",
  ),
  model("zephyr:7b zephyr", "Q4_0", [7.24, 32, 32, 8, 128, 4096, 32000, 32768], "HuggingFaceH4/zephyr-7b-beta"),
  model("vicuna:7b vicuna", "Q4_0", [6.74, 32, 32, 32, 128, 4096, 32000, 4096], "lmsys/vicuna-7b-v1.5"),
  model("yi:6b yi", "Q4_0", [6.06, 32, 32, 4, 128, 4096, 64000, 4096], "01-ai/Yi-1.5-6B-Chat"),
  model("yi:9b", "Q4_0", [8.83, 48, 32, 4, 128, 4096, 64000, 4096], "01-ai/Yi-1.5-9B-Chat"),
  model("yi:34b", "Q4_0", [34.39, 60, 56, 8, 128, 7168, 64000, 4096], "01-ai/Yi-1.5-34B-Chat"),
];

/** Models that were trained further, with the shape of those that they come from. */
const TUNED: KnownModel[] = [
  model(
    "llama2-uncensored:7b llama2-uncensored",
    "Q4_0",
    [6.74, 32, 32, 32, 128, 4096, 32000, 4096],
    "georgesung/llama2_7b_chat_uncensored",
  ),
  model(
    "dolphin-llama3:8b dolphin-llama3",
    "Q4_0",
    [8.03, 32, 32, 8, 128, 4096, 128258, 8192],
    "cognitivecomputations/dolphin-2.9-llama3-8b",
  ),
  model(
    "dolphin-mixtral:8x7b dolphin-mixtral",
    "Q4_0",
    [46.7, 32, 32, 8, 128, 4096, 32002, 32768],
    "cognitivecomputations/dolphin-2.7-mixtral-8x7b",
  ),
  model("tulu3:8b tulu3", "Q4_K_M", [8.03, 32, 32, 8, 128, 4096, 128264, 131072], "allenai/Llama-3.1-Tulu-3-8B"),
  model(
    "nemotron:70b nemotron",
    "Q4_K_M",
    [70.55, 80, 64, 8, 128, 8192, 128256, 131072],
    "nvidia/Llama-3.1-Nemotron-70B-Instruct-HF",
  ),
  model(
    "openthinker:7b openthinker",
    "Q4_K_M",
    [7.62, 28, 28, 4, 128, 3584, 152064, 32768],
    "open-thoughts/OpenThinker-7B",
  ),
  model("openthinker:32b", "Q4_K_M", [32.76, 64, 40, 8, 128, 5120, 152064, 32768], "open-thoughts/OpenThinker-32B"),
  model(
    "magistral:24b magistral",
    "Q4_K_M",
    [23.57, 40, 32, 8, 128, 5120, 131072, 40960],
    "mistralai/Magistral-Small-2506",
  ),
];

/** Models that see images; the parameters of the encoder are counted among all. */
const IMAGES: KnownModel[] = [
  model("llava:7b llava", "Q4_0", [7.57, 32, 32, 8, 128, 4096, 32064, 32768], "llava-hf/llava-v1.6-mistral-7b-hf", {
    projectorBillions: 0.32,
  }),
  model("llava:13b", "Q4_0", [13.35, 40, 40, 40, 128, 5120, 32064, 4096], "llava-hf/llava-v1.6-vicuna-13b-hf", {
    projectorBillions: 0.33,
  }),
  model(
    "mistral-small3.1:24b mistral-small3.1",
    "Q4_K_M",
    [24.01, 40, 32, 8, 128, 5120, 131072, 131072],
    "mistralai/Mistral-Small-3.1-24B-Instruct-2503",
    { projectorBillions: 0.44 },
  ),
  model(
    "mistral-small3.2:24b mistral-small3.2",
    "Q4_K_M",
    [24.01, 40, 32, 8, 128, 5120, 131072, 131072],
    "mistralai/Mistral-Small-3.2-24B-Instruct-2506",
    { projectorBillions: 0.44 },
  ),
  model("qwen2.5vl:3b", "Q4_K_M", [3.75, 36, 16, 2, 128, 2048, 151936, 128000], "Qwen/Qwen2.5-VL-3B-Instruct", {
    projectorBillions: 0.67,
  }),
  model(
    "qwen2.5vl:7b qwen2.5vl",
    "Q4_K_M",
    [8.29, 28, 28, 4, 128, 3584, 152064, 128000],
    "Qwen/Qwen2.5-VL-7B-Instruct",
    { projectorBillions: 0.68 },
  ),
];

/** Further models that embed. */
const EMBEDDINGS: KnownModel[] = [
  model(
    "embeddinggemma:300m embeddinggemma",
    "BF16",
    [0.308, 24, 3, 1, 256, 768, 262144, 2048],
    "google/embeddinggemma-300m",
    EMBEDDING,
  ),
  model(
    "qwen3-embedding:0.6b",
    "Q8_0",
    [0.596, 28, 16, 8, 128, 1024, 151669, 32768],
    "Qwen/Qwen3-Embedding-0.6B",
    EMBEDDING,
  ),
  model(
    "qwen3-embedding:4b",
    "Q4_K_M",
    [4.02, 36, 32, 8, 128, 2560, 151665, 40960],
    "Qwen/Qwen3-Embedding-4B",
    EMBEDDING,
  ),
  model(
    "qwen3-embedding:8b qwen3-embedding",
    "Q4_K_M",
    [7.57, 36, 32, 8, 128, 4096, 151665, 40960],
    "Qwen/Qwen3-Embedding-8B",
    EMBEDDING,
  ),
  model(
    "snowflake-arctic-embed snowflake-arctic-embed:335m",
    "F16",
    [0.334, 24, 16, 16, 64, 1024, 30522, 512],
    "Snowflake/snowflake-arctic-embed-l",
    EMBEDDING,
  ),
];

/** Every model of this page. */
export const OTHERS: readonly KnownModel[] = [...CODE, ...CHAT, ...TUNED, ...IMAGES, ...EMBEDDINGS];

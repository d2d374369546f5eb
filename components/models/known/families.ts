/** Models of the large families, small ones, and those that embed. */
import { EMBEDDING, type KnownModel, model } from "./model";

/** The image encoder of Gemma 3 (SigLIP, 400M). */
const VISION = { projectorBillions: 0.42 };

const LLAMA: KnownModel[] = [
  model("llama2:7b llama2", "Q4_0", [6.74, 32, 32, 32, 128, 4096, 32000, 4096], "meta-llama/Llama-2-7b-hf"),
  model("llama2:13b", "Q4_0", [13.02, 40, 40, 40, 128, 5120, 32000, 4096], "meta-llama/Llama-2-13b-hf"),
  model("llama2:70b", "Q4_0", [68.98, 80, 64, 8, 128, 8192, 32000, 4096], "meta-llama/Llama-2-70b-hf"),
  model("llama3:8b llama3", "Q4_0", [8.03, 32, 32, 8, 128, 4096, 128256, 8192], "meta-llama/Meta-Llama-3-8B"),
  model("llama3:70b", "Q4_0", [70.55, 80, 64, 8, 128, 8192, 128256, 8192], "meta-llama/Meta-Llama-3-70B"),
  model("llama3.1:8b llama3.1", "Q4_K_M", [8.03, 32, 32, 8, 128, 4096, 128256, 131072], "meta-llama/Llama-3.1-8B"),
  model("llama3.1:70b", "Q4_K_M", [70.55, 80, 64, 8, 128, 8192, 128256, 131072], "meta-llama/Llama-3.1-70B"),
  model("llama3.1:405b", "Q4_K_M", [405.85, 126, 128, 8, 128, 16384, 128256, 131072], "meta-llama/Llama-3.1-405B"),
  model("llama3.2:1b", "Q8_0", [1.24, 16, 32, 8, 64, 2048, 128256, 131072], "meta-llama/Llama-3.2-1B"),
  model("llama3.2:3b llama3.2", "Q4_K_M", [3.21, 28, 24, 8, 128, 3072, 128256, 131072], "meta-llama/Llama-3.2-3B"),
  model(
    "llama3.3:70b llama3.3",
    "Q4_K_M",
    [70.55, 80, 64, 8, 128, 8192, 128256, 131072],
    "meta-llama/Llama-3.3-70B-Instruct",
  ),
  model(
    "tinyllama:1.1b tinyllama",
    "Q4_0",
    [1.1, 22, 32, 4, 64, 2048, 32000, 2048],
    "TinyLlama/TinyLlama-1.1B-Chat-v1.0",
  ),
];

const MISTRAL: KnownModel[] = [
  model(
    "mistral:7b mistral",
    "Q4_K_M",
    [7.25, 32, 32, 8, 128, 4096, 32768, 32768],
    "mistralai/Mistral-7B-Instruct-v0.3",
  ),
  model(
    "mistral-nemo:12b mistral-nemo",
    "Q4_0",
    [12.25, 40, 32, 8, 128, 5120, 131072, 131072],
    "mistralai/Mistral-Nemo-Instruct-2407",
  ),
  model(
    "mistral-small:22b",
    "Q4_0",
    [22.25, 56, 48, 8, 128, 6144, 32768, 32768],
    "mistralai/Mistral-Small-Instruct-2409",
  ),
  model(
    "mistral-small:24b mistral-small",
    "Q4_K_M",
    [23.57, 40, 32, 8, 128, 5120, 131072, 32768],
    "mistralai/Mistral-Small-24B-Instruct-2501",
  ),
  model(
    "mistral-large:123b mistral-large",
    "Q4_K_M",
    [122.61, 88, 96, 8, 128, 12288, 32768, 131072],
    "mistralai/Mistral-Large-Instruct-2411",
  ),
  model(
    "mixtral:8x7b mixtral",
    "Q4_0",
    [46.7, 32, 32, 8, 128, 4096, 32000, 32768],
    "mistralai/Mixtral-8x7B-Instruct-v0.1",
  ),
  model("mixtral:8x22b", "Q4_0", [140.63, 56, 48, 8, 128, 6144, 32768, 65536], "mistralai/Mixtral-8x22B-Instruct-v0.1"),
];

const QWEN: KnownModel[] = [
  model("qwen2.5:0.5b", "Q4_K_M", [0.494, 24, 14, 2, 64, 896, 151936, 32768], "Qwen/Qwen2.5-0.5B-Instruct"),
  model("qwen2.5:1.5b", "Q4_K_M", [1.54, 28, 12, 2, 128, 1536, 151936, 32768], "Qwen/Qwen2.5-1.5B-Instruct"),
  model("qwen2.5:3b", "Q4_K_M", [3.09, 36, 16, 2, 128, 2048, 151936, 32768], "Qwen/Qwen2.5-3B-Instruct"),
  model("qwen2.5:7b qwen2.5", "Q4_K_M", [7.62, 28, 28, 4, 128, 3584, 152064, 32768], "Qwen/Qwen2.5-7B-Instruct"),
  model("qwen2.5:14b", "Q4_K_M", [14.77, 48, 40, 8, 128, 5120, 152064, 32768], "Qwen/Qwen2.5-14B-Instruct"),
  model("qwen2.5:32b", "Q4_K_M", [32.76, 64, 40, 8, 128, 5120, 152064, 32768], "Qwen/Qwen2.5-32B-Instruct"),
  model("qwen2.5:72b", "Q4_K_M", [72.71, 80, 64, 8, 128, 8192, 152064, 32768], "Qwen/Qwen2.5-72B-Instruct"),
  model("qwen2.5-coder:0.5b", "Q4_K_M", [0.494, 24, 14, 2, 64, 896, 151936, 32768], "Qwen/Qwen2.5-Coder-0.5B-Instruct"),
  model(
    "qwen2.5-coder:1.5b",
    "Q4_K_M",
    [1.54, 28, 12, 2, 128, 1536, 151936, 32768],
    "Qwen/Qwen2.5-Coder-1.5B-Instruct",
  ),
  model("qwen2.5-coder:3b", "Q4_K_M", [3.09, 36, 16, 2, 128, 2048, 151936, 32768], "Qwen/Qwen2.5-Coder-3B-Instruct"),
  model(
    "qwen2.5-coder:7b qwen2.5-coder",
    "Q4_K_M",
    [7.62, 28, 28, 4, 128, 3584, 152064, 32768],
    "Qwen/Qwen2.5-Coder-7B-Instruct",
  ),
  model("qwen2.5-coder:14b", "Q4_K_M", [14.77, 48, 40, 8, 128, 5120, 152064, 32768], "Qwen/Qwen2.5-Coder-14B-Instruct"),
  model("qwen2.5-coder:32b", "Q4_K_M", [32.76, 64, 40, 8, 128, 5120, 152064, 32768], "Qwen/Qwen2.5-Coder-32B-Instruct"),
  model("qwq:32b qwq", "Q4_K_M", [32.76, 64, 40, 8, 128, 5120, 152064, 131072], "Qwen/QwQ-32B"),
  model("qwen3:0.6b", "Q4_K_M", [0.752, 28, 16, 8, 128, 1024, 151936, 40960], "Qwen/Qwen3-0.6B"),
  model("qwen3:1.7b", "Q4_K_M", [2.03, 28, 16, 8, 128, 2048, 151936, 40960], "Qwen/Qwen3-1.7B"),
  model("qwen3:4b", "Q4_K_M", [4.02, 36, 32, 8, 128, 2560, 151936, 40960], "Qwen/Qwen3-4B"),
  model("qwen3:8b qwen3", "Q4_K_M", [8.19, 36, 32, 8, 128, 4096, 151936, 40960], "Qwen/Qwen3-8B"),
  model("qwen3:14b", "Q4_K_M", [14.77, 40, 40, 8, 128, 5120, 151936, 40960], "Qwen/Qwen3-14B"),
  model("qwen3:30b qwen3:30b-a3b", "Q4_K_M", [30.53, 48, 32, 4, 128, 2048, 151936, 40960], "Qwen/Qwen3-30B-A3B"),
  model("qwen3:32b", "Q4_K_M", [32.76, 64, 64, 8, 128, 5120, 151936, 40960], "Qwen/Qwen3-32B"),
  model("qwen3:235b qwen3:235b-a22b", "Q4_K_M", [235.09, 94, 64, 4, 128, 4096, 151936, 40960], "Qwen/Qwen3-235B-A22B"),
];

const GEMMA: KnownModel[] = [
  model("gemma2:2b", "Q4_0", [2.61, 26, 8, 4, 256, 2304, 256000, 8192], "google/gemma-2-2b-it"),
  model("gemma2:9b gemma2", "Q4_0", [9.24, 42, 16, 8, 256, 3584, 256000, 8192], "google/gemma-2-9b-it"),
  model("gemma2:27b", "Q4_0", [27.23, 46, 32, 16, 128, 4608, 256000, 8192], "google/gemma-2-27b-it"),
  model("gemma3:270m", "Q8_0", [0.268, 18, 4, 1, 256, 640, 262144, 32768], "google/gemma-3-270m-it"),
  model("gemma3:1b", "Q4_K_M", [1.0, 26, 4, 1, 256, 1152, 262144, 32768], "google/gemma-3-1b-it"),
  model("gemma3:4b gemma3", "Q4_K_M", [4.3, 34, 8, 4, 256, 2560, 262144, 131072], "google/gemma-3-4b-it", VISION),
  model("gemma3:12b", "Q4_K_M", [12.19, 48, 16, 8, 256, 3840, 262144, 131072], "google/gemma-3-12b-it", VISION),
  model("gemma3:27b", "Q4_K_M", [27.43, 62, 32, 16, 128, 5376, 262144, 131072], "google/gemma-3-27b-it", VISION),
];

const PHI: KnownModel[] = [
  model(
    "phi3:3.8b phi3:mini phi3",
    "Q4_0",
    [3.82, 32, 32, 32, 96, 3072, 32064, 131072],
    "microsoft/Phi-3-mini-128k-instruct",
  ),
  model(
    "phi3:14b phi3:medium",
    "Q4_0",
    [13.96, 40, 40, 10, 128, 5120, 32064, 131072],
    "microsoft/Phi-3-medium-128k-instruct",
  ),
  model("phi3.5:3.8b phi3.5", "Q4_0", [3.82, 32, 32, 32, 96, 3072, 32064, 131072], "microsoft/Phi-3.5-mini-instruct"),
  model("phi4:14b phi4", "Q4_K_M", [14.66, 40, 40, 10, 128, 5120, 100352, 16384], "microsoft/phi-4"),
  model(
    "phi4-mini:3.8b phi4-mini",
    "Q4_K_M",
    [3.84, 32, 24, 8, 128, 3072, 200064, 131072],
    "microsoft/Phi-4-mini-instruct",
  ),
];

const DEEPSEEK_DISTILLATIONS: KnownModel[] = [
  model(
    "deepseek-r1:1.5b",
    "Q4_K_M",
    [1.78, 28, 12, 2, 128, 1536, 151936, 131072],
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B",
  ),
  model(
    "deepseek-r1:7b",
    "Q4_K_M",
    [7.62, 28, 28, 4, 128, 3584, 152064, 131072],
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
  ),
  model(
    "deepseek-r1:8b deepseek-r1",
    "Q4_K_M",
    [8.19, 36, 32, 8, 128, 4096, 151936, 131072],
    "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B",
  ),
  model(
    "deepseek-r1:14b",
    "Q4_K_M",
    [14.77, 48, 40, 8, 128, 5120, 152064, 131072],
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B",
  ),
  model(
    "deepseek-r1:32b",
    "Q4_K_M",
    [32.76, 64, 40, 8, 128, 5120, 152064, 131072],
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B",
  ),
  model(
    "deepseek-r1:70b",
    "Q4_K_M",
    [70.55, 80, 64, 8, 128, 8192, 128256, 131072],
    "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
  ),
];

const SMALL: KnownModel[] = [
  model("smollm2:135m", "F16", [0.135, 30, 9, 3, 64, 576, 49152, 8192], "HuggingFaceTB/SmolLM2-135M-Instruct"),
  model("smollm2:360m", "F16", [0.362, 32, 15, 5, 64, 960, 49152, 8192], "HuggingFaceTB/SmolLM2-360M-Instruct"),
  model(
    "smollm2:1.7b smollm2",
    "Q8_0",
    [1.71, 24, 32, 32, 64, 2048, 49152, 8192],
    "HuggingFaceTB/SmolLM2-1.7B-Instruct",
  ),
];

const EMBEDDINGS: KnownModel[] = [
  model(
    "nomic-embed-text nomic-embed-text:v1.5 nomic-embed-text:137m",
    "F16",
    [0.137, 12, 12, 12, 64, 768, 30528, 2048],
    "nomic-ai/nomic-embed-text-v1.5",
    EMBEDDING,
  ),
  model(
    "mxbai-embed-large mxbai-embed-large:335m",
    "F16",
    [0.335, 24, 16, 16, 64, 1024, 30522, 512],
    "mixedbread-ai/mxbai-embed-large-v1",
    EMBEDDING,
  ),
  model(
    "all-minilm all-minilm:22m all-minilm:l6-v2",
    "F16",
    [0.023, 6, 12, 12, 32, 384, 30522, 512],
    "sentence-transformers/all-MiniLM-L6-v2",
    EMBEDDING,
  ),
  model(
    "all-minilm:33m all-minilm:l12-v2",
    "F16",
    [0.033, 12, 12, 12, 32, 384, 30522, 512],
    "sentence-transformers/all-MiniLM-L12-v2",
    EMBEDDING,
  ),
  model("bge-m3 bge-m3:567m", "F16", [0.567, 24, 16, 16, 64, 1024, 250002, 8192], "BAAI/bge-m3", EMBEDDING),
  model(
    "bge-large bge-large:335m",
    "F16",
    [0.335, 24, 16, 16, 64, 1024, 30522, 512],
    "BAAI/bge-large-en-v1.5",
    EMBEDDING,
  ),
  model(
    "snowflake-arctic-embed2 snowflake-arctic-embed2:568m",
    "F16",
    [0.568, 24, 16, 16, 64, 1024, 250002, 8192],
    "Snowflake/snowflake-arctic-embed-l-v2.0",
    EMBEDDING,
  ),
];

/** Every model of this page. */
export const FAMILIES: readonly KnownModel[] = [
  ...LLAMA,
  ...MISTRAL,
  ...QWEN,
  ...GEMMA,
  ...PHI,
  ...DEEPSEEK_DISTILLATIONS,
  ...SMALL,
  ...EMBEDDINGS,
];

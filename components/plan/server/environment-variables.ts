import type { EnvVar } from "../kubernetes";
import { queueLength, type Server } from "../../spec/server";

/**
 * Variables of the Ollama server, from its `envconfig` package, beside those that it needs to stand behind the gateway:
 * prompts are not logged, and what depends on the machine is set.
 */
export function serverVariables({ parallelRequests, cpuMillis, loadedModels, kvCacheType }: Server): EnvVar[] {
  const variables = {
    OLLAMA_DEBUG: "0",
    OLLAMA_DEBUG_LOG_REQUESTS: "0",
    // Memory is sized for so many models; the default varies with the GPU.
    OLLAMA_MAX_LOADED_MODELS: String(loadedModels),
    // Of Ollama 0.30 and later, whose runner starts a thread for each core of the node: beyond the limit they wait for each
    // other while the kernel holds some back. Earlier ones read the limit themselves.
    LLAMA_ARG_THREADS: String(Math.max(1, Math.floor(cpuMillis / 1000))),
    // A cache of fewer bits needs flash attention; without the variable Ollama decides by the model.
    ...(kvCacheType === "f16" ? {} : { OLLAMA_KV_CACHE_TYPE: kvCacheType, OLLAMA_FLASH_ATTENTION: "1" }),
    OLLAMA_MAX_QUEUE: String(queueLength({ parallelRequests })),
  };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

import type { EnvVar } from "./kubernetes";
import { queueLength, type Server } from "../spec/server";

/**
 * Variables of the Ollama server, from its `envconfig` package, beside those that it needs to stand behind the gateway:
 * prompts are not logged, and what depends on the machine is set.
 */
export function serverVariables({ parallelRequests }: Server): EnvVar[] {
  const variables = {
    OLLAMA_DEBUG: "0",
    OLLAMA_DEBUG_LOG_REQUESTS: "0",
    // Memory is sized for one model at a time; the default varies with the GPU.
    OLLAMA_MAX_LOADED_MODELS: "1",
    OLLAMA_MAX_QUEUE: String(queueLength({ parallelRequests })),
  };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

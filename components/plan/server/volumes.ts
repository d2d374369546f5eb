import { MODELS_VOLUME, SCRATCH_VOLUME } from "../../gateway/pod";
import { MIB, formatBytes } from "../../models/quantity";
import type { Volume } from "../kubernetes";
import type { Environment } from "../../spec/environment";
import type { Tenant } from "../../spec/tenant";
import { readinessVolume } from "./readiness";
import { modelsVolume } from "../store/tenant";

/** Ollama's home folder and its temporary files. */
const SCRATCH_SIZE = 272 * MIB;
/** The part of the server's ephemeral storage that is left for its log. */
const LOG_SIZE = 240 * MIB;

/** The volumes of the Ollama server. Their sizes and the log's add up to its ephemeral storage at most. */
export function serverVolumes({ server }: Tenant, environment: Environment): Volume[] {
  const models = server.ephemeralStorageBytes - SCRATCH_SIZE - LOG_SIZE;
  return [
    scratchVolume(SCRATCH_VOLUME, SCRATCH_SIZE),
    modelsVolume(MODELS_VOLUME, environment) ?? scratchVolume(MODELS_VOLUME, models),
    readinessVolume(),
  ];
}

function scratchVolume(name: string, bytes: number): Volume {
  return { name, emptyDir: { sizeLimit: formatBytes(bytes) } };
}

import { formatBytes, formatMilliCpu } from "../models/quantity";

/** What a container takes. */
export interface ContainerAmounts {
  cpuMillis: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
}

/** The same as the value of `requests` or `limits`. */
export function resourceAmounts(amounts: ContainerAmounts): Record<string, string> {
  return {
    cpu: formatMilliCpu(amounts.cpuMillis),
    memory: formatBytes(amounts.memoryBytes),
    "ephemeral-storage": formatBytes(amounts.ephemeralStorageBytes),
  };
}

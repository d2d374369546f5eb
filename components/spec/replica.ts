import { MIB } from "../models/quantity";
import type { Server } from "./server";

/** What one replica requests. */
export interface ReplicaResources {
  cpuMillis: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  gpus: number;
}

/**
 * Time for requests in flight to end before the pod is killed. The pod goes earlier when there are none; a long answer
 * on a slow machine takes minutes.
 */
export const TERMINATION_GRACE_SECONDS = 600;

/**
 * The gateway beside each server. A small request costs it 0.4 ms of CPU and a chunk of a stream 0.02 ms; it holds the
 * bodies that it judges in memory, and shares its memory out for that; its ephemeral storage is the audit log until it is collected.
 */
export const GATEWAY_RESOURCES = { cpuMillis: 250, memoryBytes: 256 * MIB, ephemeralStorageBytes: 128 * MIB };

/** The loader of a dedicated store, at most: it streams, so a large model needs no more than a small one. */
export const LOADER_RESOURCES = { cpuMillis: 250, memoryBytes: 256 * MIB, ephemeralStorageBytes: 128 * MIB };

/** The server and its gateway together: what quotas count and what a node must have room for. */
export function replicaResources(server: Server): ReplicaResources {
  return {
    cpuMillis: server.cpuMillis + GATEWAY_RESOURCES.cpuMillis,
    memoryBytes: server.memoryBytes + GATEWAY_RESOURCES.memoryBytes,
    ephemeralStorageBytes: server.ephemeralStorageBytes + GATEWAY_RESOURCES.ephemeralStorageBytes,
    gpus: server.gpus,
  };
}

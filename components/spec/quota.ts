import { GIB, modelMemory } from "../models/memory";
import { formatBytes, formatMilliCpu } from "../models/quantity";
import { roomOfPool } from "./node-pool/nodes";
import type { NodePool } from "./node-pool/pool";
import type { Autoscaling } from "./autoscaling";
import type { Draft } from "./draft";
import type { Report } from "./fault";
import type { ModelAccess } from "./model-access";
import type { At } from "./path";
import { readTotalBytes, readTotalCpu } from "./amounts";
import { readText } from "./read";
import { GATEWAY_RESOURCES, replicaResources } from "./replica";
import type { DeclaredSize, Server } from "./server";

/** Upper limits of a tenant's namespace. Each default is computed from the server, the autoscaler and the models. */
export interface QuotaSpec {
  /** CPU requests and limits as a quantity. */
  cpu?: string;
  /** Memory requests and limits as a quantity. */
  memory?: string;
  /** Ephemeral storage requests and limits as a quantity. */
  ephemeralStorage?: string;
  /** GPUs or MIG slices. */
  gpus?: number;
  /** Storage of all claims together as a quantity. */
  storage?: string;
  /** Number of pods. */
  pods?: number;
}

/** Upper limits of a tenant's namespace. */
export interface Quota {
  cpuMillis: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  gpus: number;
  storageBytes: number;
  pods: number;
  /** Limits that the declaration names; the others were computed. */
  explicit: Set<keyof QuotaSpec>;
}

/** What the defaults are computed from. */
export interface QuotaBasis {
  models: ModelAccess;
  nodePool?: NodePool;
  server: Server;
  autoscaling: Autoscaling;
}

/** Room for the platform's own short-lived pods in the namespace, beside the replicas. */
const HELPER_ROOM = { cpuMillis: 500, memoryBytes: GIB, ephemeralStorageBytes: GIB, pods: 2 };

/**
 * Checks the limits of a tenant, and that they hold one replica of the size that the tenant declares. Those of a
 * computed size are checked when it is known.
 *
 * @param at Leads to what is below the tenant.
 */
export function checkQuota(
  quota: Draft<QuotaSpec>,
  server: DeclaredSize & { gpus: number },
  at: At,
  report: Report,
): void {
  const atQuota: At = (...steps) => at("quota", ...steps);
  const gateway = GATEWAY_RESOURCES;
  const limits: { key: keyof QuotaSpec; have?: number; need?: number; format: (amount: number) => string }[] = [
    {
      key: "cpu",
      have: readText(readTotalCpu, quota.cpu, atQuota("cpu"), report),
      need: plus(server.cpuMillis, gateway.cpuMillis),
      format: formatMilliCpu,
    },
    {
      key: "memory",
      have: readText(readTotalBytes, quota.memory, atQuota("memory"), report),
      need: plus(server.memoryBytes, gateway.memoryBytes),
      format: formatBytes,
    },
    {
      key: "ephemeralStorage",
      have: readText(readTotalBytes, quota.ephemeralStorage, atQuota("ephemeralStorage"), report),
      need: plus(server.ephemeralStorageBytes, gateway.ephemeralStorageBytes),
      format: formatBytes,
    },
    { key: "gpus", have: quota.gpus, need: server.gpus, format: String },
  ];
  readText(readTotalBytes, quota.storage, atQuota("storage"), report);
  for (const { key, have, need, format } of limits) {
    if (need === undefined || have === undefined || need <= have) continue;
    report({
      path: atQuota(key),
      value: quota[key],
      restsOn: [at("server", key)],
      problem: `is below one replica, which takes ${format(need)}`,
      allowed: `at least ${format(need)}, and that for each replica`,
      fix: "raise it, lower the size of the server, or remove it for the default",
    });
  }
}

/** A server with its gateway. */
function plus(server: number | undefined, gateway: number): number | undefined {
  return server === undefined ? undefined : server + gateway;
}

/**
 * Fills in the limits that the declaration leaves open: the replicas at the autoscaler's maximum, room for helper
 * pods, and for servers without GPU one replica more so that an update starts the new replica before it ends the old
 * one. No computed limit exceeds what the node pool has for pods.
 */
export function resolveQuota(spec: QuotaSpec, basis: QuotaBasis): Quota {
  const { server, autoscaling, nodePool } = basis;
  const replica = replicaResources(server);
  const replicas = autoscaling.maxReplicas + (server.gpus > 0 ? 0 : 1);
  const amount = (key: "cpuMillis" | "memoryBytes" | "ephemeralStorageBytes") =>
    replicas * replica[key] + HELPER_ROOM[key];
  const { cpu, memory, ephemeralStorage, storage } = spec;
  const room = nodePool && roomOfPool(nodePool);
  return {
    cpuMillis: cpu === undefined ? Math.min(amount("cpuMillis"), room?.cpuMillis ?? Infinity) : readTotalCpu(cpu),
    memoryBytes:
      memory === undefined ? Math.min(amount("memoryBytes"), room?.memoryBytes ?? Infinity) : readTotalBytes(memory),
    ephemeralStorageBytes:
      ephemeralStorage === undefined ? amount("ephemeralStorageBytes") : readTotalBytes(ephemeralStorage),
    gpus: spec.gpus ?? autoscaling.maxReplicas * server.gpus,
    storageBytes: storage === undefined ? modelStorage(basis) : readTotalBytes(storage),
    pods: spec.pods ?? replicas + HELPER_ROOM.pods,
    explicit: new Set((Object.keys(spec) as (keyof QuotaSpec)[]).filter((key) => spec[key] !== undefined)),
  };
}

/** Storage for one copy of each allowed model, each rounded up to a GiB because claims are sized so. */
function modelStorage({ models, server }: QuotaBasis): number {
  const { contextLength, parallelRequests } = server;
  return models.allowedModels
    .map((model) => modelMemory(model, { contextLength, parallelRequests }).weights)
    .reduce((sum, weights) => sum + Math.ceil(weights / GIB) * GIB, 0);
}

import type { Integer, QuantityOrAuto } from "./forms";
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
import type { WorkspaceQuota, WorkspaceQuotaSpec } from "./workspace";

/**
 * Upper limits of a tenant's namespace. Each default is computed from the server, the autoscaler and the models.
 * @asType object|string @pattern ^auto$
 * @patternErrorMessage `auto`, or a mapping with the limits
 */
export interface QuotaSpec {
  /**
   * CPU requests and limits as a quantity.
   * @examples ["16"]
   */
  cpu?: QuantityOrAuto;
  /**
   * Memory requests and limits as a quantity.
   * @examples ["64Gi"]
   */
  memory?: QuantityOrAuto;
  /**
   * Ephemeral storage requests and limits as a quantity.
   * @examples ["10Gi"]
   */
  ephemeralStorage?: QuantityOrAuto;
  /**
   * GPUs or MIG slices.
   * @minimum 0 @maximum 100000 @examples [2]
   */
  gpus?: Integer;
  /**
   * Storage of all claims together as a quantity.
   * @examples ["200Gi"]
   */
  storage?: QuantityOrAuto;
  /**
   * Number of pods.
   * @minimum 1 @maximum 100000 @examples [10]
   */
  pods?: Integer;
}

/** Upper limits of the namespace of a tenant's servers: the tenant's, less what is its workspace's. */
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
  /** Amounts that the tenant's workspace takes of limits that are declared. */
  workspace?: WorkspaceQuota;
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
  server: DeclaredSize & { gpus: number; workspace?: { [Key in keyof WorkspaceQuotaSpec]?: number } },
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
    { key: "pods", have: quota.pods, need: 1, format: String },
    {
      key: "storage",
      have: readText(readTotalBytes, quota.storage, atQuota("storage"), report),
      need: 0,
      format: formatBytes,
    },
  ];
  for (const { key, have, need: replica, format } of limits) {
    const workspace = key === "gpus" ? 0 : (server.workspace?.[key] ?? 0);
    const need = replica === undefined ? undefined : replica + workspace;
    if (need === undefined || have === undefined || need <= have) continue;
    report({
      path: atQuota(key),
      value: quota[key],
      restsOn: [at("server", key), ...(workspace === 0 ? [] : [at("workspace", "quota", key)])],
      problem:
        workspace === 0
          ? `is below one replica, which takes ${format(need)}`
          : `is below one replica and the workspace together, which take ${format(need)}`,
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
 * one. No computed limit exceeds what the node pool has for pods. Limits that the declaration names are the whole
 * tenant's: the workspace's part is taken off.
 */
export function resolveQuota(spec: QuotaSpec, basis: QuotaBasis): Quota {
  const { server, autoscaling, nodePool } = basis;
  const replica = replicaResources(server);
  const replicas = autoscaling.maxReplicas + (server.gpus > 0 ? 0 : 1);
  const amount = (key: "cpuMillis" | "memoryBytes" | "ephemeralStorageBytes") =>
    replicas * replica[key] + HELPER_ROOM[key];
  const { cpu, memory, ephemeralStorage, storage, pods } = spec;
  const { workspace } = basis;
  const room = nodePool && roomOfPool(nodePool);
  return {
    cpuMillis:
      cpu === undefined
        ? Math.min(amount("cpuMillis"), room?.cpuMillis ?? Infinity)
        : readTotalCpu(cpu) - (workspace?.cpuMillis ?? 0),
    memoryBytes:
      memory === undefined
        ? Math.min(amount("memoryBytes"), room?.memoryBytes ?? Infinity)
        : readTotalBytes(memory) - (workspace?.memoryBytes ?? 0),
    ephemeralStorageBytes:
      ephemeralStorage === undefined
        ? amount("ephemeralStorageBytes")
        : readTotalBytes(ephemeralStorage) - (workspace?.ephemeralStorageBytes ?? 0),
    gpus: spec.gpus ?? autoscaling.maxReplicas * server.gpus,
    storageBytes:
      storage === undefined ? modelStorage(basis) : readTotalBytes(storage) - (workspace?.storageBytes ?? 0),
    pods: pods === undefined ? replicas + HELPER_ROOM.pods : pods - (workspace?.pods ?? 0),
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

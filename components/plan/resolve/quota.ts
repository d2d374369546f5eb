import type { QuotaSpec } from "../../spec/index";
import { modelMemory } from "../../models/memory";
import type { Report } from "../faults";
import { readBytes, readMilliCpu, readWhole } from "../read";
import type { Autoscaling } from "./autoscaling";
import type { ModelAccess } from "./model-access";
import type { NodePool } from "../../spec/node-pool/pool";
import { replicaResources } from "./replica";
import type { Server } from "./server";

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

const GIB = 2 ** 30;
/** Room for the platform's own short-lived pods in the namespace, beside the replicas. */
const HELPER_ROOM = { cpuMillis: 500, memoryBytes: GIB, ephemeralStorageBytes: GIB, pods: 2 };

/**
 * Fills in the limits that the declaration leaves open: the replicas at the autoscaler's maximum, room for helper
 * pods, and for servers without GPU one replica more so that an update starts the new replica before it ends the old
 * one. No computed limit exceeds the node pool's.
 */
export function resolveQuota(spec: QuotaSpec, basis: QuotaBasis, report: Report): Quota {
  const { server, autoscaling, nodePool } = basis;
  const replica = replicaResources(server);
  const replicas = autoscaling.maxReplicas + (server.gpus > 0 ? 0 : 1);
  const gpus = autoscaling.maxReplicas * server.gpus;
  const explicit = new Set((Object.keys(spec) as (keyof QuotaSpec)[]).filter((key) => spec[key] !== undefined));
  return {
    cpuMillis:
      readMilliCpu(report, "quota.cpu", spec.cpu) ??
      Math.min(replicas * replica.cpuMillis + HELPER_ROOM.cpuMillis, nodePool?.limits.cpuMillis ?? Infinity),
    memoryBytes:
      readBytes(report, "quota.memory", spec.memory) ??
      Math.min(replicas * replica.memoryBytes + HELPER_ROOM.memoryBytes, nodePool?.limits.memoryBytes ?? Infinity),
    ephemeralStorageBytes:
      readBytes(report, "quota.ephemeralStorage", spec.ephemeralStorage) ??
      replicas * replica.ephemeralStorageBytes + HELPER_ROOM.ephemeralStorageBytes,
    gpus: readWhole(report, "quota.gpus", spec.gpus, { minimum: 0, maximum: 100_000, fallback: gpus }),
    storageBytes: readBytes(report, "quota.storage", spec.storage) ?? modelStorage(basis),
    pods: readWhole(report, "quota.pods", spec.pods, {
      minimum: 1,
      maximum: 100_000,
      fallback: replicas + HELPER_ROOM.pods,
    }),
    explicit,
  };
}

/** Storage for one copy of each allowed model, each rounded up to a GiB because claims are sized so. */
function modelStorage({ models, server }: QuotaBasis): number {
  const { contextLength, parallelRequests } = server;
  return models.allowedModels
    .map((model) => modelMemory(model, { contextLength, parallelRequests }).weights)
    .reduce((sum, weights) => sum + Math.ceil(weights / GIB) * GIB, 0);
}

import type { ServerSpec } from "../../spec/index";
import { formatBytes } from "../../models/quantity";
import { serverResources } from "../../models/sizing";
import type { Report } from "../faults";
import { isDnsSubdomain, isPlatformSecret } from "../../spec/names";
import { readBytes, readMilliCpu, readWhole } from "../read";
import type { ModelAccess } from "./model-access";
import type { NodePool } from "../../spec/node-pool/pool";
import type { NodePoolGpu } from "../../spec/node-pool/gpu";

/** The Ollama server of a tenant; the amounts are those of one replica. */
export interface Server {
  gpus: number;
  cpuMillis: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  contextLength: number;
  parallelRequests: number;
  keepAlive: string;
  /** Secret with the certificate of the gateway; absent for plain HTTP. */
  certificateSecret?: string;
}

const GIB = 2 ** 30;
const DEFAULT_CONTEXT_LENGTH = 4096;
const DEFAULT_EPHEMERAL_STORAGE = 2 * GIB;
/** Scratch space that a replica needs at least: see the volumes of the pod. */
const MIN_EPHEMERAL_STORAGE = GIB;

/** Fills in the defaults, the sizes from the tenant's models, and reports what is wrong. */
export function resolveServer(
  spec: ServerSpec,
  { models, nodePool }: { models: ModelAccess; nodePool?: NodePool },
  report: Report,
): Server {
  const gpus = readWhole(report, "server.gpus", spec.gpus, { minimum: 0, maximum: 64, fallback: 0 });
  checkGpus(gpus, spec, nodePool, report);
  const contextLength = resolveContextLength(spec, models, report);
  const parallelRequests = readWhole(report, "server.parallelRequests", spec.parallelRequests, {
    minimum: 1,
    maximum: 256,
    fallback: 1,
  });
  const computed = computeResources(models, {
    contextLength,
    parallelRequests,
    gpu: gpus > 0 ? nodePool?.gpu : undefined,
  });
  const ephemeral = readBytes(report, "server.ephemeralStorage", spec.ephemeralStorage) ?? DEFAULT_EPHEMERAL_STORAGE;
  if (ephemeral < MIN_EPHEMERAL_STORAGE) {
    report(
      "server.ephemeralStorage",
      `${JSON.stringify(spec.ephemeralStorage)} is too little for logs and scratch files: write at least 1Gi`,
    );
  }
  return {
    gpus,
    cpuMillis: readMilliCpu(report, "server.cpu", spec.cpu) ?? computed.cpuMillis,
    memoryBytes: resolveMemory(spec, computed.memoryBytes, report),
    ephemeralStorageBytes: ephemeral,
    contextLength,
    parallelRequests,
    keepAlive: resolveKeepAlive(spec, report),
    ...(spec.tls && { certificateSecret: resolveCertificate(spec.tls.secretName, report) }),
  };
}

/** The Secret is somebody else's to fill: one of the platform's own would be overwritten, or given away. */
export function faultOfCertificate(name: string): { problem: string; fix: string } | undefined {
  if (isPlatformSecret(name)) {
    return { problem: "is a Secret of the platform itself", fix: "name a Secret with a certificate" };
  }
  return isDnsSubdomain(name) ? undefined : { problem: "is not the name of a Secret", fix: "correct it" };
}

function resolveCertificate(name: string, report: Report): string {
  const fault = faultOfCertificate(name);
  if (fault) report("server.tls.secretName", `${JSON.stringify(name)} ${fault.problem}: ${fault.fix}`);
  return name;
}

function computeResources(
  { allowedModels }: ModelAccess,
  options: { contextLength: number; parallelRequests: number; gpu?: NodePoolGpu },
): { cpuMillis: number; memoryBytes: number } {
  // Without a model there is nothing to size, and that is a fault already.
  return allowedModels.length === 0
    ? { cpuMillis: 0, memoryBytes: 0 }
    : serverResources({ models: allowedModels, ...options });
}

function checkGpus(gpus: number, spec: ServerSpec, nodePool: NodePool | undefined, report: Report): void {
  if (gpus === 0) return;
  if (spec.nodePool === undefined) {
    report("server.gpus", `${gpus} needs a pool with GPUs: name it under server.nodePool, or remove gpus`);
  } else if (nodePool !== undefined && nodePool.gpu === undefined) {
    report(
      "server.gpus",
      `${gpus} needs a pool with GPUs, and ${nodePool.name} has none: name another pool, or remove gpus`,
    );
  }
}

/** Up to the longest that a model was trained for: Ollama itself cuts it for the others. */
function resolveContextLength(spec: ServerSpec, { allowedModels }: ModelAccess, report: Report): number {
  const longest =
    allowedModels.length === 0 ? Infinity : Math.max(...allowedModels.map((model) => model.contextLength));
  const fallback = Math.min(DEFAULT_CONTEXT_LENGTH, longest);
  return readWhole(report, "server.contextLength", spec.contextLength, { minimum: 1, maximum: longest, fallback });
}

function resolveMemory(spec: ServerSpec, needed: number, report: Report): number {
  const memory = readBytes(report, "server.memory", spec.memory) ?? needed;
  if (memory < needed) {
    report(
      "server.memory",
      `${spec.memory} is less than the tenant's largest model needs: write at least ${formatBytes(needed)}, shorten the context, lower parallelRequests, or do not allow the model`,
    );
  }
  return memory;
}

function resolveKeepAlive(spec: ServerSpec, report: Report): string {
  const keepAlive = spec.keepAlive ?? "30m";
  if (!/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/.test(keepAlive)) {
    report("server.keepAlive", `${JSON.stringify(keepAlive)} is not a duration: write for example 30m or 1h30m`);
  }
  return keepAlive;
}

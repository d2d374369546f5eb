import type { Duration, Integer, Name, ObjectName, QuantityOrAuto } from "./forms";
import { GIB, formatBytes } from "../models/quantity";
import { KV_CACHE_BYTES, KV_CACHE_F16_BYTES } from "../models/memory";
import { fitsGpus, serverResources } from "../models/sizing";
import { isDnsSubdomain, isPlatformSecret } from "./names";
import type { NodePoolGpu } from "./node-pool/gpu";
import type { Draft } from "./draft";
import type { ServerLimitsSpec } from "./limits";
import type { Problem, Report } from "./fault";
import type { ModelAccess } from "./model-access";
import type { At } from "./path";
import { readNodeBytes, readNodeCpu } from "./amounts";
import { readText } from "./read";

/** The tenant's Ollama server. */
export interface ServerSpec {
  /**
   * Node pool that the server runs on. Default: nodes without a pool taint.
   * @examples ["finance-gpu"]
   */
  nodePool?: Name;
  /**
   * GPUs or MIG slices of one replica; needs a pool with GPUs. Default: 0, the model runs on the CPU.
   * @minimum 0 @maximum 64 @default 0 @examples [1]
   */
  gpus?: Integer;
  /**
   * CPU request of one replica as a quantity. Default: computed from the models. `auto` says so in words.
   * @examples ["4"]
   */
  cpu?: QuantityOrAuto;
  /**
   * Memory request and limit of one replica as a quantity. Default: computed from the models. `auto` says so in words.
   * @examples ["16Gi"]
   */
  memory?: QuantityOrAuto;
  /**
   * Ephemeral storage of one replica as a quantity. Default: `2Gi`.
   * @default "2Gi" @examples ["4Gi"]
   */
  ephemeralStorage?: QuantityOrAuto;
  /**
   * Context length in tokens that the server is started with. Default: 4096, at most the longest of its models.
   * @minimum 1 @maximum 10000000 @default 4096 @examples [8192]
   */
  contextLength?: Integer;
  /**
   * Requests that one replica answers at a time. Default: 1.
   * @minimum 1 @maximum 256 @default 1 @examples [4]
   */
  parallelRequests?: Integer;
  /**
   * How long a model stays loaded after a request, as a duration. Default: `30m`.
   * @default "30m" @examples ["1h"]
   */
  keepAlive?: Duration;
  /**
   * Models that are loaded at the same time. Default: one model that answers and all that embed, as far as they fit.
   * @minimum 1 @maximum 64 @examples [2]
   */
  loadedModels?: Integer;
  /**
   * How keys and values of tokens are kept: `f16`, `q8_0` or `q4_0`, which take half and a quarter of the memory. Default: `f16`.
   * @choices ["f16", "q8_0", "q4_0"] @default "f16" @examples ["q8_0"]
   */
  kvCacheType?: string;
  /**
   * Whether a server loads its models before it takes requests, as many as `loadedModels`. Default: false, each is loaded by its first request.
   * @default false @examples [true]
   */
  preload?: boolean;
  /**
   * Bounds of what one request may cost and of how long an answer may take. Default: each limit's own default.
   * @examples [{ "maxTokens": 16384 }]
   */
  limits?: ServerLimitsSpec;
  /**
   * Encrypts what clients send and get. Default: plain HTTP.
   * @examples [{ "secretName": "ollama-tls" }]
   */
  tls?: ServerTlsSpec;
}

/** TLS of a tenant's server. Clients then use `https`, and plain HTTP is refused. */
export interface ServerTlsSpec {
  /**
   * Secret of type `kubernetes.io/tls` in the tenant's namespace, which someone else keeps, for example cert-manager.
   * @examples ["ollama-tls"]
   */
  secretName: ObjectName;
}

/** The Ollama server of a tenant; the amounts are those of one replica. */
export interface Server {
  gpus: number;
  cpuMillis: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  contextLength: number;
  parallelRequests: number;
  keepAlive: string;
  loadedModels: number;
  kvCacheType: string;
  /** Bytes of one number of the key/value cache. */
  kvCacheBytes: number;
  preload: boolean;
  /** Limits as they are declared; one that is absent has the gateway's default. */
  limits: ServerLimitsSpec;
  /** Secret with the certificate of the gateway; absent for plain HTTP. */
  certificateSecret?: string;
}

const DEFAULT_CONTEXT_LENGTH = 4096;
const DEFAULT_PARALLEL_REQUESTS = 1;
const DEFAULT_KEEP_ALIVE = "30m";
const DEFAULT_KV_CACHE_TYPE = "f16";
const DEFAULT_EPHEMERAL_STORAGE = 2 * GIB;
/** Scratch space that a replica needs at least: see the volumes of the pod. */
const MIN_EPHEMERAL_STORAGE = GIB;

/** Amounts of one replica as far as they are declared. */
export interface DeclaredSize {
  cpuMillis?: number;
  memoryBytes?: number;
  ephemeralStorageBytes?: number;
}

/**
 * Checks the amounts of a tenant's server, and its certificate.
 *
 * @param at Leads to what is below the tenant.
 * @returns The amounts that are declared and right.
 */
export function checkServer(server: Draft<ServerSpec>, at: At, report: Report): DeclaredSize {
  const ephemeralStorageBytes = readText(
    readNodeBytes,
    server.ephemeralStorage,
    at("server", "ephemeralStorage"),
    report,
  );
  if (ephemeralStorageBytes !== undefined && ephemeralStorageBytes < MIN_EPHEMERAL_STORAGE) {
    report({
      path: at("server", "ephemeralStorage"),
      value: server.ephemeralStorage,
      problem: "is too little for logs and scratch files",
      allowed: `at least \`${formatBytes(MIN_EPHEMERAL_STORAGE)}\``,
      fix: "raise it, or remove it for the default",
    });
  }
  const name = server.tls?.secretName;
  const fault = name === undefined ? undefined : faultOfCertificate(name);
  if (fault !== undefined) report({ path: at("server", "tls", "secretName"), value: name, ...fault });
  return {
    cpuMillis: readText(readNodeCpu, server.cpu, at("server", "cpu"), report),
    memoryBytes: readText(readNodeBytes, server.memory, at("server", "memory"), report),
    ephemeralStorageBytes,
  };
}

/** The Secret is filled by another program: one of the platform's own would be overwritten, or given away. */
function faultOfCertificate(name: string): Problem | undefined {
  const allowed = "a Secret of type `kubernetes.io/tls` in the tenant's namespace that is not the platform's";
  if (isPlatformSecret(name)) {
    return { problem: "is a Secret of the platform itself", allowed, fix: "name a Secret with a certificate" };
  }
  if (isDnsSubdomain(name)) return undefined;
  return { problem: "is not the name of a Secret", allowed, fix: "write the name as `kubectl get secrets` shows it" };
}

/**
 * Checks that tenants whose servers speak TLS are not served by a gateway, whose routes do not.
 *
 * @param at Leads to what is below the tenant.
 */
export function checkTls(server: Draft<ServerSpec>, behindGateway: boolean, at: At, report: Report): void {
  if (server.tls === undefined || !behindGateway) return;
  report({
    path: at("server", "tls"),
    problem: "is not spoken by an HTTPRoute, so that no call from outside would be answered",
    allowed: "TLS of the server with an ingress class, or without hosts",
    fix: "serve hosts with an ingress class, or remove `tls` or the hosts",
  });
}

/** Fills in the defaults, and the sizes from the tenant's models. */
export function resolveServer(spec: ServerSpec, models: ModelAccess, gpu: NodePoolGpu | undefined): Server {
  const gpus = spec.gpus ?? 0;
  const contextLength = spec.contextLength ?? Math.min(DEFAULT_CONTEXT_LENGTH, longestContext(models));
  const parallelRequests = spec.parallelRequests ?? DEFAULT_PARALLEL_REQUESTS;
  const kvCacheType = spec.kvCacheType ?? DEFAULT_KV_CACHE_TYPE;
  const kvCacheBytes = KV_CACHE_BYTES.get(kvCacheType) ?? KV_CACHE_F16_BYTES;
  const serving = { gpus, contextLength, parallelRequests, kvCacheBytes };
  const loadedModels = spec.loadedModels ?? usualLoadedModels(spec, serving, models, gpu);
  const computed = sizeOf({ ...serving, loadedModels }, models, gpu);
  return {
    gpus,
    cpuMillis: spec.cpu === undefined ? computed.cpuMillis : readNodeCpu(spec.cpu),
    memoryBytes: spec.memory === undefined ? computed.memoryBytes : readNodeBytes(spec.memory),
    ephemeralStorageBytes:
      spec.ephemeralStorage === undefined ? DEFAULT_EPHEMERAL_STORAGE : readNodeBytes(spec.ephemeralStorage),
    contextLength,
    parallelRequests,
    keepAlive: spec.keepAlive ?? DEFAULT_KEEP_ALIVE,
    loadedModels,
    kvCacheType,
    kvCacheBytes,
    preload: spec.preload ?? false,
    limits: { ...spec.limits },
    ...(spec.tls && { certificateSecret: spec.tls.secretName }),
  };
}

/** Requests that wait for a slot, per slot; more are refused at once, so that clients try another replica. */
const QUEUE_PER_SLOT = 16;

/** Requests that wait at a server for one of its slots. */
export function queueLength({ parallelRequests }: Pick<Server, "parallelRequests">): number {
  return QUEUE_PER_SLOT * parallelRequests;
}

/** Requests that a server holds at a time: those that it answers and those that wait. */
export function mostRequests(server: Pick<Server, "parallelRequests">): number {
  return server.parallelRequests + queueLength(server);
}

type Serving = Pick<Server, "gpus" | "contextLength" | "parallelRequests" | "kvCacheBytes" | "loadedModels">;

/** One model that answers, and all that embed: questions and their search come in turn. Fewer where they do not fit. */
function usualLoadedModels(
  { memory }: ServerSpec,
  serving: Omit<Serving, "loadedModels">,
  models: ModelAccess,
  gpu: NodePoolGpu | undefined,
): number {
  const { allowedModels } = models;
  const embedding = allowedModels.filter((model) => model.embedding).length;
  const wanted = Math.max(1, embedding + (allowedModels.length > embedding ? 1 : 0));
  const fits = (loadedModels: number) => {
    if (serving.gpus > 0 && gpu !== undefined) {
      return fitsGpus({ models: allowedModels, gpu, ...serving, loadedModels }, serving.gpus);
    }
    return (
      memory === undefined || sizeOf({ ...serving, loadedModels }, models, gpu).memoryBytes <= readNodeBytes(memory)
    );
  };
  let loadedModels = wanted;
  while (loadedModels > 1 && !fits(loadedModels)) loadedModels -= 1;
  return loadedModels;
}

function sizeOf({ gpus, ...serving }: Serving, { allowedModels }: ModelAccess, gpu: NodePoolGpu | undefined) {
  return serverResources({ models: allowedModels, ...serving, gpu: gpus > 0 ? gpu : undefined });
}

/** The longest that a model was trained for: Ollama itself cuts it for the others. */
function longestContext({ allowedModels }: ModelAccess): number {
  return Math.max(...allowedModels.map(({ contextLength }) => contextLength));
}

/**
 * Checks that a server suits its models: a context that one of them was trained for, and memory for the largest.
 *
 * @param at Leads to what is below the tenant.
 */
export function checkServerSuitsModels(
  spec: ServerSpec,
  server: Server,
  { models, gpu }: { models: ModelAccess; gpu: NodePoolGpu | undefined },
  at: At,
  report: Report,
): void {
  const longest = longestContext(models);
  if (server.contextLength > longest) {
    report({
      path: at("server", "contextLength"),
      value: server.contextLength,
      problem: "is more than any of the tenant's models was trained for",
      allowed: `at most ${longest}`,
      fix: `write ${longest} or less, or remove it for the default`,
    });
    return;
  }
  const count = models.allowedModels.length;
  if (spec.loadedModels !== undefined && spec.loadedModels > count) {
    report({
      path: at("server", "loadedModels"),
      value: spec.loadedModels,
      problem: "is more models than the tenant may use",
      allowed: `at most ${count}`,
      fix: `write ${count} or less, or allow more models`,
    });
    return;
  }
  if (spec.memory === undefined) return;
  const needed = sizeOf(server, models, gpu).memoryBytes;
  if (server.memoryBytes >= needed) return;
  report({
    path: at("server", "memory"),
    value: spec.memory,
    problem:
      server.loadedModels > 1
        ? `is less than the tenant's models need, ${server.loadedModels} of them loaded`
        : count > 1
          ? "is less than the tenant's models need, whose files stay in the page cache"
          : "is less than the tenant's largest model needs",
    allowed: `at least \`${formatBytes(needed)}\``,
    fix: `write \`${formatBytes(needed)}\`, shorten the context, lower \`parallelRequests\`, or do not allow the model`,
  });
}

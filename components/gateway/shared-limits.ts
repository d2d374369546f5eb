/** Limits that hold over all replicas of a tenant's server: which service counts, and what happens while it is away. */
import type { Message } from "./envoy";
import { socketAddress } from "./envoy";
import { LOOPBACK } from "./placement";

/** A rate limit service (`envoyproxy/ratelimit`) that counts for all replicas; the guard asks it by HTTP. */
export interface SharedLimits {
  /** DNS name or IPv4 address of the service. */
  host: string;
  /** Its HTTP port. */
  port: number;
  /**
   * What happens when the service has been away for longer than the grace: `refuse` requests of clients with limits that it
   * counts, or `countPerReplica` for as long as it is away.
   */
  whenUnavailable: "refuse" | "countPerReplica";
  /** Seconds for which each replica counts for itself before requests are refused. 0: none. */
  graceSeconds: number;
}

/** Cluster (in Envoy's sense) of the service; the guard's Lua uses the same name. */
export const SHARED_LIMITS_CLUSTER = "shared-limits";

/** Domain of the counts; the guard's Lua uses the same name. */
const DOMAIN = "ollama-gateway";
/** File of the service's configuration, in the folder `config` of its runtime folder. */
export const SERVICE_FILE = "limits.yaml";
/** The service's configuration. Every question carries its own limit, so none stands here; of other domains it counts nothing. */
export const SERVICE_CONFIGURATION = `domain: ${DOMAIN}\ndescriptors:\n  - key: tenant\n`;
/** Time for the store to answer before the service says that it cannot; the guard waits a little longer. */
const STORE_TIMEOUT = "400ms";

/** Where the service finds its store and its configuration, and where it listens. */
export interface ServicePlace {
  /** Address to listen on. */
  address: string;
  /** Port for the guard's questions by HTTP. */
  port: number;
  /** Port for metrics of the service, in the format of Prometheus. */
  metricsPort: number;
  /** Ports of gRPC and of the debugging page, which only the service's own pod can reach. */
  inner: { grpcPort: number; debugPort: number };
  /** Unix socket of the store. */
  storeSocket: string;
  /** Folder whose folder `config` has the configuration. */
  runtimeDirectory: string;
}

/** Environment of `envoyproxy/ratelimit`. */
export function serviceEnvironment(place: ServicePlace): Record<string, string> {
  return {
    HOST: place.address,
    PORT: `${place.port}`,
    GRPC_HOST: LOOPBACK,
    GRPC_PORT: `${place.inner.grpcPort}`,
    DEBUG_HOST: LOOPBACK,
    DEBUG_PORT: `${place.inner.debugPort}`,
    LOG_LEVEL: "error",
    LOG_FORMAT: "json",
    USE_STATSD: "false",
    USE_PROMETHEUS: "true",
    PROMETHEUS_ADDR: `${place.address}:${place.metricsPort}`,
    REDIS_SOCKET_TYPE: "unix",
    REDIS_URL: place.storeSocket,
    REDIS_TIMEOUT: STORE_TIMEOUT,
    RUNTIME_ROOT: place.runtimeDirectory,
    RUNTIME_SUBDIRECTORY: "",
    RUNTIME_WATCH_ROOT: "false",
    // The kubelet keeps the versions of a mounted ConfigMap in folders that begin with a dot.
    RUNTIME_IGNOREDOTFILES: "true",
  };
}

/**
 * Arguments of the store (Valkey or Redis): no port, and what it has counted is in its file before it says so, as a killed
 * store must forget nothing. The kernel brings the file to the disk: to wait for that (`always`) would cost each request
 * milliseconds, and `everysec` lets a store answer that has not written.
 *
 * @param socket Unix socket to listen on.
 * @param directory Folder for its data.
 */
export function storeArguments(socket: string, directory: string): string[] {
  const settings = {
    port: "0",
    unixsocket: socket,
    unixsocketperm: "770",
    dir: directory,
    appendonly: "yes",
    appendfsync: "no",
    save: "",
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

const DNS_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const MAX_PORT = 65535;
/** A connection inside the cluster is there at once or not at all. */
const CONNECT_TIMEOUT = "0.3s";
/** Requests that may wait for the service: more than clients can have in flight. */
const MOST_WAITING = 1024;

/** Checks where the service is and what is done without it. */
export function checkSharedLimits(
  { host, port, graceSeconds }: SharedLimits,
  fault: (path: string, value: unknown, allowed: string) => void,
): void {
  if (!DNS_NAME.test(host)) fault("sharedLimits.host", host, "write a DNS name, for example limits.example.svc");
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT)
    fault("sharedLimits.port", port, `write a port from 1 to ${MAX_PORT}`);
  if (!Number.isSafeInteger(graceSeconds) || graceSeconds < 0)
    fault("sharedLimits.graceSeconds", graceSeconds, "write a whole number of at least 0");
}

/** Where Envoy finds the service: its name is looked up again and again, so it may move. */
export function sharedLimitsCluster({ host, port }: SharedLimits): Message {
  return {
    name: SHARED_LIMITS_CLUSTER,
    type: "STRICT_DNS",
    dns_lookup_family: "ALL",
    connect_timeout: CONNECT_TIMEOUT,
    circuit_breakers: {
      thresholds: [{ max_connections: MOST_WAITING, max_pending_requests: MOST_WAITING, max_requests: MOST_WAITING }],
    },
    load_assignment: {
      cluster_name: SHARED_LIMITS_CLUSTER,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(host, port) } }] }],
    },
  };
}

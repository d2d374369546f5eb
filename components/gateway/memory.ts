/**
 * How the memory of the gateway's container is shared out, so that it lasts whatever clients hold open. The parts are
 * measured (docs/gateway.md): what Envoy takes by itself, what a connection and a stream take at most, and what is left for
 * the bodies of requests that are being received or wait for the server.
 */
import { KIB, MIB } from "../models/quantity";

/** Memory limit of the container unless another one is given. */
export const DEFAULT_MEMORY_BYTES = 256 * MIB;

/** Share of the limit that is planned for; the rest is room for what was not foreseen. */
const PLANNED = 0.8;
/** What Envoy takes when it is idle, with its code and the guard's. */
const IDLE_BYTES = 75 * MIB;
/** What a body takes while it is judged, as a multiple of its length: the body, its text, and the body that is built. */
const COPIES = 4;
/** What a connection takes at most: headers and a small body. */
const CONNECTION_BYTES = 32 * KIB;

/** Most connections of clients at a time. */
export const MOST_CONNECTIONS = 1500;
/** Share of the memory that answers on their way may take. */
const STREAMS_SHARE = 0.1;
const [SMALLEST_BUFFER, LARGEST_BUFFER] = [16 * KIB, 64 * KIB];

/** Sizes of a gateway's buffers in bytes. */
export interface Buffers {
  /** What is kept of an answer for a client that does not read it, in each of two places, before the server has to wait. */
  connection: number;
  /** The bodies of all requests together. */
  bodies: number;
  /** The longest body that can be judged beside them. */
  longestBody: number;
}

/** How many requests a gateway takes in at a time. */
interface OpenRequests {
  maxActiveRequests: number;
  maxWaitingRequests: number;
}

/**
 * Shares the memory of the container out.
 *
 * @param memoryBytes Memory limit of the container. Default: 256 MiB.
 * @param limits The tenant's limits.
 */
export function buffersOf(memoryBytes: number = DEFAULT_MEMORY_BYTES, limits: OpenRequests): Buffers {
  const free = memoryBytes * PLANNED - IDLE_BYTES - MOST_CONNECTIONS * CONNECTION_BYTES;
  const ends = (limits.maxActiveRequests + limits.maxWaitingRequests) * 2;
  const connection = Math.floor(Math.min(LARGEST_BUFFER, Math.max(SMALLEST_BUFFER, (free * STREAMS_SHARE) / ends)));
  // One half for the bodies that are held, one for the one that is being judged.
  const bodies = Math.max(0, Math.floor((free - ends * connection) / 2));
  return { connection, bodies, longestBody: Math.floor(bodies / COPIES) };
}

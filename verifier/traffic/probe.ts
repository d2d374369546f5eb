/** What probe pods are told to do, and what they answer. */
import { readFileSync } from "node:fs";
import * as path from "node:path";

/** Port that listeners serve, TCP and UDP: the one that tenants' servers have, so that what opens it for all pods is found. */
export const LISTENER_PORT = 8080;

/** A connection to try. */
export interface Attempt {
  /** `tcp`: whether someone takes it. `udp`, `http`: who answers. */
  kind: "tcp" | "udp" | "http";
  /** Address or name. */
  host: string;
  port: number;
  /** Family of the address that a name is asked for. Default: the first that the name server says. */
  family?: 4 | 6;
  /** Whether it is expected to be answered. */
  open: boolean;
  /** HTTP only: default `GET`. */
  method?: string;
  /** HTTP only: default `/`. */
  path?: string;
  /** HTTP only: whether the other end speaks TLS. Its certificate is not checked. Default: false. */
  tls?: boolean;
  /** HTTP only: a key, or the file in the pod that holds it. Default: none is sent. */
  key?: string;
  /** HTTP only: the body, sent as JSON. */
  body?: object;
}

/** What a connection met. */
export interface Outcome {
  /**
   * `refused`: by the other end or by a packet filter that says so. `dropped`: nothing came back. `unreachable`: the
   * network says that there is no way. `unresolved`: the name has no address.
   */
  met: "answered" | "refused" | "dropped" | "unreachable" | "unresolved" | "error";
  /** The answer, or the system's error. */
  detail?: string;
  /** Status of an HTTP answer. */
  status?: number;
  /** Whether a name was turned into an address. */
  resolved?: boolean;
}

/** What a probe pod does. */
export type Task =
  { listen: { name: string; port: number } } | { ask: { attempts: readonly Attempt[]; settleSeconds: number } };

/** The program of probe pods. */
export function probeProgram(): string {
  return readFileSync(path.join(__dirname, "probe.mjs"), "utf8");
}

/**
 * Reads what an asking pod has printed.
 *
 * @param count Number of its attempts.
 * @throws Error when it has not come to its end.
 */
export function readOutcomes(log: string, count: number): Outcome[] {
  const lines = log.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Outcome & { done?: number }];
    } catch {
      return [];
    }
  });
  const end = lines.at(-1);
  if (end?.done !== count || lines.length !== count + 1) {
    const said = log.trim().split("\n").slice(-3).join(" ").slice(0, 300);
    throw new Error(`the probe has not said what it met${said === "" ? "" : `, but: ${said}`}`);
  }
  return lines.slice(0, count);
}

import { randomUUID } from "node:crypto";
import { readIfPresent, writePrivateFile } from "./files";
import type { ClusterLayout } from "./layout";

/** What a cluster remembers between commands. */
export interface ClusterState {
  formatVersion: 1;
  /** Random; a directory that was removed and recreated gets another one, so leftovers of the old cluster are told apart. */
  id: string;
  /** Address that the API server listens on. */
  listenAddress: string;
  /** Address under which nodes reach the API server. */
  advertiseAddress: string;
  /** Port by name. A port stays as long as it is free when its component starts. */
  ports: Record<string, number>;
  /** Components that the last start was to run. */
  components: string[];
}

/** State of the cluster, or undefined when there is none. Throws when the file is not readable as state. */
export function readState(layout: ClusterLayout): ClusterState | undefined {
  const text = readIfPresent(layout.stateFile);
  if (text === undefined) return undefined;
  const fix = "remove the cluster with `reset` and start it again";
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (error) {
    throw new Error(`${layout.stateFile}: not valid JSON (${(error as Error).message}); ${fix}`);
  }
  if (!isState(state))
    throw new Error(`${layout.stateFile}: not the state of a local cluster in format version 1; ${fix}`);
  return state;
}

function isState(value: unknown): value is ClusterState {
  const state = value as Partial<ClusterState> | null;
  return (
    typeof state === "object" &&
    state !== null &&
    state.formatVersion === 1 &&
    typeof state.id === "string" &&
    typeof state.listenAddress === "string" &&
    typeof state.advertiseAddress === "string" &&
    typeof state.ports === "object" &&
    Object.values(state.ports).every((port) => Number.isInteger(port)) &&
    Array.isArray(state.components)
  );
}

/** State of a cluster that has never run. */
export function newState(listenAddress: string, advertiseAddress: string): ClusterState {
  return { formatVersion: 1, id: randomUUID(), listenAddress, advertiseAddress, ports: {}, components: [] };
}

/** Writes the state in one step. */
export function writeState(layout: ClusterLayout, state: ClusterState): void {
  writePrivateFile(layout.stateFile, `${JSON.stringify(state, undefined, 2)}\n`);
}

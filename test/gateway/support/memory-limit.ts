/** A limit of memory as a container has it: a cgroup of this machine. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { cgroupVersion } from "../../../tools/local-cluster/node/control-groups";

const ROOT = "/sys/fs/cgroup";

/** A cgroup with a limit. */
export interface MemoryLimit {
  /** File that takes the ids of the processes that are held. */
  processes: string;
  /** How often a process was ended because there was no memory left. */
  kills(): number;
  /** Removes the cgroup; its processes must have ended. */
  remove(): void;
}

/** Why this machine gives no such limit to a process; undefined when it does. */
export function noMemoryLimit(): string | undefined {
  if (process.getuid?.() !== 0) return "only root may limit the memory of a process";
  try {
    makeMemoryLimit(64 * 2 ** 20).remove();
    return undefined;
  } catch (error) {
    return `this machine's cgroups take no limit: ${String(error)}`;
  }
}

/** Makes a cgroup that may use so many bytes, and no swap. */
export function makeMemoryLimit(bytes: number): MemoryLimit {
  const version = cgroupVersion();
  const folder = path.join(ROOT, ...(version === 1 ? ["memory"] : []), `gateway-test-${process.pid}-${Date.now()}`);
  if (version === 2) writeFileSync(path.join(ROOT, "cgroup.subtree_control"), "+memory");
  mkdirSync(folder);
  const file = (name: string) => path.join(folder, name);
  writeFileSync(file(version === 1 ? "memory.limit_in_bytes" : "memory.max"), String(bytes));
  writeFileSync(file(version === 1 ? "memory.swappiness" : "memory.swap.max"), "0");
  const events = file(version === 1 ? "memory.oom_control" : "memory.events");
  return {
    processes: file("cgroup.procs"),
    kills: () => Number(/^oom_kill (\d+)/m.exec(readFileSync(events, "latin1"))?.[1] ?? 0),
    remove: () => rmdirSync(folder),
  };
}

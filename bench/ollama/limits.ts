/** Control groups that hold a process as those of a container do, and show it its limits where it looks for them. */
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cgroupVersion } from "../../tools/local-cluster/node/control-groups";

const ROOT = "/sys/fs/cgroup";
/** Microseconds in which a group may use its share of processor time, as the kubelet sets it. */
const PERIOD = 100_000;

/** What a process may use; without a limit all that the machine has. */
export interface Limits {
  cpus?: number;
  memoryBytes?: number;
}

/** Groups that were made. */
export interface LimitedGroups {
  /** Commands of a shell, in a mount namespace of its own, that put it into the groups and show it the limits. */
  commands: string[];
  remove(): Promise<void>;
}

interface Group {
  controller: "cpu" | "memory";
  folder: string;
}

const cpuMax = (cpus: number): string => `${cpus * PERIOD} ${PERIOD}`;

/**
 * Makes the groups; the caller has to be root.
 *
 * @param view A new folder for the files with the limits, with the names of version 2, which is what Ollama reads.
 */
export function limitedGroups(view: string, limits: Limits): LimitedGroups {
  const groups = groupsFor(limits);
  mkdirSync(view);
  if (limits.cpus !== undefined) writeFileSync(path.join(view, "cpu.max"), `${cpuMax(limits.cpus)}\n`);
  const memory = groups.find(({ controller }) => controller === "memory");
  if (limits.memoryBytes !== undefined) {
    writeFileSync(path.join(view, "memory.max"), `${limits.memoryBytes}\n`);
    writeFileSync(path.join(view, "memory.current"), "");
  }
  const used = cgroupVersion() === 1 ? "memory.usage_in_bytes" : "memory.current";
  return {
    commands: [
      ...groups.map(({ folder }) => `echo $$ > ${folder}/cgroup.procs`),
      ...(memory === undefined ? [] : [`mount --bind ${memory.folder}/${used} ${view}/memory.current`]),
      `mount --rbind ${view} ${ROOT}`,
    ],
    remove: async () => {
      // A runner that is just ending keeps its group for a moment.
      for (let attempt = 0; attempt < 50 && !groups.every(({ folder }) => isRemoved(folder)); attempt += 1)
        await sleep(200);
    },
  };
}

function groupsFor({ cpus, memoryBytes }: Limits): Group[] {
  const isOld = cgroupVersion() === 1;
  // A process is in one group of version 2, and in one for each controller of version 1.
  if (!isOld && cpus !== undefined && memoryBytes !== undefined)
    throw new Error("one limit at a time with version 2 of control groups");
  if (!isOld) writeFileSync(path.join(ROOT, "cgroup.subtree_control"), "+cpu +memory");
  const make = (controller: Group["controller"], files: Record<string, string>): Group => {
    const folder = path.join(ROOT, ...(isOld ? [controller] : []), `ollama-bench-${process.pid}-${controller}`);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return { controller, folder };
  };
  const groups: Group[] = [];
  if (cpus !== undefined)
    groups.push(
      make(
        "cpu",
        isOld
          ? { "cpu.cfs_period_us": String(PERIOD), "cpu.cfs_quota_us": String(cpus * PERIOD) }
          : { "cpu.max": cpuMax(cpus) },
      ),
    );
  if (memoryBytes !== undefined)
    groups.push(make("memory", { [isOld ? "memory.limit_in_bytes" : "memory.max"]: String(memoryBytes) }));
  return groups;
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

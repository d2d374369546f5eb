import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { podCgroup } from "./places";

const root = "/sys/fs/cgroup";

/** Version of the cgroup interface that the container runtime uses on this machine: 2 when the unified hierarchy is the only one. */
export function cgroupVersion(): 1 | 2 {
  return existsSync(path.join(root, "cgroup.controllers")) ? 2 : 1;
}

/** Folders that are the root of a hierarchy: one with version 2, one for each controller with version 1. */
function hierarchies(): string[] {
  if (cgroupVersion() === 2) return [root];
  const entries = readdirSync(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(root, entry.name));
}

/** Makes the cgroup of the pods in every hierarchy, with the controllers that the kubelet wants. */
export function ensurePodCgroup(): void {
  for (const hierarchy of hierarchies()) {
    if (cgroupVersion() === 2) enableControllers(hierarchy);
    const folder = path.join(hierarchy, podCgroup);
    mkdirSync(folder, { recursive: true });
    // A new cgroup of version 1 has no CPUs and takes no process until it is given some.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      const [from, to] = [path.join(hierarchy, file), path.join(folder, file)];
      if (existsSync(to) && readFileSync(to, "utf8").trim() === "") writeFileSync(to, readFileSync(from, "utf8"));
    }
  }
}

function enableControllers(hierarchy: string): void {
  const available = readFileSync(path.join(hierarchy, "cgroup.controllers"), "utf8").trim().split(/\s+/);
  const wanted = ["cpu", "cpuset", "memory", "pids", "io", "hugetlb"].filter((name) => available.includes(name));
  writeFileSync(path.join(hierarchy, "cgroup.subtree_control"), wanted.map((name) => `+${name}`).join(" "));
}

/** Processes of all pods. */
export function podProcesses(): number[] {
  const found = hierarchies().flatMap((hierarchy) =>
    foldersBelow(path.join(hierarchy, podCgroup)).flatMap(processesIn),
  );
  return [...new Set(found)];
}

function processesIn(folder: string): number[] {
  try {
    return readFileSync(path.join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Ends every process of every pod, hard, and returns when the kernel has let go of them. Throws when one stays. */
export async function endPodProcesses(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const left = podProcesses();
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself meanwhile.
      }
    }
    await sleep(100);
  }
  throw new Error(`processes of pods are still running after SIGKILL: ${podProcesses().join(", ")}`);
}

/** Removes the pods' cgroups, which must be without processes. */
export async function removePodCgroups(): Promise<void> {
  const folders = hierarchies().flatMap((hierarchy) => foldersBelow(path.join(hierarchy, podCgroup)));
  // Deepest first: a cgroup with children cannot be removed.
  for (const folder of folders.sort((a, b) => b.length - a.length)) await removeCgroup(folder);
}

async function removeCgroup(folder: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return;
      // The kernel counts a process for a moment after it is gone.
      if (code !== "EBUSY" || attempt > 50) throw error;
      await sleep(100);
    }
  }
}

/** The folder and all below it; none when it does not exist. */
function foldersBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...children.flatMap(({ name }) => foldersBelow(path.join(folder, name)))];
}

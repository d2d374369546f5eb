/** What the processes that this one has started take, by Linux' own account in /proc. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** What they took while something ran. */
export interface Usage {
  /** Processor time of all of them in seconds. */
  processorSeconds: number;
  /** Peak memory of the policy pack's process in MiB; 0 without a pack. */
  packMiB: number;
}

/** The kernel counts processor time in hundredths of a second for programs, whatever its own clock is. */
const TICKS_PER_SECOND = 100;

/** Watches the processes for as long as `running`; the last quarter of a second of each is missed. Throws where there is no /proc. */
export async function usageWhile(running: Promise<unknown>): Promise<Usage> {
  const seconds = new Map<string, number>();
  let packMiB = 0;
  await lookWhile(running, () => {
    for (const { pid, ticks } of descendants()) {
      seconds.set(pid, ticks / TICKS_PER_SECOND);
      if (read(pid, "cmdline").includes("run-policy-pack")) packMiB = Math.max(packMiB, peakMiB(pid));
    }
  });
  return { processorSeconds: [...seconds.values()].reduce((sum, value) => sum + value, 0), packMiB };
}

/**
 * Most memory in MiB that this process and all that it has started held at one time while something ran; what several share counts once. Throws
 * where there is no /proc.
 *
 * @param others Ids of processes that do not count, such as those of a cluster.
 */
export async function mostMemoryWhile(running: Promise<unknown>, others: ReadonlySet<string>): Promise<number> {
  let most = 0;
  await lookWhile(running, () => {
    const counted = descendants().filter(({ pid }) => !others.has(pid));
    most = Math.max(
      most,
      counted.reduce((sum, { pid }) => sum + sizeMiB(pid), sizeMiB("self")),
    );
  });
  return most;
}

/** Looks every quarter of a second until something has come to its end, well or not. */
async function lookWhile(running: Promise<unknown>, look: () => void): Promise<void> {
  let ended = false;
  void running.catch(() => undefined).finally(() => (ended = true));
  while (!ended) {
    look();
    await sleep(250);
  }
}

/** Processes that this one has started, and those that they have started, with their processor time in ticks. */
function descendants(): { pid: string; ticks: number }[] {
  const all = readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    // The name, in parentheses, may hold anything: fields count from behind it. See proc_pid_stat(5).
    const [, fields] = /.*\) (.*)/s.exec(read(pid, "stat")) ?? [];
    if (fields === undefined) return [];
    const [, parent = "", ...rest] = fields.split(" ");
    return [{ pid, parent, ticks: Number(rest[9]) + Number(rest[10]) }];
  });
  const found = new Set([String(process.pid)]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid) && pid !== String(process.pid));
}

function peakMiB(pid: string): number {
  const [, kib = "0"] = /^VmHWM:\s*(\d+) kB$/m.exec(read(pid, "status")) ?? [];
  return Number(kib) / 1024;
}

/** Memory of a process; of pages that several share its part. */
function sizeMiB(pid: string): number {
  const [, kib = "0"] = /^Pss:\s*(\d+) kB$/m.exec(read(pid, "smaps_rollup")) ?? [];
  return Number(kib) / 1024;
}

/** A file of the process in /proc; empty when the process has ended meanwhile. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

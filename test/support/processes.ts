import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { clusterProcesses } from "../../tools/local-cluster/processes";

/** Memory that a process holds, in MiB. */
export function memoryMiB(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1024;
}

/** The most memory that a process has ever held, in MiB. */
export function mostMemoryMiB(pid: number | undefined): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1024;
}

/** Processor time that a process has taken, of its own and the kernel's, in seconds. */
export function processorSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Kills a process, if it still runs, and waits for its end. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}

/**
 * Kills processes of a local cluster at once, with what they have started. What such a program has started may have ended by itself meanwhile.
 *
 * @param directory Folder of the cluster.
 * @param components Names of components. Default: all.
 */
export function killComponents(directory: string, components?: readonly string[]): void {
  for (const { pid, component } of clusterProcesses(directory)) {
    if (components !== undefined && !components.includes(component)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, renameSync, existsSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureDirectory } from "./files";

/**
 * A component is recognised by marks in its environment, read back from /proc, never by a recorded process id: an id may have been
 * given to another program since, and a start that died half-way may not have recorded it. Whatever a component starts inherits the marks.
 */
export const processMarks = {
  directory: "OLLAMA_PLATFORM_CLUSTER_DIRECTORY",
  clusterId: "OLLAMA_PLATFORM_CLUSTER_ID",
  component: "OLLAMA_PLATFORM_CLUSTER_COMPONENT",
  configuration: "OLLAMA_PLATFORM_CLUSTER_CONFIGURATION",
} as const;

/** A running process of a local cluster. */
export interface ClusterProcess {
  pid: number;
  parentPid: number;
  /** Clock ticks between boot and the start of the process: with the id it names a process for good. */
  startTime: string;
  /** Directory of the cluster that the process belongs to. */
  directory: string;
  clusterId: string;
  component: string;
  /** Digest of command line and configuration files at the start. */
  configuration: string;
}

/** A program to start in the background. */
export interface ProcessStart {
  executable: string;
  args: readonly string[];
  /** The whole environment beside the marks: a component inherits nothing from the shell that starts the cluster. */
  environment: Readonly<Record<string, string>>;
  logFile: string;
  identity: Pick<ClusterProcess, "directory" | "clusterId" | "component" | "configuration">;
}

/** What names a process for good, and what to call it in a message. */
export type ProcessIdentity = Pick<ClusterProcess, "pid" | "startTime" | "component">;

/** Ids of all processes of this machine. */
export function processIds(): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** All live processes that belong to the cluster in `directory`, whoever started them. */
export function clusterProcesses(directory: string): ClusterProcess[] {
  return processIds()
    .flatMap((pid) => readProcess(pid) ?? [])
    .filter((found) => found.directory === directory);
}

/** The process of a component among `processes`: the one that was not started by another process of the same component. */
export function mainProcess(processes: readonly ClusterProcess[], component: string): ClusterProcess | undefined {
  const members = processes.filter((candidate) => candidate.component === component);
  return members.find(({ parentPid }) => !members.some(({ pid }) => pid === parentPid));
}

/** Whether the very process is still running: not a zombie, and not a later process with the same id. */
export function isAlive(known: ProcessIdentity): boolean {
  const found = readStat(known.pid);
  return found !== undefined && found.state !== "Z" && found.startTime === known.startTime;
}

/** Undefined for a process that is gone, is a zombie, belongs to another user or carries no marks. */
function readProcess(pid: number): ClusterProcess | undefined {
  const environment = readProcFile(pid, "environ")?.split("\0") ?? [];
  const mark = (name: string) => environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  const directory = mark(processMarks.directory);
  const clusterId = mark(processMarks.clusterId);
  const component = mark(processMarks.component);
  const configuration = mark(processMarks.configuration);
  if (!directory || !clusterId || !component || !configuration) return undefined;
  const stat = readStat(pid);
  if (stat === undefined || stat.state === "Z") return undefined;
  return { pid, parentPid: stat.parentPid, startTime: stat.startTime, directory, clusterId, component, configuration };
}

/** State, parent and start of a process; undefined when it is gone. */
export function readStat(pid: number): { state: string; parentPid: number; startTime: string } | undefined {
  const stat = readProcFile(pid, "stat");
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses and may hold blanks; the fields after it are fixed (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parentPid, startTime] = [fields[0], fields[1], fields[19]];
  return state && parentPid && startTime ? { state, parentPid: Number(parentPid), startTime } : undefined;
}

/** A file of a process below /proc; undefined when the process is gone or belongs to another user. */
export function readProcFile(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Starts a program in a session of its own, with its output in the log file, so that it outlives this command and its terminal.
 * The log of the run before is kept beside it as `<log>.previous`. Throws when the program cannot be executed.
 */
export async function startInBackground(start: ProcessStart): Promise<ClusterProcess> {
  ensureDirectory(path.dirname(start.logFile));
  if (existsSync(start.logFile)) renameSync(start.logFile, `${start.logFile}.previous`);
  const log = openSync(start.logFile, "a", 0o600);
  try {
    const child = spawn(start.executable, start.args, {
      cwd: start.identity.directory,
      detached: true,
      stdio: ["ignore", log, log],
      env: {
        ...start.environment,
        [processMarks.directory]: start.identity.directory,
        [processMarks.clusterId]: start.identity.clusterId,
        [processMarks.component]: start.identity.component,
        [processMarks.configuration]: start.identity.configuration,
      },
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    const pid = child.pid ?? 0;
    // The kernel shows a new program's environment a moment after it says that the program was started.
    while (child.exitCode === null && child.signalCode === null) {
      const started = readProcess(pid);
      if (started !== undefined) return started;
      await sleep(5);
    }
    // It ended at once: the caller sees it as not alive.
    return { pid, parentPid: process.pid, startTime: "", ...start.identity };
  } finally {
    closeSync(log);
  }
}

/**
 * Ends processes: a polite signal first, the hard one for those that have not gone after `graceSeconds`.
 * Identity is looked up again right before every signal. Throws when a process survives both.
 */
export async function endProcesses(processes: readonly ProcessIdentity[], graceSeconds = 8): Promise<void> {
  const remaining = await signalUntilGone(processes, "SIGTERM", graceSeconds);
  const survivors = await signalUntilGone(remaining, "SIGKILL", 10);
  if (survivors.length > 0) {
    const list = survivors.map(({ component, pid }) => `${component} (process ${pid})`).join(", ");
    throw new Error(`could not end ${list}: still running after SIGKILL; look at its state in /proc/<process>/status`);
  }
}

async function signalUntilGone(
  processes: readonly ProcessIdentity[],
  signal: NodeJS.Signals,
  seconds: number,
): Promise<ProcessIdentity[]> {
  for (const target of processes) if (isAlive(target)) sendSignal(target.pid, signal);
  const deadline = Date.now() + seconds * 1000;
  let alive = processes.filter(isAlive);
  while (alive.length > 0 && Date.now() < deadline) {
    await sleep(50);
    alive = alive.filter(isAlive);
  }
  return alive;
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between look-up and signal: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import * as path from "node:path";
import { stateFolder } from "../engine";
import { endProcesses, processIds, readProcFile, readStat, type ProcessIdentity } from "../local-cluster/processes";

/** What the engine's file backend writes into a lock. */
interface LockContent {
  pid: number;
  hostname: string;
  username: string;
}

/** A lock in the engine's folder, or one that its engine died before it had its name: it locks all the same. */
const lockName = /^locks\/.*\.json(\.[0-9a-f]+\.tmp)?$/;

/**
 * Removes the locks of engines that died on this machine, the files that they had begun, and ends the plug-ins that they left behind. A lock of
 * an engine that runs, or of another machine, stays.
 *
 * @param environment Environment of the engine, which says where its state and its plug-ins are.
 * @returns One line for each thing that was done.
 */
export async function recoverFromDeadEngines(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const state = stateFolder(environment);
  const engine = path.join(state ?? "", ".pulumi");
  const files = state === undefined ? [] : filesBelow(engine);
  const released = files.filter((file) => lockName.test(path.relative(engine, file)) && isOfDeadEngine(file));
  for (const file of [...released, ...files.filter(isLeft)]) rmSync(file, { force: true });
  const orphans = orphanedPlugins(environment.PULUMI_HOME ?? "");
  await endProcesses(orphans, 3);
  return [
    ...released.map((file) => `released the lock of a dead engine on stack ${path.basename(path.dirname(file))}`),
    ...orphans.map(({ component, pid }) => `ended ${component} (process ${pid}), which a dead engine left behind`),
  ];
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** An engine that runs gives a file its name within moments. */
const begunMilliseconds = 60_000;

/**
 * Whether an engine has left the file in its folder, and no engine needs it: attributes of files, which were kept once and of which an empty one
 * makes its file unreadable, and files that were begun and never got their names.
 */
const isLeft = (file: string): boolean => file.endsWith(".attrs") || (file.endsWith(".tmp") && isOld(file));

const isOld = (file: string): boolean =>
  (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < Date.now() - begunMilliseconds;

function isOfDeadEngine(file: string): boolean {
  let lock: LockContent;
  try {
    lock = JSON.parse(readFileSync(file, "utf8")) as LockContent;
  } catch {
    // Its engine died while it wrote the lock, or has just removed it.
    return true;
  }
  return lock.hostname === hostname() && !isEngine(lock.pid);
}

/** Whether the process is an engine that runs: an id may have been given to another program since. */
function isEngine(pid: number): boolean {
  const state = readStat(pid)?.state;
  return state !== undefined && state !== "Z" && readProcFile(pid, "comm")?.trim() === "pulumi";
}

/** Command lines of what an engine starts: providers, language hosts, programs and policy packs. */
const pluginCommand = /pulumi-(resource|language|analyzer)-[a-z]+|@pulumi\/pulumi\/cmd\/run[a-z-]*/;

/** Plug-ins of engines with this home none of whose ancestors is an engine any more. */
function orphanedPlugins(home: string): ProcessIdentity[] {
  return processIds().flatMap((pid) => {
    const name = pluginCommand.exec(readProcFile(pid, "cmdline") ?? "")?.[0];
    if (name === undefined || !hasHome(pid, home) || descendsFromEngine(pid)) return [];
    const stat = readStat(pid);
    return stat === undefined ? [] : [{ pid, startTime: stat.startTime, component: name }];
  });
}

function hasHome(pid: number, home: string): boolean {
  return (readProcFile(pid, "environ") ?? "").split("\0").includes(`PULUMI_HOME=${home}`);
}

function descendsFromEngine(pid: number): boolean {
  for (let parent = readStat(pid)?.parentPid ?? 0; parent > 1; parent = readStat(parent)?.parentPid ?? 0) {
    if (isEngine(parent)) return true;
  }
  return false;
}

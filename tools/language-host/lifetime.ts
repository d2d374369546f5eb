import * as fs from "node:fs";

const PARENT_CHECK_MS = 500;

/**
 * Ties this process, and every process in its group, to the engine that started it: when the engine asks it to end (a signal)
 * or is gone (killed, crashed), nothing stays behind.
 *
 * The engine starts each plug-in as the leader of a process group of its own, so a plug-in's children, a program that hangs
 * and what that program started, are reached by one signal to the group.
 */
export function endWithEngine(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, endGroup);
  // The engine holds the other end of this pipe. It is closed even if the engine died before this line was reached, which
  // the parent's id would not tell.
  if (fs.fstatSync(process.stdin.fd).isFIFO()) {
    process.stdin.on("end", endGroup).on("error", endGroup).resume();
  }
  const engine = process.ppid;
  // An orphan is adopted by another process; no message tells it so.
  setInterval(() => {
    if (process.ppid !== engine) endGroup();
  }, PARENT_CHECK_MS).unref();
}

function endGroup(): void {
  // A negative id addresses the group. Only the leader may do this: in a group that a shell made, it would end the shell's job.
  if (isGroupLeader()) process.kill(-process.pid, "SIGKILL");
  process.exit(0);
}

function isGroupLeader(): boolean {
  try {
    const stat = fs.readFileSync("/proc/self/stat", "utf8");
    // The second field is the program's name in brackets and may hold blanks; the group id is the third field after it.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]) === process.pid;
  } catch {
    return false;
  }
}

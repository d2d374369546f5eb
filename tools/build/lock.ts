import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

const HEARTBEAT_MS = 5_000;
const POLL_MS = 500;
/** A holder that has not shown life for this long is gone: its machine stopped, or its process was frozen or killed. */
const STALE_MS = 60_000;

interface Holder {
  readonly pid: number;
  readonly host: string;
}

/**
 * Runs `work` while nobody else holds the lock of that name.
 *
 * The lock saves two processes from doing the same long build; it does not guard correctness, because results are published
 * by renaming. That is why a lock left behind is simply taken over: its holder is dead (same host), or silent for a minute.
 *
 * @param onWait called once, with the holder's process id, when someone else holds the lock.
 */
export async function withLock<T>(file: string, onWait: (pid: number) => void, work: () => Promise<T>): Promise<T> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  await acquire(file, onWait);
  const heartbeat = setInterval(
    () => void fs.utimes(file, new Date(), new Date()).catch(() => undefined),
    HEARTBEAT_MS,
  );
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    const holder = await readHolder(file);
    if (holder?.pid === process.pid && holder.host === os.hostname()) await fs.rm(file, { force: true });
  }
}

async function acquire(file: string, onWait: (pid: number) => void): Promise<void> {
  const mine: Holder = { pid: process.pid, host: os.hostname() };
  let told = false;
  for (;;) {
    try {
      await fs.writeFile(file, JSON.stringify(mine), { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = await readHolder(file);
    if (await isStale(file, holder)) {
      await fs.rm(file, { force: true });
      continue;
    }
    if (!told && holder) {
      told = true;
      onWait(holder.pid);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await fs.readFile(file, "utf8")) as Holder;
  } catch {
    // Gone since, or its writer has not finished: the next look will tell.
    return undefined;
  }
}

async function isStale(file: string, holder: Holder | undefined): Promise<boolean> {
  if (holder && holder.host === os.hostname() && !isAlive(holder.pid)) return true;
  const stat = await fs.stat(file).catch(() => undefined);
  return stat !== undefined && Date.now() - stat.mtimeMs > STALE_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, but another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * One writer at a time, on any file system: a lock file whose holder touches it. Network file systems differ in their
 * locks and in their clocks, so a lock counts as left behind when this process has not seen it change for a while.
 */
import { randomUUID } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { clearInterval, setInterval } from "node:timers";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until the store is this process's own.
 *
 * @param {string} root Folder of the store.
 * @param {object} options
 * @param {string} options.owner Name of the pod: a lock of the same owner is a dead process's.
 * @param {number} options.staleSeconds How long a lock is unchanged before it counts as left behind.
 * @param {(text: string) => void} options.log
 * @param {() => void} options.lost Called when another writer took the lock; it has to end the process.
 * @returns {Promise<() => Promise<void>>} Gives the store free.
 */
export async function lockStore(root, { owner, staleSeconds, log, lost }) {
  const file = path.join(root, "lock");
  const mine = JSON.stringify({ owner, id: randomUUID() });
  const read = () => fs.readFile(file, "utf8").catch(() => undefined);
  const beatSeconds = staleSeconds / 6;
  await acquire(file, mine, { owner, staleSeconds, beatSeconds, log, read });
  const timer = setInterval(async () => {
    if ((await read()) !== mine) return lost();
    const now = new Date();
    await fs.utimes(file, now, now).catch(() => undefined);
  }, beatSeconds * 1000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    if ((await read()) === mine) await fs.rm(file, { force: true });
  };
}

/** @type {(file: string, mine: string, options: { owner: string, staleSeconds: number, beatSeconds: number, log: (text: string) => void, read: () => Promise<string | undefined> }) => Promise<void>} */
async function acquire(file, mine, { owner, staleSeconds, beatSeconds, log, read }) {
  let seen = "";
  let since = process.hrtime.bigint();
  for (;;) {
    try {
      return await fs.writeFile(file, mine, { flag: "wx" });
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code !== "EEXIST") throw error;
    }
    const now = `${(await fs.stat(file).catch(() => undefined))?.mtimeMs} ${await read()}`;
    if (now !== seen) {
      if (seen === "") log(`another writer holds ${file}: waiting for it`);
      seen = now;
      since = process.hrtime.bigint();
    }
    const stale = process.hrtime.bigint() - since > BigInt(Math.round(staleSeconds * 1e9));
    if (stale || ownerOf(await read()) === owner) {
      const unfinished = `${file}-${process.pid}~`;
      await fs.writeFile(unfinished, mine);
      await fs.rename(unfinished, file);
      // Two that take it at once: the last one keeps it, and the other one sees that.
      await sleep(Math.min(beatSeconds, 1) * 1000);
      if ((await read()) === mine) return;
    }
    await sleep(Math.min(beatSeconds, 1) * 1000);
  }
}

/** @param {string | undefined} text */
function ownerOf(text) {
  try {
    return JSON.parse(text ?? "").owner;
  } catch {
    // A lock whose writer was killed before it wrote: it goes stale.
    return undefined;
  }
}

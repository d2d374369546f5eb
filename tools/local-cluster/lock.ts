import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` while no other command works on the cluster in `directory`; waits for the other to end.
 * The lock is a socket in Linux's abstract namespace: the kernel gives it back when its owner dies, however it dies, so no stale lock exists.
 * Throws when the lock is not free after `waitSeconds`.
 */
export async function withClusterLock<T>(directory: string, work: () => Promise<T>, waitSeconds = 300): Promise<T> {
  const server = await acquire(directory, waitSeconds);
  try {
    return await work();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

async function acquire(directory: string, waitSeconds: number): Promise<Server> {
  const address = lockAddress("cluster", directory);
  const deadline = Date.now() + waitSeconds * 1000;
  for (;;) {
    const server = await tryLock(address);
    if (server !== undefined) return server;
    if (Date.now() > deadline) {
      throw new Error(
        `${directory}: another command has been working on this local cluster for ${waitSeconds} s; wait for it or end it`,
      );
    }
    await sleep(100);
  }
}

/** Address of the lock for one kind of work on a folder. */
export const lockAddress = (work: string, directory: string): string =>
  `\0ollama-platform-${work}-${createHash("sha256").update(directory).digest("hex").slice(0, 32)}`;

/**
 * Takes a lock; undefined when another process has it.
 *
 * @param greeting Told to whoever connects to the address. Default: nothing.
 */
export function tryLock(address: string, greeting = ""): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => {
      connection.on("error", () => connection.destroy()).end(greeting);
    });
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });
}

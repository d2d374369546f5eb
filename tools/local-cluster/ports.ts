import { createServer } from "node:net";

/**
 * Ports are taken from below the range of node ports (30000 and up), which a packet filter may leave open to every pod, and so also
 * below the range that Linux hands out to outgoing connections (32768 and up), which would collide at random.
 */
const firstPort = 21000;
const lastPort = 29999;

/** Whether a program can listen on the port, on whatever address. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    // Without a host the wildcard address is tried, and that is refused as soon as one address has the port.
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A free port that is not in `taken`. The search begins at a place that depends on `seed`, so that two clusters rarely compete.
 * Throws when the whole range is in use.
 */
export async function findFreePort(seed: string, taken: ReadonlySet<number>): Promise<number> {
  const size = lastPort - firstPort + 1;
  const start = [...seed].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % size, 7);
  for (let step = 0; step < size; step++) {
    const port = firstPort + ((start + step) % size);
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new Error(`no free port between ${firstPort} and ${lastPort}: end programs that listen there`);
}

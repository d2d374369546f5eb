/**
 * Fills a model store from OCI registries. It runs on a stock Node.js image and needs nothing but the store's volume,
 * its request and, where a registry wants them, credentials and a certificate authority.
 *
 *     node loader.mjs --request FILE --store FOLDER [--credentials FILE] [--ca FILE]
 *
 * Exit code 0: every model is there and verified. 1: some are not; each is told on stderr with what to do. It may be
 * killed at any point and started again.
 */
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { readCredentials } from "./credentials.mjs";
import { asFailure, Failure } from "./failure.mjs";
import { createGet } from "./http.mjs";
import { lockStore } from "./lock.mjs";
import { createRegistry } from "./registry.mjs";
import { readRequest } from "./request.mjs";
import { claimStore, converge } from "./store.mjs";

/** Where a pod must not be waited for by a test, the times are its own. */
const OPTIONS = /** @type {const} */ ({
  request: { type: "string" },
  store: { type: "string" },
  credentials: { type: "string" },
  ca: { type: "string" },
  owner: { type: "string", default: hostname() },
  "idle-seconds": { type: "string", default: "60" },
  "pause-seconds": { type: "string", default: "5" },
  "stale-lock-seconds": { type: "string", default: "60" },
});
/** Attempts without progress before a blob is given up. */
const ATTEMPTS = 5;

const log = (/** @type {string} */ text) => void process.stdout.write(`${text}\n`);

async function main() {
  const { values } = parseArgs({ options: OPTIONS });
  const { request: requestFile, store: root } = values;
  if (requestFile === undefined || root === undefined)
    throw new Failure("--request or --store is missing", "give both");
  const request = readRequest(requestFile);
  const { plainHttpHosts } = request;
  const credentials = readCredentials(values.credentials);
  const get = createGet({
    caFile: values.ca,
    plainHttpHosts,
    environment: process.env,
    idleSeconds: Number(values["idle-seconds"]),
  });
  const registry = createRegistry({ get, credentials, plainHttpHosts });
  const unlock = await lockStore(root, {
    owner: values.owner,
    staleSeconds: Number(values["stale-lock-seconds"]),
    log,
    lost: () => {
      process.stderr.write("another writer took the store: this one ends\n");
      process.exit(1);
    },
  });
  try {
    await claimStore(root);
    const pauseSeconds = Number(values["pause-seconds"]);
    return await converge(request, { root, registry, attempts: ATTEMPTS, pauseSeconds, log });
  } finally {
    await unlock();
  }
}

// The first process of a container is not ended by a signal that it does not handle. Every state on disk is a good one.
for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT"])) process.once(signal, () => process.exit(143));
process.umask(0o022);

main().then(
  (faults) => {
    for (const fault of faults) process.stderr.write(`${fault}\n`);
    process.exit(faults.length === 0 ? 0 : 1);
  },
  (error) => {
    process.stderr.write(`${asFailure(error)?.message ?? error?.stack ?? error}\n`);
    process.exit(1);
  },
);

/**
 * Fills a model store from OCI registries. It runs on a stock Node.js image and needs nothing but the store's volume,
 * its request and, where a registry wants them, credentials and a certificate authority.
 *
 *     node loader.mjs --request FILE --store FOLDER [--credentials FILE] [--ca FILE]
 *
 * Exit code 0: every model is there and verified. 1: some are not, and another run would find the same. 75: some are not,
 * and another run may get them (EX_TEMPFAIL of sysexits.h). Each is told on stderr with what to do. It may be killed at
 * any point and started again.
 */
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { readCredentials } from "./credentials.mjs";
import { asFailure, Failure, Interruption } from "./failure.mjs";
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
/** Exit codes of a run that has left models out. */
const [FINAL, MAY_PASS] = [1, 75];
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
      process.exit(MAY_PASS);
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
    for (const { text } of faults) process.stderr.write(`${text}\n`);
    if (faults.length === 0) process.exit(0);
    process.exit(faults.some(({ mayPass }) => mayPass) ? MAY_PASS : FINAL);
  },
  (error) => {
    const failure = asFailure(error);
    process.stderr.write(`${failure?.message ?? error?.stack ?? error}\n`);
    process.exit(failure === undefined || failure instanceof Interruption ? MAY_PASS : FINAL);
  },
);

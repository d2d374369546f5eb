/**
 * Pulls blobs: streamed to a file of their own while size and digest are checked, resumed where an earlier attempt
 * ended, and given their name only when they are whole and on disk.
 *
 * @typedef {import("./manifest.mjs").Blob} Blob
 * @typedef {import("./reference.mjs").Source} Source
 * @typedef {import("./registry.mjs").Registry} Registry
 * @typedef {{ root: string, registry: Registry, attempts: number, pauseSeconds: number }} PullOptions
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure, Interruption } from "./failure.mjs";
import { unreachable } from "./http.mjs";
import { blobPath, moveInto } from "./layout.mjs";

/** @type {(root: string) => string} */
export const partialFolder = (root) => path.join(root, "partial");
/** @type {(root: string, digest: string) => string} */
export const partialPath = (root, digest) => path.join(partialFolder(root), digest.replace(":", "-"));
/** @type {(file: string) => Promise<number | undefined>} */
export const sizeOf = async (file) => (await fs.stat(file).catch(() => undefined))?.size;

/**
 * Pulls one blob unless the store has it.
 *
 * @param {Source} source
 * @param {Blob} blob
 * @param {PullOptions} options `attempts` without a byte of progress end it.
 * @throws {Failure} when the registry does not give it, or gives something else.
 */
export async function pullBlob(source, blob, options) {
  const { root, attempts, pauseSeconds } = options;
  if ((await sizeOf(blobPath(root, blob.digest))) === blob.size) return;
  const partial = async () => (await sizeOf(partialPath(root, blob.digest))) ?? 0;
  // The furthest so far: a registry that cannot continue begins again each time, and that is no progress.
  let furthest = await partial();
  for (let left = attempts; ;) {
    try {
      return await attempt(source, blob, options);
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      const reached = await partial();
      left = reached > furthest ? attempts : left - 1;
      furthest = Math.max(furthest, reached);
      if (left === 0) throw error;
      await sleep(pauseSeconds * 1000);
    }
  }
}

/** @type {(source: Source, blob: Blob, options: PullOptions) => Promise<void>} */
async function attempt(source, blob, { root, registry }) {
  const file = partialPath(root, blob.digest);
  const resumed = await pullRest(source, blob, file, registry);
  if (resumed.digest !== blob.digest && resumed.from > 0) {
    // A part that was cut by a loss of power may hold anything: once more from the beginning.
    await fs.rm(file, { force: true });
    const whole = await pullRest(source, blob, file, registry);
    if (whole.digest !== blob.digest) throw await corrupt(source, blob, file, whole.digest);
  } else if (resumed.digest !== blob.digest) {
    throw await corrupt(source, blob, file, resumed.digest);
  }
  await moveInto(file, blobPath(root, blob.digest));
}

/**
 * Appends what is missing of a blob to its file.
 *
 * @type {(source: Source, blob: Blob, file: string, registry: Registry) => Promise<{ digest: string, from: number }>}
 */
async function pullRest(source, blob, file, registry) {
  const { digest, size } = blob;
  const present = (await sizeOf(file)) ?? 0;
  let from = present <= size ? present : 0;
  const hash = createHash("sha256");
  const output = await fs.open(file, from > 0 ? "a" : "w", 0o644);
  try {
    if (from < size || size === 0) {
      const answer = await registry.blob(source, blob, from);
      if (from > 0 && !continues(answer, from)) {
        await output.truncate(0);
        from = 0;
      }
      if (answer.status === 416) {
        answer.body.destroy();
        throw new Interruption(`${answer.url.host} refused to continue ${digest} (status 416)`, "try again");
      }
      if (from > 0) await hashFile(file, hash);
      await append(answer, output, hash, size - from, { digest, host: answer.url.host });
    } else {
      await hashFile(file, hash);
    }
    await output.sync();
  } finally {
    await output.close();
  }
  return { digest: `sha256:${hash.digest("hex")}`, from };
}

/** Whether the answer begins where the file ends. @type {(answer: import("./http.mjs").Answer, from: number) => boolean} */
function continues({ status, headers }, from) {
  return status === 206 && (headers["content-range"] ?? "").startsWith(`bytes ${from}-`);
}

/** @type {(answer: import("./http.mjs").Answer, output: fs.FileHandle, hash: import("node:crypto").Hash, expected: number, what: { digest: string, host: string }) => Promise<void>} */
async function append({ body, url }, output, hash, expected, { digest, host }) {
  let left = expected;
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error) => {
      throw unreachable(url, error);
    });
    if (next.done) break;
    left -= next.value.length;
    if (left < 0) {
      body.destroy();
      await output.truncate(0);
      throw new Failure(`${host} gave more bytes for ${digest} than its manifest says`, "push the model to it again");
    }
    hash.update(next.value);
    await output.write(next.value);
  }
  if (left > 0) throw new Interruption(`${host} ended ${digest} ${left} bytes early`, "look at the registry's log");
}

/** @type {(file: string, hash: import("node:crypto").Hash) => Promise<void>} */
export async function hashFile(file, hash) {
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk);
}

/** @type {(source: Source, blob: Blob, file: string, found: string) => Promise<Failure>} */
async function corrupt({ host, repository }, { digest }, file, found) {
  await fs.rm(file, { force: true });
  return new Failure(
    `${host} gave bytes with the digest ${found} for ${digest} of ${repository}`,
    "push the model to it again",
  );
}

/**
 * Brings a store to what is wanted of it. Taking away comes first, so that a right that was withdrawn is gone even when
 * no registry answers, and so that its space is free; what is added becomes visible when it is whole.
 *
 * @typedef {import("./request.mjs").Request} Request
 * @typedef {import("./request.mjs").WantedModel} WantedModel
 * @typedef {import("./manifest.mjs").Manifest} Manifest
 * @typedef {{ text: string, mayPass: boolean }} Fault What to tell, and whether another run may get the model.
 * @typedef {import("./blobs.mjs").PullOptions & { log: (text: string) => void }} StoreOptions
 */
import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { hashFile, partialFolder, partialPath, pullBlob, sizeOf } from "./blobs.mjs";
import { asFailure, Failure, Interruption, MORE_SPACE } from "./failure.mjs";
import { blobPath, ensureLayout, linkFile, manifestPath, prune, readModels, writeManifest } from "./layout.mjs";
import { fetchManifest } from "./manifest.mjs";

const MARKER = "ollama-platform-store";
const VIEWS = "views";
/** Bytes that are left free for manifests and folders. */
const RESERVE = 2 ** 20;

/**
 * Makes an empty folder a store of the loader.
 *
 * @param {string} root
 * @throws {Failure} when it holds models that the loader did not put there: it would take them away.
 */
export async function claimStore(root) {
  const entries = await fs.readdir(root).catch((error) => {
    throw new Failure(`the store ${root} cannot be read (${error.code})`, "mount the model volume there");
  });
  if (!entries.includes(MARKER)) {
    const foreign = entries.filter((entry) => ["blobs", "manifests", VIEWS].includes(entry));
    if (foreign.length > 0) {
      throw new Failure(`the store ${root} holds ${foreign.join(" and ")} of someone else`, "give an empty volume");
    }
    await fs.writeFile(path.join(root, MARKER), "1\n");
  }
  await ensureLayout(root);
  await fs.mkdir(partialFolder(root), { recursive: true });
}

/**
 * @param {Request} request
 * @param {StoreOptions} options
 * @returns {Promise<Fault[]>} What went wrong, one fault per model; the other models are there.
 */
export async function converge(request, options) {
  const { root, log } = options;
  const wanted = new Set(request.models.map(({ name }) => name.canonical));
  const told = (/** @type {string[]} */ removed, where = "") =>
    removed.forEach((what) => log(`removed ${what}${where}`));
  await shrinkViews(request, root, told);
  told(await prune(root, wanted));
  if (request.recheck) await removeDamaged(root, log);
  /** @type {Fault[]} */
  const faults = [];
  for (const model of request.models) {
    try {
      await pullModel(model, request, options);
    } catch (error) {
      const failure = asFailure(error);
      if (failure === undefined) throw error;
      faults.push({ text: `${model.name.canonical}: ${failure.message}`, mayPass: failure instanceof Interruption });
    }
  }
  await growViews(request, root, log);
  told(await prune(root, wanted));
  await shrinkViews(request, root, told);
  if (faults.length === 0) await emptyFolder(partialFolder(root));
  return faults;
}

/** @type {(model: WantedModel, request: Request, options: StoreOptions) => Promise<void>} */
async function pullModel({ name, source, digest }, request, options) {
  const { root, log, registry } = options;
  const present = (await readModels(root)).get(name.canonical);
  // What is pinned and whole needs no registry.
  const pinned = digest !== undefined && present?.digest === digest;
  const manifest = pinned ? present : await fetchManifest(registry, source, digest);
  const missing = await missingBlobs(root, manifest);
  await checkSpace(manifest, missing, name.canonical, request, root);
  for (const blob of missing) await pullBlob(source, blob, options);
  if (present?.digest === manifest.digest) {
    log(`${name.canonical} is there: ${manifest.digest}`);
    return;
  }
  await writeManifest(root, name, manifest);
  log(`pulled ${name.canonical} from ${source.host}: ${manifest.digest}`);
}

/** @type {(root: string, manifest: Manifest) => Promise<import("./manifest.mjs").Blob[]>} */
async function missingBlobs(root, { blobs }) {
  const missing = [];
  for (const blob of blobs) if ((await sizeOf(blobPath(root, blob.digest))) !== blob.size) missing.push(blob);
  return missing;
}

/** Refuses a model before its first byte when there is no room for its last. @type {(manifest: Manifest, missing: import("./manifest.mjs").Blob[], model: string, request: Request, root: string) => Promise<void>} */
async function checkSpace({ blobs }, missing, model, { models, maxBytes }, root) {
  const others = await readModels(root);
  others.delete(model);
  const sizes = new Map(
    [...others.values()]
      .flatMap((other) => other.blobs)
      .concat(blobs)
      .map((blob) => [blob.digest, blob.size]),
  );
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  if (maxBytes !== undefined && total > maxBytes) {
    throw new Failure(`with it ${models.length} models take ${total} bytes of ${maxBytes}`, MORE_SPACE);
  }
  let need = RESERVE;
  for (const { digest, size } of missing) need += size - ((await sizeOf(partialPath(root, digest))) ?? 0);
  const { bavail, bsize } = await fs.statfs(root);
  if (missing.length > 0 && need > bavail * bsize) {
    throw new Failure(`it needs ${need} bytes more, and the store has ${bavail * bsize} left`, MORE_SPACE);
  }
}

/** @type {(root: string, log: (text: string) => void) => Promise<void>} */
async function removeDamaged(root, log) {
  for (const [canonical, { blobs }] of await readModels(root)) {
    for (const { digest } of blobs) {
      const file = blobPath(root, digest);
      if ((await sizeOf(file)) === undefined) continue;
      const hash = createHash("sha256");
      await hashFile(file, hash);
      if (`sha256:${hash.digest("hex")}` === digest) continue;
      await fs.rm(file);
      log(`removed damaged blob ${digest} of ${canonical}`);
    }
  }
}

/** @type {(request: Request, root: string, told: (removed: string[], where: string) => void) => Promise<void>} */
async function shrinkViews({ views }, root, told) {
  const folder = path.join(root, VIEWS);
  for (const view of await fs.readdir(folder).catch(() => [])) {
    const wanted = views.get(view);
    const place = path.join(folder, view);
    await ensureLayout(place);
    told(await prune(place, new Set(wanted)), ` from ${view}'s view`);
    if (wanted === undefined) await fs.rm(place, { recursive: true, force: true });
  }
}

/** Links each view's models into it: blobs first, the manifest last. @type {(request: Request, root: string, log: (text: string) => void) => Promise<void>} */
async function growViews({ models, views }, root, log) {
  const stored = await readModels(root);
  for (const [view, allowed] of views) {
    const folder = path.join(root, VIEWS, view);
    await ensureLayout(folder);
    const shown = await readModels(folder);
    for (const { name } of models) {
      const manifest = stored.get(name.canonical);
      if (manifest === undefined || !allowed.has(name.canonical)) continue;
      const whole = (await missingBlobs(root, manifest)).length === 0;
      if (!whole) continue;
      for (const { digest } of manifest.blobs) await linkFile(blobPath(root, digest), blobPath(folder, digest));
      await linkFile(manifestPath(root, name), manifestPath(folder, name));
      if (shown.get(name.canonical)?.digest !== manifest.digest) log(`${view} sees ${name.canonical}`);
    }
  }
}

/** @param {string} folder */
async function emptyFolder(folder) {
  for (const entry of await fs.readdir(folder)) await fs.rm(path.join(folder, entry), { recursive: true, force: true });
}

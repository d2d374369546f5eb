/**
 * The folder layout of an Ollama model store, `blobs/sha256-<hex>` and `manifests/<host>/<namespace>/<model>/<tag>`, and
 * changes to it that are whole at every moment: a blob has its name only when it is complete and on disk, a manifest
 * comes after its blobs and goes before them.
 *
 * @typedef {import("./manifest.mjs").Manifest} Manifest
 * @typedef {import("./reference.mjs").StoredName} StoredName
 */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { Failure } from "./failure.mjs";
import { parseManifest } from "./manifest.mjs";
import { parseName } from "./reference.mjs";

/** Readable for servers that run as other users; writable for nobody, the writer included. */
const FILE_MODE = 0o444;
const BLOB_FILE = /^sha256-[0-9a-f]{64}$/;
/** Ending of files that are being written; no tag and no blob ends like it, because neither has a tilde. */
const UNFINISHED = "~";

/** @type {(folder: string, digest: string) => string} */
export const blobPath = (folder, digest) => path.join(folder, "blobs", digest.replace(":", "-"));

/** @type {(folder: string, name: StoredName) => string} */
export const manifestPath = (folder, { host, namespace, model, tag }) =>
  path.join(folder, "manifests", host, namespace, model, tag);

/** Makes the folders that Ollama wants to find. @param {string} folder */
export async function ensureLayout(folder) {
  for (const part of ["blobs", "manifests"]) await fs.mkdir(path.join(folder, part), { recursive: true });
}

/**
 * @param {string} folder
 * @returns {Promise<Map<string, Manifest>>} The models of a store by name. What cannot be read as a model is not in it.
 */
export async function readModels(folder) {
  const models = new Map();
  for (const file of await manifestFiles(folder)) {
    const [host, namespace, model, tag] = file.split("/");
    const canonical = `${host}/${namespace}/${model}:${tag}`;
    try {
      parseName(canonical);
      models.set(canonical, parseManifest(await fs.readFile(path.join(folder, "manifests", file)), canonical));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
  return models;
}

/** @type {(folder: string) => Promise<string[]>} */
async function manifestFiles(folder) {
  const root = path.join(folder, "manifests");
  const entries = await fs.readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
}

/** @type {(folder: string, name: StoredName, manifest: Manifest) => Promise<void>} */
export async function writeManifest(folder, name, { bytes }) {
  const file = manifestPath(folder, name);
  await fs.mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}${UNFINISHED}`;
  await fs.rm(unfinished, { force: true });
  const handle = await fs.open(unfinished, "wx", FILE_MODE);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await moveInto(unfinished, file);
}

/** Gives a file that is complete its name, so that it survives a loss of power. @type {(from: string, to: string) => Promise<void>} */
export async function moveInto(from, to) {
  await fs.chmod(from, FILE_MODE);
  await fs.rename(from, to);
  const folder = await fs.open(path.dirname(to), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Gives one more name to a file, in place of what has that name now. @type {(from: string, to: string) => Promise<void>} */
export async function linkFile(from, to) {
  const [source, present] = await Promise.all([fs.stat(from), fs.stat(to).catch(() => undefined)]);
  // Renaming a link over another link to the same file does nothing, and would leave the first one behind.
  if (present?.ino === source.ino) return;
  await fs.mkdir(path.dirname(to), { recursive: true });
  const unfinished = `${to}${UNFINISHED}`;
  await fs.rm(unfinished, { force: true });
  await fs.link(from, unfinished);
  await fs.rename(unfinished, to);
}

/**
 * Takes away every file below `manifests` that is not one of the models to keep, then every blob that no manifest left
 * names.
 *
 * @param {string} folder
 * @param {Set<string>} keep Names of models.
 * @returns {Promise<string[]>} What was taken away, for the log.
 */
export async function prune(folder, keep) {
  const kept = new Set(
    [...keep].map((canonical) =>
      path.relative(path.join(folder, "manifests"), manifestPath(folder, parseName(canonical))),
    ),
  );
  const removed = [];
  for (const file of await manifestFiles(folder)) {
    if (kept.has(file)) continue;
    await fs.rm(path.join(folder, "manifests", file), { force: true });
    await removeEmptyParents(path.join(folder, "manifests"), path.dirname(file));
    if (!file.endsWith(UNFINISHED)) removed.push(`model ${file}`);
  }
  const used = new Set(
    [...(await readModels(folder)).values()].flatMap(({ blobs }) => blobs.map(({ digest }) => digest)),
  );
  for (const file of await fs.readdir(path.join(folder, "blobs"))) {
    const blob = file.replace(UNFINISHED, "");
    if (!BLOB_FILE.test(blob) || (blob === file && used.has(file.replace("-", ":")))) continue;
    await fs.rm(path.join(folder, "blobs", file), { force: true });
    if (blob === file) removed.push(`blob ${file}`);
  }
  return removed;
}

/** @type {(root: string, below: string) => Promise<void>} */
async function removeEmptyParents(root, below) {
  for (let folder = below; folder !== "."; folder = path.dirname(folder)) {
    try {
      await fs.rmdir(path.join(root, folder));
    } catch {
      return;
    }
  }
}

/**
 * Manifests of models.
 *
 * @typedef {{ digest: string, size: number }} Blob
 * @typedef {{ bytes: Buffer, digest: string, blobs: Blob[] }} Manifest
 * @typedef {import("./reference.mjs").Source} Source
 * @typedef {import("./registry.mjs").Registry} Registry
 */
import { createHash } from "node:crypto";
import { Failure } from "./failure.mjs";
import { isDigest } from "./reference.mjs";

const MODEL_LAYER = /^application\/vnd\.ollama\.image\./;

/**
 * @param {Buffer} bytes
 * @returns {string} `sha256:` and 64 hexadecimal digits.
 */
export const digestOf = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/**
 * Gets a model's manifest. A pinned one is asked for by its tag first, because not every registry answers by digest.
 *
 * @param {Registry} registry
 * @param {Source} source
 * @param {string | undefined} pin Digest that the manifest must have.
 * @returns {Promise<Manifest>}
 * @throws {Failure} when there is none, when it has another digest, or when it is not a model's.
 */
export async function fetchManifest(registry, source, pin) {
  const wanted = pin ?? source.digest;
  const tagged = source.tag === undefined ? undefined : await registry.manifest(source, source.tag);
  if (wanted === undefined) {
    if (tagged !== undefined) return parseManifest(tagged, source.text);
    throw new Failure(
      `${source.host} has no ${source.repository}:${source.tag} (status 404)`,
      "check the name, or push the model to the registry",
    );
  }
  if (tagged !== undefined && digestOf(tagged) === wanted) return parseManifest(tagged, source.text);
  const pinned = await registry.manifest(source, wanted);
  if (pinned !== undefined && digestOf(pinned) === wanted) return parseManifest(pinned, source.text);
  const now = tagged === undefined ? "" : `; ${source.repository}:${source.tag} is ${digestOf(tagged)} there`;
  const got = pinned === undefined ? "(status 404)" : `but gave ${digestOf(pinned)} for it`;
  throw new Failure(
    `${source.host} has no manifest ${wanted} of ${source.repository} ${got}${now}`,
    "pin the digest of a manifest that the registry has",
  );
}

/**
 * @param {Buffer} bytes
 * @param {string} origin Where it is from, for the message.
 * @returns {Manifest} The manifest with every blob once.
 * @throws {Failure} when it is not a model's manifest.
 */
export function parseManifest(bytes, origin) {
  const fail = (/** @type {string} */ what) => {
    throw new Failure(
      `the manifest of ${origin} ${what}`,
      "push an Ollama model under that name, or name another source",
    );
  };
  let parsed;
  try {
    parsed = JSON.parse(bytes.toString());
  } catch {
    fail("is not JSON");
  }
  const { config, layers, manifests } = parsed ?? {};
  if (Array.isArray(manifests)) fail("is an index of several manifests");
  if (!Array.isArray(layers) || layers.length === 0) fail("has no layers");
  if (!layers.some((/** @type {any} */ layer) => MODEL_LAYER.test(layer?.mediaType)))
    fail("has no layer of an Ollama model");
  /** @type {Map<string, Blob>} */
  const blobs = new Map();
  for (const blob of [config, ...layers]) {
    if (!isDigest(blob?.digest)) fail("names a blob without SHA-256 digest");
    if (!Number.isSafeInteger(blob.size) || blob.size < 0) fail(`gives no size of ${blob.digest}`);
    if ((blobs.get(blob.digest)?.size ?? blob.size) !== blob.size) fail(`gives two sizes of ${blob.digest}`);
    blobs.set(blob.digest, { digest: blob.digest, size: blob.size });
  }
  return { bytes, digest: digestOf(bytes), blobs: [...blobs.values()] };
}

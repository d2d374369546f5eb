/**
 * Names of models: where one lies in a store of Ollama, and where it is pulled from.
 *
 * @typedef {{ host: string, namespace: string, model: string, tag: string, canonical: string }} StoredName
 * @typedef {{ host: string, repository: string, tag?: string, digest?: string, text: string }} Source
 */
import { Failure } from "./failure.mjs";

const DEFAULT_HOST = "registry.ollama.ai";
const DEFAULT_NAMESPACE = "library";
const DEFAULT_TAG = "latest";

/** Each part is one path segment and begins with a letter, a digit or an underscore, so that none leads out of the store. */
const CANONICAL =
  /^(?<host>[a-z0-9_][a-z0-9_.:-]*)\/(?<namespace>[a-z0-9_][a-z0-9_-]*)\/(?<model>[a-z0-9_][a-z0-9_.-]*):(?<tag>[a-z0-9_][a-z0-9_.-]*)$/;
const REPOSITORY = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/;
const HOST = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[0-9]+)?$|^\[[0-9A-Fa-f:]+\](:[0-9]+)?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * @param {unknown} text
 * @returns {boolean} Whether the text is a SHA-256 digest as registries write it.
 */
export const isDigest = (text) => typeof text === "string" && DIGEST.test(text);

/**
 * @param {string} canonical Lower-case `host/namespace/model:tag`.
 * @returns {StoredName}
 * @throws {Failure} when the name is not in that form.
 */
export function parseName(canonical) {
  const parts = CANONICAL.exec(canonical)?.groups;
  if (parts === undefined) {
    throw new Failure(
      `model ${JSON.stringify(canonical)} is no resolved name`,
      "write host/namespace/model:tag in lower case",
    );
  }
  return /** @type {StoredName} */ ({ ...parts, canonical });
}

/**
 * Reads a registry reference: `[host[:port]/]path[:tag][@sha256:…]`. What stands before the first slash is the host
 * when it has a dot or a colon or is `localhost`, or when two more parts follow, as in names of Ollama.
 *
 * @param {string} text
 * @returns {Source}
 * @throws {Failure} when the text is no such reference.
 */
export function parseSource(text) {
  const fail = () => {
    throw new Failure(`source ${JSON.stringify(text)} is no registry reference`, "write [host/]namespace/model:tag");
  };
  const [located = "", digest, ...rest] = text.split("@");
  if (rest.length > 0 || (digest !== undefined && !isDigest(digest))) fail();
  const colon = located.lastIndexOf(":");
  const tagged = colon > located.lastIndexOf("/");
  const tag = tagged ? located.slice(colon + 1) : digest === undefined ? DEFAULT_TAG : undefined;
  const parts = (tagged ? located.slice(0, colon) : located).split("/");
  const [first = ""] = parts;
  const named = parts.length > 2 || (parts.length === 2 && (/[.:]/.test(first) || first === "localhost"));
  const host = named ? first : DEFAULT_HOST;
  const path = named ? parts.slice(1) : parts;
  const repository = path.length === 1 && !named ? `${DEFAULT_NAMESPACE}/${path[0]}` : path.join("/");
  if (!HOST.test(host) || !REPOSITORY.test(repository) || (tag !== undefined && !TAG.test(tag))) fail();
  return { host, repository, tag, digest, text };
}

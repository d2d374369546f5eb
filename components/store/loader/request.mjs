/**
 * What the loader is asked for: a JSON document of the platform.
 *
 * @typedef {import("./reference.mjs").StoredName} StoredName
 * @typedef {import("./reference.mjs").Source} Source
 * @typedef {{ name: StoredName, source: Source, digest?: string }} WantedModel
 * @typedef {object} Request
 * @property {WantedModel[]} models Every model of the store.
 * @property {Map<string, Set<string>>} views Names of the models that each tenant sees; empty for a store of one tenant.
 * @property {string[]} plainHttpHosts Registries that are asked by plain HTTP.
 * @property {number} [maxBytes] Most bytes of all blobs together. Default: what the file system has.
 * @property {boolean} recheck Whether blobs that are there are read and checked again.
 */
import { readFileSync } from "node:fs";
import { Failure } from "./failure.mjs";
import { isDigest, parseName, parseSource } from "./reference.mjs";

const VIEW = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * @param {string} file `{schemaVersion: 1, models: [{name, source, digest?}], views?: {tenant: [name]}, plainHttpHosts?,
 * maxBytes?, recheck?}`.
 * @returns {Request}
 * @throws {Failure} with every fault of the document.
 */
export function readRequest(file) {
  const fix = "let the platform write it";
  let document;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Failure(`the request ${file} cannot be read (${/** @type {Error} */ (error).message})`, fix);
  }
  const { schemaVersion, models = [], views = {}, plainHttpHosts = [], maxBytes, recheck = false } = document;
  if (schemaVersion !== 1) throw new Failure(`the request ${file} has schemaVersion ${schemaVersion}, not 1`, fix);
  /** @type {string[]} */
  const faults = [];
  const wanted = models.flatMap((/** @type {any} */ model) => readModel(model, faults));
  const names = new Set(wanted.map((/** @type {WantedModel} */ { name }) => name.canonical));
  if (names.size !== wanted.length) faults.push("a model is listed twice");
  for (const [view, allowed] of Object.entries(views)) {
    if (!VIEW.test(view)) faults.push(`the view ${JSON.stringify(view)} is no name of a tenant`);
    for (const name of allowed)
      if (!names.has(name)) faults.push(`the view ${view} names ${name}, which is no model of the store`);
  }
  if (faults.length > 0) throw new Failure(`the request ${file} is wrong: ${faults.join("; ")}`, fix);
  return {
    models: wanted,
    views: new Map(Object.entries(views).map(([view, allowed]) => [view, new Set(allowed)])),
    plainHttpHosts,
    maxBytes,
    recheck,
  };
}

/** @type {(model: any, faults: string[]) => WantedModel[]} */
function readModel({ name, source, digest }, faults) {
  try {
    if (digest !== undefined && !isDigest(digest))
      faults.push(`the digest ${JSON.stringify(digest)} of ${name} is none`);
    return [{ name: parseName(name), source: parseSource(source), digest }];
  } catch (error) {
    faults.push(/** @type {Error} */ (error).message);
    return [];
  }
}

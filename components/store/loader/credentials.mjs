/**
 * Credentials of registries, from a Secret of type `kubernetes.io/dockerconfigjson`.
 *
 * @typedef {{ username: string, password: string }} Login
 * @typedef {(host: string, repository: string) => Login | undefined} Credentials
 */
import { readFileSync } from "node:fs";
import { Failure } from "./failure.mjs";

/**
 * @param {string | undefined} file Path of the mounted key `.dockerconfigjson`; undefined when there are no credentials.
 * @returns {Credentials} The login for a repository: the entry with the longest path wins, as in a kubelet.
 * @throws {Failure} when the file cannot be read or understood; its content is never part of the message.
 */
export function readCredentials(file) {
  if (file === undefined) return () => undefined;
  const entries = parse(file).map(([address, entry]) => ({ ...place(address), login: login(entry, address) }));
  entries.sort((a, b) => b.path.length - a.path.length);
  return (host, repository) =>
    entries.find((entry) => entry.host === host && `${repository}/`.startsWith(entry.path))?.login;
}

/**
 * @param {string} file
 * @returns {[string, Record<string, unknown>][]}
 */
function parse(file) {
  const fix = "give a Secret of type kubernetes.io/dockerconfigjson, as kubectl create secret docker-registry makes it";
  let auths;
  try {
    auths = JSON.parse(readFileSync(file, "utf8")).auths;
  } catch {
    // What a JSON parser says quotes the text, which holds passwords.
    throw new Failure(`the registry credentials in ${file} are not readable as JSON`, fix);
  }
  if (auths === null || typeof auths !== "object") throw new Failure(`${file} has no key auths`, fix);
  return Object.entries(auths);
}

/**
 * Host and path of an entry's key, which may be written as a URL and end in the API's version.
 *
 * @param {string} address
 */
function place(address) {
  const [host = "", ...path] = address.replace(/^https?:\/\//, "").split("/");
  const inside = path
    .join("/")
    .replace(/^v[12]\/?$/, "")
    .replace(/\/+$/, "");
  return { host, path: inside === "" ? "" : `${inside}/` };
}

/**
 * @param {Record<string, unknown>} entry
 * @param {string} address
 * @returns {Login}
 */
function login({ username, password, auth, identitytoken }, address) {
  if (typeof username === "string" && typeof password === "string") return { username, password };
  const decoded = Buffer.from(typeof auth === "string" ? auth : "", "base64").toString();
  const colon = decoded.indexOf(":");
  if (colon > 0) return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  const has = identitytoken === undefined ? "no user name and password" : "an identity token only";
  throw new Failure(
    `the registry credentials for ${address} have ${has}`,
    "give a user name and a password or access token",
  );
}

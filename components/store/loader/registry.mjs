/**
 * A client of the OCI distribution API, for reading: manifests and blobs, with Basic and token authentication.
 *
 * @typedef {import("./http.mjs").Answer} Answer
 * @typedef {import("./http.mjs").Get} Get
 * @typedef {import("./reference.mjs").Source} Source
 * @typedef {{ get: Get, credentials: import("./credentials.mjs").Credentials, plainHttpHosts: string[] }} RegistryOptions
 * @typedef {{ manifest(source: Source, reference: string): Promise<Buffer | undefined>, blob(source: Source, blob: import("./manifest.mjs").Blob, offset: number): Promise<Answer> }} Registry
 */
import { Failure, Interruption } from "./failure.mjs";
import { readBody } from "./http.mjs";

const MANIFEST_TYPES = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
].join(", ");
const MOST_MANIFEST_BYTES = 4 * 2 ** 20;
const MOST_TOKEN_BYTES = 2 ** 20;

/**
 * @param {RegistryOptions} options
 * @returns {Registry}
 */
export function createRegistry({ get, credentials, plainHttpHosts }) {
  /** Authorization header by repository. @type {Map<string, string>} */
  const authorizations = new Map();

  /** @type {(source: Source, path: string, headers?: Record<string, string>) => Promise<Answer>} */
  const ask = async (source, path, headers) => {
    const { host, repository } = source;
    const url = new URL(`${plainHttpHosts.includes(host) ? "http" : "https"}://${host}/v2/${repository}/${path}`);
    const key = `${host}/${repository}`;
    const answer = await get(url, headers, authorizations.get(key));
    // What a redirect leads to is not the registry, and gets no say in where credentials go.
    if (answer.status !== 401 || answer.url.origin !== url.origin) return answer;
    answer.body.destroy();
    // The first request goes without, and a token that has expired is renewed once.
    const authorization = await authorize(source, answer.headers["www-authenticate"] ?? "");
    authorizations.set(key, authorization);
    return get(url, headers, authorization);
  };

  /** @type {(source: Source, challenge: string) => Promise<string>} */
  const authorize = async ({ host, repository }, challenge) => {
    const login = credentials(host, repository);
    const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
    const [scheme = ""] = challenge.split(" ");
    if (scheme.toLowerCase() === "bearer") return requestToken(host, repository, parseChallenge(challenge), basic);
    if (basic !== undefined && scheme.toLowerCase() === "basic") return basic;
    throw refused(host, repository, 401, login !== undefined);
  };

  /** @type {(host: string, repository: string, challenge: Map<string, string>, basic?: string) => Promise<string>} */
  const requestToken = async (host, repository, challenge, basic) => {
    const realm = challenge.get("realm") ?? "";
    if (!URL.canParse(realm))
      throw new Failure(`${host} names no token service`, "look at the registry's configuration");
    const url = new URL(realm);
    const service = challenge.get("service");
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", `repository:${repository}:pull`);
    const answer = await get(url, {}, basic);
    const body = await readBody(answer, MOST_TOKEN_BYTES);
    if (answer.status !== 200)
      throw refused(`the token service ${url.host} of ${host}`, repository, answer.status, basic !== undefined);
    const { token, access_token: accessToken } = readJson(body, url.host);
    if (typeof (token ?? accessToken) === "string") return `Bearer ${token ?? accessToken}`;
    throw new Failure(`the token service ${url.host} of ${host} gave no token`, "look at the registry's configuration");
  };

  return {
    /** @returns The manifest's very bytes, or undefined when the registry does not have it. */
    async manifest(source, reference) {
      const answer = await ask(source, `manifests/${reference}`, { accept: MANIFEST_TYPES });
      const body = await readBody(answer, MOST_MANIFEST_BYTES);
      if (answer.status === 404) return undefined;
      if (answer.status === 200) return body;
      throw statusFailure(source, answer, credentials);
    },
    // The end of the range is told too: some registries do not understand an open one.
    /** @returns An answer with status 200 for the whole blob, 206 for the rest of it from `offset`, or 416. */
    async blob(source, { digest, size }, offset) {
      const answer = await ask(source, `blobs/${digest}`, offset > 0 ? { range: `bytes=${offset}-${size - 1}` } : {});
      if ([200, 206, 416].includes(answer.status)) return answer;
      answer.body.destroy();
      if (answer.status === 404) {
        throw new Failure(
          `${source.host} does not have the blob ${digest} of ${source.repository} (status 404)`,
          "push the model to it again",
        );
      }
      throw statusFailure(source, answer, credentials);
    },
  };
}

/** @type {(source: Source, answer: Answer, credentials: RegistryOptions["credentials"]) => Failure} */
function statusFailure({ host, repository }, { status, url }, credentials) {
  if (status === 401 || status === 403)
    return refused(url.host, repository, status, credentials(host, repository) !== undefined);
  const problem = `${url.host} answered status ${status} for ${repository}`;
  if (status >= 500 || status === 429)
    return new Interruption(problem, "try again later, or look at the registry's log");
  return new Failure(problem, "look at the registry's log");
}

/** @type {(who: string, repository: string, status: number, had: boolean) => Failure} */
function refused(who, repository, status, had) {
  return had
    ? new Failure(
        `${who} refused the credentials for ${repository} (status ${status})`,
        "give credentials that may pull it",
      )
    : new Failure(
        `${who} wants credentials for ${repository} (status ${status})`,
        "add its host to the credentials Secret",
      );
}

/**
 * The parameters of a challenge (RFC 9110, section 11.6.1) by lower-case name.
 *
 * @param {string} challenge
 * @returns {Map<string, string>}
 */
export function parseChallenge(challenge) {
  const parameters = challenge.matchAll(/([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g);
  return new Map(
    [...parameters].map(([, name = "", quoted, plain]) => [
      name.toLowerCase(),
      quoted === undefined ? (plain ?? "") : quoted.replace(/\\(.)/g, "$1"),
    ]),
  );
}

/** @type {(body: Buffer, host: string) => Record<string, unknown>} */
function readJson(body, host) {
  try {
    return JSON.parse(body.toString()) ?? {};
  } catch {
    throw new Failure(`${host} did not answer with JSON`, "look at what answers there");
  }
}

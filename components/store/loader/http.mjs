/**
 * GET over HTTP as a registry client needs it: redirects without leaking credentials, a private certificate authority,
 * and a proxy from the environment.
 *
 * @typedef {{ status: number, headers: import("node:http").IncomingHttpHeaders, body: import("node:http").IncomingMessage, url: URL }} Answer
 * @typedef {(url: URL, headers?: Record<string, string>, authorization?: string) => Promise<Answer>} Get
 * @typedef {object} HttpOptions
 * @property {string} [caFile] PEM file with certificate authorities that are trusted besides the public ones.
 * @property {string[]} plainHttpHosts Hosts, with their port, that are asked by plain HTTP.
 * @property {NodeJS.ProcessEnv} environment HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case.
 * @property {number} idleSeconds How long a connection may be silent.
 */
import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { rootCertificates } from "node:tls";
import { Failure, Interruption } from "./failure.mjs";

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Oldest Node.js whose agents know proxies. */
const PROXY_NODE = { major: 22, minor: 21 };

/**
 * @param {HttpOptions} options
 * @returns {Get}
 */
export function createGet({ caFile, plainHttpHosts, environment, idleSeconds }) {
  checkProxySupport(environment);
  const ca = caFile === undefined ? undefined : [...rootCertificates, readCertificates(caFile)];
  const proxy = /** @type {http.AgentOptions} */ ({ proxyEnv: environment });
  const agents = { "http:": new http.Agent(proxy), "https:": new https.Agent({ ...proxy, ca }) };

  /** @type {(url: URL, headers: Record<string, string>) => Promise<Answer>} */
  const ask = (url, headers) =>
    new Promise((resolve, reject) => {
      const { request } = url.protocol === "http:" ? http : https;
      const agent = agents[/** @type {"http:" | "https:"} */ (url.protocol)];
      const sent = request(url, { headers, agent, timeout: idleSeconds * 1000 }, (body) => {
        resolve({ status: body.statusCode ?? 0, headers: body.headers, body, url });
      });
      sent.on("timeout", () => sent.destroy(new Error(`no answer for ${idleSeconds} s`)));
      sent.on("error", (error) => reject(unreachable(url, error)));
      sent.end();
    });

  /** @param {URL} url */
  const checkAllowed = (url) => {
    if (url.protocol === "https:" || (url.protocol === "http:" && plainHttpHosts.includes(url.host))) return;
    throw new Failure(
      `${url.host} would be asked by ${url.protocol.slice(0, -1)}`,
      "give it a certificate, or list it as a registry with plainHttp",
    );
  };

  return async (url, headers = {}, authorization) => {
    let target = url;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      checkAllowed(target);
      // Another origin is another party, and the address that a registry redirects to carries its own signature.
      const own = authorization !== undefined && target.origin === url.origin;
      const answer = await ask(target, own ? { ...headers, authorization } : headers);
      const { location } = answer.headers;
      if (!REDIRECTS.has(answer.status) || location === undefined) return answer;
      answer.body.destroy();
      target = redirected(location, target);
    }
    throw new Failure(
      `${url.host} redirected more than ${MOST_REDIRECTS} times`,
      "look at the registry's configuration",
    );
  };
}

/**
 * @param {string} location
 * @param {URL} base
 */
function redirected(location, base) {
  if (URL.canParse(location, base.href)) return new URL(location, base);
  throw new Failure(`${base.host} redirected to what is no address`, "look at the registry's configuration");
}

/**
 * @param {Answer} answer
 * @param {number} limit Most bytes.
 * @returns {Promise<Buffer>} The whole body.
 */
export async function readBody({ body, url }, limit) {
  const chunks = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limit) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw unreachable(url, error);
  }
  if (size > limit)
    throw new Failure(`${url.host} answered with more than ${limit} bytes`, "look at what answers there");
  return Buffer.concat(chunks);
}

/**
 * @param {URL} url Only its host is told: path and query may carry a signature.
 * @param {unknown} error
 */
export function unreachable(url, error) {
  const { message, code } = /** @type {{ message: string, code?: string }} */ (error);
  const problem = `no connection to ${url.host} (${code ?? message})`;
  if (/CERT|SIGNATURE|ALTNAME/.test(code ?? ""))
    return new Failure(problem, "give the registry's certificate authority");
  if (code === "EPROTO")
    return new Failure(problem, "list it with plainHttp if it has no TLS, or look at what answers there");
  return new Interruption(problem, "check the registry's address, the network policy's egress and the proxy");
}

/** @param {string} file */
function readCertificates(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = /** @type {{ code?: string }} */ (error);
    throw new Failure(`the certificate authority ${file} cannot be read (${code})`, "mount its ConfigMap");
  }
}

/** An older Node.js would go past the proxy without a word. @param {NodeJS.ProcessEnv} environment */
function checkProxySupport(environment) {
  const names = ["https_proxy", "http_proxy", "HTTPS_PROXY", "HTTP_PROXY"];
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const known = major > PROXY_NODE.major || (major === PROXY_NODE.major && minor >= PROXY_NODE.minor);
  if (known || !names.some((name) => environment[name])) return;
  throw new Failure(
    `Node.js ${process.versions.node} knows no proxy`,
    `use an image with Node.js ${PROXY_NODE.major}.${PROXY_NODE.minor} or later`,
  );
}

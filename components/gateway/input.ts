/** What a gateway is made from: the tenant's models, its clients with the hashes of their keys, and limits. */
import type { GatewayLimits, RequestLimits } from "./limits";
import { REQUEST_LIMITS, resolveLimits } from "./limits";
import { buffersOf, DEFAULT_MEMORY_BYTES } from "./memory";
import { checkSharedLimits, type SharedLimits } from "./shared-limits";

/** A model that the tenant may use. */
export interface GatewayModel {
  /** Canonical name in lower case, `host/namespace/model:tag`. */
  canonical: string;
  /** Name to ask the server for when its manifest is stored in other letters. Default: the canonical name. */
  stored?: string;
}

/** A public key in the form of a JSON Web Key (RFC 7517), of an RSA or elliptic curve key pair. */
export interface GatewayTokenKey {
  /** Type: `RSA` or `EC`. */
  kty: string;
  /** Other members of a public key: `kid`, `alg`, `use`; `n` and `e`; `crv`, `x` and `y`. */
  [member: string]: string;
}

/** Kubernetes ServiceAccount tokens that are accepted instead of keys. */
export interface GatewayTokens {
  /** Issuer of the cluster's tokens, as their claim `iss` has it. */
  issuer: string;
  /** Audience that a token must name; no other tenant's gateway may accept it. */
  audience: string;
  /** The issuer's public keys; several while they are rotated. */
  keys: GatewayTokenKey[];
}

/**
 * A program or person that calls the tenant's server, with a key of its own or with its ServiceAccount's tokens. Limits of one
 * request are the client's own unless the tenant has set lower ones. Default of each: the tenant's.
 */
export interface GatewayClient extends RequestLimits {
  /** Name for the audit log and the metrics, a DNS label of at most 63 characters. */
  name: string;
  /** SHA-256 hashes of the client's keys as 64 lower-case hexadecimal digits each; several while a key is rotated. */
  keySha256: string[];
  /** Subject of the tokens that are the client's, `system:serviceaccount:<namespace>:<name>`. Default: it has keys only. */
  subject?: string;
  /** Canonical names of the models that the client may use. Default: every model of the tenant. */
  models?: string[];
  /** Most requests per minute. Default: not limited. */
  requestsPerMinute?: number;
  /** Most requests that the client may have in flight. Default: not limited. */
  maxConcurrent?: number;
  /** Most tokens, of prompts and answers together, per day (UTC) and replica. Default: not limited. */
  tokensPerDay?: number;
  /** Time from which on the client's keys are refused, as an RFC 3339 time such as `2027-01-31T00:00:00Z`. Default: never. */
  expires?: string;
  /** Origins of web pages that may call as this client, such as `https://chat.example.com`. Default: none. */
  origins?: string[];
}

/** Everything a gateway's configuration depends on. */
export interface GatewayInput {
  /** Name of the tenant. */
  tenant: string;
  /** Models that the tenant may use; nothing else can be asked for. */
  models: GatewayModel[];
  /** Clients; without any, every request is refused. */
  clients: GatewayClient[];
  /** Tokens that are accepted. Default: none, every client has a key. */
  tokens?: GatewayTokens;
  /** Whether the gateway speaks TLS, and nothing else, with the certificate in its folder. Default: false, plain HTTP. */
  tls?: boolean;
  /** Limits. Default: each limit's own default. */
  limits?: GatewayLimits;
  /** Service that counts requests per minute and tokens per day for all replicas. Default: each replica counts for itself. */
  sharedLimits?: SharedLimits;
  /** Memory limit of the gateway's container in bytes, which the sizes of its buffers follow. Default: 256 MiB. */
  memoryBytes?: number;
}

/** A gateway's input is not acceptable; `faults` lists everything that is wrong with it. */
export class GatewayInputError extends Error {
  /**
   * @param faults One sentence per fault: the property, its value, what is allowed.
   */
  constructor(readonly faults: string[]) {
    super(`the gateway cannot be configured:\n${faults.map((fault) => `- ${fault}`).join("\n")}`);
    this.name = "GatewayInputError";
  }
}

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const CANONICAL = /^[a-z0-9_][a-z0-9_.:-]*\/[a-z0-9_][a-z0-9_-]*\/[a-z0-9_][a-z0-9_.-]*:[a-z0-9_][a-z0-9_.-]*$/;
const DURATION = /^-?([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const SUBJECT = /^system:serviceaccount:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?:[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
/** Members of a JSON Web Key that belong to the private half, or are a shared secret. */
export const PRIVATE_KEY_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/** A page's origin as browsers write it. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+(:[0-9]{1,5})?$/;

/**
 * Checks a gateway's input.
 *
 * @throws GatewayInputError that lists every fault.
 */
export function checkGatewayInput(input: GatewayInput): void {
  const faults: string[] = [];
  const fault = (path: string, value: unknown, allowed: string): void => {
    faults.push(`${path} is ${JSON.stringify(value) ?? "absent"}: ${allowed}`);
  };
  if (!DNS_LABEL.test(input.tenant)) fault("tenant", input.tenant, "write a DNS label, for example finance");

  const models = new Set<string>();
  input.models.forEach((model, index) => {
    const path = `models[${index}].canonical`;
    if (!CANONICAL.test(model.canonical)) fault(path, model.canonical, "write host/namespace/model:tag in lower case");
    if (models.has(model.canonical)) fault(path, model.canonical, "name each model once");
    if (model.stored !== undefined && model.stored.toLowerCase() !== model.canonical) {
      fault(
        `models[${index}].stored`,
        model.stored,
        "it may differ from the canonical name only in upper case letters",
      );
    }
    models.add(model.canonical);
  });

  const names = new Set<string>();
  const owners = new Map<string, string>();
  const subjects = new Set<string>();
  input.clients.forEach((client, index) => {
    const path = `clients[${index}]`;
    if (!DNS_LABEL.test(client.name)) fault(`${path}.name`, client.name, "write a DNS label, for example reports");
    if (names.has(client.name)) fault(`${path}.name`, client.name, "name each client once");
    names.add(client.name);
    client.keySha256.forEach((hash, position) => {
      // A hash is not a key, but a value of the wrong form may be one: it is not repeated in the message.
      const place = `${path}.keySha256[${position}]`;
      if (!SHA256_HEX.test(hash)) {
        faults.push(`${place} is not a SHA-256 hash: write 64 lower-case hexadecimal digits`);
      } else if (owners.has(hash)) {
        faults.push(`${place} is also a key of ${owners.get(hash)}: give each client keys of its own`);
      } else {
        owners.set(hash, client.name);
      }
    });
    if (client.subject !== undefined) {
      const place = `${path}.subject`;
      if (!SUBJECT.test(client.subject)) fault(place, client.subject, "write system:serviceaccount:<namespace>:<name>");
      if (input.tokens === undefined) fault(place, client.subject, "say under tokens which tokens are accepted");
      if (subjects.has(client.subject)) fault(place, client.subject, "give each client a ServiceAccount of its own");
      subjects.add(client.subject);
    }
    client.models?.forEach((model, position) => {
      if (!models.has(model)) fault(`${path}.models[${position}]`, model, `choose from ${[...models].join(", ")}`);
    });
    client.origins?.forEach((origin, position) => {
      if (!ORIGIN.test(origin)) {
        fault(
          `${path}.origins[${position}]`,
          origin,
          "write scheme, host and port of a page, as https://chat.example.com",
        );
      }
    });
    for (const limit of ["requestsPerMinute", "maxConcurrent", "tokensPerDay", ...REQUEST_LIMITS] as const) {
      checkCount(`${path}.${limit}`, client[limit]);
    }
    checkBody(`${path}.maxBodyBytes`, client.maxBodyBytes);
    if (client.expires !== undefined && !(RFC_3339.test(client.expires) && !Number.isNaN(Date.parse(client.expires)))) {
      fault(`${path}.expires`, client.expires, "write a time such as 2027-01-31T00:00:00Z");
    }
  });

  if (input.tokens !== undefined) checkTokens(input.tokens);
  if (input.sharedLimits !== undefined) checkSharedLimits(input.sharedLimits, fault);

  const { keepAlive, ...counts } = input.limits ?? {};
  for (const [limit, value] of Object.entries(counts)) checkCount(`limits.${limit}`, value);
  checkBody("limits.maxBodyBytes", counts.maxBodyBytes);
  if (keepAlive !== undefined && !DURATION.test(keepAlive)) {
    fault("limits.keepAlive", keepAlive, "write a duration such as 30m");
  }
  if (faults.length > 0) throw new GatewayInputError(faults);

  /** Bodies are held in memory while they are judged. */
  function checkBody(path: string, bytes: number | undefined): void {
    const { memoryBytes = DEFAULT_MEMORY_BYTES } = input;
    const most = buffersOf(memoryBytes, resolveLimits(input.limits)).longestBody;
    if ((bytes ?? 0) <= most) return;
    fault(path, bytes, `allow at most ${most}, for which a container of ${memoryBytes} bytes has room`);
  }

  function checkTokens({ issuer, audience, keys }: GatewayTokens): void {
    if (issuer === "") fault("tokens.issuer", issuer, "write the issuer of the cluster's tokens");
    if (audience === "") fault("tokens.audience", audience, "write an audience of the tenant's own");
    if (keys.length === 0) fault("tokens.keys", keys, "name at least one public key");
    keys.forEach((key, index) => {
      const path = `tokens.keys[${index}]`;
      if (!["RSA", "EC"].includes(key.kty))
        fault(`${path}.kty`, key.kty, "write RSA or EC: only pairs have a public half");
      for (const member of PRIVATE_KEY_MEMBERS.filter((name) => name in key)) {
        faults.push(`${path}.${member} is secret: write the public key only`);
      }
    });
  }

  function checkCount(path: string, value: unknown): void {
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) > 0)) {
      fault(path, value, "write a whole number of at least 1");
    }
  }
}

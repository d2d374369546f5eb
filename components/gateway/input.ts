/** What a gateway is made from: the tenant's models, its clients with the hashes of their keys, and limits. */
import type { Budgets } from "./budgets";
import type { GatewayLimits, RequestLimits } from "./limits";
import type { SharedLimits } from "./shared-limits";

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
 * request are the client's own unless the tenant has set lower ones. Default of each: the tenant's. Budgets are beside the
 * tenant's own: the one that is used up first holds.
 */
export interface GatewayClient extends RequestLimits, Budgets {
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
  /** Budgets of all clients together. Default: not limited. */
  budget?: Budgets;
  /** Service that counts requests per minute and budgets for all replicas. Default: each replica counts for itself. */
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

/** Members of a JSON Web Key that belong to the private half, or are a shared secret. */
export const PRIVATE_KEY_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

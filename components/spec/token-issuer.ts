import type { Base64Url } from "./forms";
import { PRIVATE_KEY_MEMBERS, type GatewayTokenKey } from "../gateway/input";
import { present, sortedBy, type Draft } from "./draft";
import type { Report } from "./fault";
import { below, type At } from "./path";

/** The issuer of a cluster's ServiceAccount tokens, as the API server shows it. */
export interface ServiceAccountIssuerSpec {
  /**
   * Issuer: `issuer` of `kubectl get --raw /.well-known/openid-configuration`.
   * @maxLength 400 @pattern ^https://[^ ]+$
   * @patternErrorMessage an `https` URL, for example `https://kubernetes.default.svc.cluster.local`
   * @examples ["https://kubernetes.default.svc.cluster.local"]
   */
  url: string;
  /** Public keys: the output of `kubectl get --raw /openid/v1/jwks`. */
  jwks: JsonWebKeySetSpec;
}

/** A set of public keys (RFC 7517). */
export interface JsonWebKeySetSpec {
  /**
   * Keys; several while the issuer changes its key.
   * @minItems 1 @maxItems 20
   */
  keys: JsonWebKeySpec[];
}

/** Type of a key pair. */
export const JsonWebKeyType = {
  /** RSA. */
  RSA: "RSA",
  /** Elliptic curve. */
  EC: "EC",
} as const;
export type JsonWebKeyType = (typeof JsonWebKeyType)[keyof typeof JsonWebKeyType];

/** A public key (RFC 7517). */
export interface JsonWebKeySpec {
  /**
   * Type of the key pair.
   * @examples ["RSA"]
   */
  kty: JsonWebKeyType;
  /**
   * Name of the key, by which tokens refer to it.
   * @minLength 1 @maxLength 400 @examples ["0bzUwDV0pcLhQhhDVY6XhFYVp7jSZZyEG5TEdNEVHIs"]
   */
  kid: string;
  /**
   * Algorithm of the signatures, for example `RS256`. Default: any that fits the type.
   * @pattern ^(RS|ES|PS)(256|384|512)$
   * @patternErrorMessage an algorithm of signatures by key pairs, for example `RS256`
   * @examples ["RS256"]
   */
  alg?: string;
  /**
   * What the key is for: `sig`. Default: not said.
   * @pattern ^sig$
   * @patternErrorMessage `sig`
   * @examples ["sig"]
   */
  use?: string;
  /**
   * Modulus of an RSA key of at least 2048 bits.
   * @examples ["the text from the API server"]
   */
  n?: Base64Url;
  /**
   * Exponent of an RSA key.
   * @examples ["AQAB"]
   */
  e?: Base64Url;
  /**
   * Curve of an elliptic curve key, for example `P-256`.
   * @pattern ^P-(256|384|521)$
   * @patternErrorMessage a curve of NIST, for example `P-256`
   * @examples ["P-256"]
   */
  crv?: string;
  /**
   * First coordinate of an elliptic curve key.
   * @examples ["the text from the API server"]
   */
  x?: Base64Url;
  /**
   * Second coordinate of an elliptic curve key.
   * @examples ["the text from the API server"]
   */
  y?: Base64Url;
}

/** The issuer of a cluster's ServiceAccount tokens. */
export interface TokenIssuer {
  /** What the tokens' claim `iss` says. */
  url: string;
  /** Public keys, in the order of their names. */
  keys: GatewayTokenKey[];
}

/** Members that a key of each type has to have, beside those of every key. */
const MEMBERS: Record<JsonWebKeyType, ("n" | "e" | "crv" | "x" | "y")[]> = { RSA: ["n", "e"], EC: ["crv", "x", "y"] };
/** Base64url characters of a modulus of 2048 bits, the least that is safe to sign with. */
const SHORTEST_MODULUS = 342;

/**
 * Checks an issuer: no private key among its keys, and none that no signature can be checked with. The faults have no
 * values: the text of a key says nothing to people, and a private one is not to be shown.
 */
export function checkIssuer(issuer: Draft<ServiceAccountIssuerSpec> = {}, report: Report): void {
  const names = issuer.jwks?.keys?.map((key) => key?.kid) ?? [];
  for (const { item: key, index } of present(issuer.jwks?.keys)) {
    const at = below("cluster", "serviceAccountIssuer", "jwks", "keys", index);
    if (key.kid !== undefined && names.indexOf(key.kid) < index) {
      report({ path: at("kid"), problem: "is the name of an earlier key as well", fix: "remove one of the two" });
    }
    checkKey(key, at, report);
  }
}

function checkKey(key: Draft<JsonWebKeySpec>, at: At, report: Report): void {
  const { kty, n } = key;
  for (const member of PRIVATE_KEY_MEMBERS.filter((name) => name in key)) {
    const problem = "belongs to a private key or is a shared secret";
    report({ path: at(member), problem, fix: "write the public key only" });
  }
  for (const member of kty === undefined ? [] : MEMBERS[kty].filter((name) => key[name] === undefined)) {
    const problem = `is missing, which a key of type ${kty} needs`;
    report({ path: at(member), problem, fix: "copy the whole key from the API server" });
  }
  if (kty === JsonWebKeyType.RSA && n !== undefined && n.length < SHORTEST_MODULUS) {
    const problem = "is shorter than 2048 bits, so that tokens can be forged";
    report({ path: at("n"), problem, fix: "let the issuer sign with a longer key" });
  }
}

/** Sorts the keys. */
export function resolveIssuer({ url, jwks }: ServiceAccountIssuerSpec): TokenIssuer {
  return { url, keys: sortedBy(jwks.keys.map(publicKey), (key) => String(key["kid"] ?? "")) };
}

function publicKey({ kty, kid, alg, use, n, e, crv, x, y }: JsonWebKeySpec): GatewayTokenKey {
  const members = Object.entries({ kid, alg, use, n, e, crv, x, y });
  return {
    kty,
    ...Object.fromEntries(members.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  };
}

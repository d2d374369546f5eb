/** The issuer of a cluster's ServiceAccount tokens, as the API server shows it. */
export interface ServiceAccountIssuerSpec {
  /** Issuer: `issuer` of `kubectl get --raw /.well-known/openid-configuration`. */
  url: string;
  /** Public keys: the output of `kubectl get --raw /openid/v1/jwks`. */
  jwks: JsonWebKeySetSpec;
}

/** A set of public keys (RFC 7517). */
export interface JsonWebKeySetSpec {
  /** Keys; several while the issuer changes its key. */
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
  /** Type of the key pair. */
  kty: JsonWebKeyType;
  /** Name of the key, by which tokens refer to it. */
  kid: string;
  /** Algorithm of the signatures, for example `RS256`. Default: any that fits the type. */
  alg?: string;
  /** What the key is for: `sig`. Default: not said. */
  use?: string;
  /** Modulus of an RSA key of at least 2048 bits. */
  n?: string;
  /** Exponent of an RSA key. */
  e?: string;
  /** Curve of an elliptic curve key, for example `P-256`. */
  crv?: string;
  /** First coordinate of an elliptic curve key. */
  x?: string;
  /** Second coordinate of an elliptic curve key. */
  y?: string;
}

/** Tokens as an issuer makes them, and as an attacker would. */
import type { KeyObject } from "node:crypto";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import type { GatewayTokenKey } from "../../../components/gateway";

/** An issuer's key pair. */
export interface TokenKeyPair {
  kid: string;
  privateKey: KeyObject;
  /** The public half as a JSON Web Key. */
  published: GatewayTokenKey;
}

/** Makes an RSA key pair, which is what the API server signs with by default. */
export function tokenKeyPair(kid: string): TokenKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const published = { ...(publicKey.export({ format: "jwk" }) as GatewayTokenKey), kid, alg: "RS256", use: "sig" };
  return { kid, privateKey, published };
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token of the claims, signed with RS256; `header` changes what it says about its signature. */
export function signedToken(claims: object, { privateKey, kid }: TokenKeyPair, header: object = {}): string {
  const content = `${encoded({ alg: "RS256", kid, ...header })}.${encoded(claims)}`;
  return `${content}.${sign("sha256", Buffer.from(content), privateKey).toString("base64url")}`;
}

/** A token that says it needs no signature. */
export function unsignedToken(claims: object, kid: string): string {
  return `${encoded({ alg: "none", kid })}.${encoded(claims)}.`;
}

/** A token signed with a public key as if it were a shared secret. */
export function confusedToken(claims: object, kid: string, publicKey: string): string {
  const content = `${encoded({ alg: "HS256", kid })}.${encoded(claims)}`;
  return `${content}.${createHmac("sha256", publicKey).update(content).digest("base64url")}`;
}

/** A token with one claim changed and the signature left as it was. */
export function tamperedToken(token: string, change: object): string {
  const [header, claims, signature] = token.split(".") as [string, string, string];
  const changed = { ...(JSON.parse(Buffer.from(claims, "base64url").toString()) as object), ...change };
  return `${header}.${encoded(changed)}.${signature}`;
}

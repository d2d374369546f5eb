import { JsonWebKeyType, type JsonWebKeySpec, type ServiceAccountIssuerSpec } from "../../spec/index";
import { PRIVATE_KEY_MEMBERS, type GatewayTokenKey } from "../../gateway/input";
import type { Report } from "../faults";
import { checkOneOf } from "../read";

/** The issuer of a cluster's ServiceAccount tokens. */
export interface TokenIssuer {
  /** What the tokens' claim `iss` says. */
  url: string;
  /** Public keys, in the order of their names. */
  keys: GatewayTokenKey[];
}

/** What is wrong with an issuer. */
export interface IssuerFault {
  /** Way below `serviceAccountIssuer`. */
  path: (string | number)[];
  problem: string;
  fix: string;
}

/** Members that a key of each type has to have, beside those of every key. */
const MEMBERS: Record<JsonWebKeyType, ("n" | "e" | "crv" | "x" | "y")[]> = { RSA: ["n", "e"], EC: ["crv", "x", "y"] };
/** Base64url characters of a modulus of 2048 bits, the least that is safe to sign with. */
const SHORTEST_MODULUS = 342;

/** Sorts the keys and reports what is wrong: a private one among them, or one that no signature can be checked with. */
export function resolveIssuer(spec: ServiceAccountIssuerSpec, report: Report): TokenIssuer {
  const place = "cluster.serviceAccountIssuer";
  for (const { path, problem, fix } of faultsOfIssuer(spec)) {
    const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`));
    report(place + steps.join(""), `${problem}: ${fix}`);
  }
  const { url, jwks } = spec;
  jwks.keys.forEach(({ kty }, index) => checkOneOf(report, `${place}.jwks.keys[${index}].kty`, kty, JsonWebKeyType));
  return { url, keys: jwks.keys.map(publicKey).sort((a, b) => ((a["kid"] ?? "") < (b["kid"] ?? "") ? -1 : 1)) };
}

/** An issuer of which parts may be missing. */
interface IssuerDraft {
  url?: string;
  jwks?: { keys?: (Partial<JsonWebKeySpec> | undefined)[] };
}

/** Finds what is wrong with an issuer; parts that are missing are somebody else's to report. */
export function faultsOfIssuer({ url, jwks }: IssuerDraft): IssuerFault[] {
  const noUrl = { path: ["url"], problem: "is no https URL", fix: "write the issuer of the cluster's tokens" };
  const noKeys = { path: ["jwks", "keys"], problem: "are empty", fix: "name the issuer's public keys" };
  const names = jwks?.keys?.map((key) => key?.kid) ?? [];
  return [
    ...(url === undefined || /^https:\/\/[^ ]+$/.test(url) ? [] : [noUrl]),
    ...(jwks?.keys?.length === 0 ? [noKeys] : []),
    ...(jwks?.keys ?? []).flatMap((key = {}, index) => {
      const isSecond = key.kid !== undefined && names.indexOf(key.kid) < index;
      const second = { path: ["kid"], problem: "is the name of an earlier key as well", fix: "remove one of the two" };
      const faults: IssuerFault[] = [...(isSecond ? [second] : []), ...faultsOfKey(key)];
      return faults.map((fault) => ({ ...fault, path: ["jwks", "keys", index, ...fault.path] }));
    }),
  ];
}

function faultsOfKey(key: Partial<JsonWebKeySpec>): IssuerFault[] {
  const { kty, n } = key;
  const missing = (kty === undefined ? [] : (MEMBERS[kty] ?? [])).filter((member) => key[member] === undefined);
  const isShort = kty === JsonWebKeyType.RSA && n !== undefined && n.length < SHORTEST_MODULUS;
  const short = {
    path: ["n"],
    problem: "is shorter than 2048 bits, so that tokens can be forged",
    fix: "let the issuer sign with a longer key",
  };
  return [
    ...PRIVATE_KEY_MEMBERS.filter((member) => member in key).map((member) => ({
      path: [member],
      problem: "belongs to a private key or is a shared secret",
      fix: "write the public key only",
    })),
    ...missing.map((member) => ({
      path: [member],
      problem: `is missing, which a key of type ${kty} needs`,
      fix: "copy the whole key from the API server",
    })),
    ...(isShort ? [short] : []),
  ];
}

function publicKey({ kty, kid, alg, use, n, e, crv, x, y }: JsonWebKeySpec): GatewayTokenKey {
  const members = Object.entries({ kid, alg, use, n, e, crv, x, y });
  return {
    kty,
    ...Object.fromEntries(members.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  };
}

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  KeyObject,
  webcrypto,
  X509Certificate,
} from "node:crypto";
import { createRequire } from "node:module";
import type * as peculiar from "@peculiar/x509";
import { readIfPresent, restrictFile, writePrivateFile } from "./files";
import type { ClusterLayout } from "./layout";

/** What issues certificates; a start that finds all of them sound does not load it. */
function issuer(): typeof peculiar {
  const load = createRequire(__filename);
  load("reflect-metadata");
  const x509 = load("@peculiar/x509") as typeof peculiar;
  x509.cryptoProvider.set(webcrypto as Crypto);
  return x509;
}

const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256" } as const;
const signatureAlgorithm = { ...keyAlgorithm, hash: "SHA-256" } as const;

const hour = 3600 * 1000;
const day = 24 * hour;
const authorityLifetime = 3650 * day;
const leafLifetime = 365 * day;
/** A certificate with less time left than this is reissued at the next start. */
const renewalMargin = 30 * day;
/** Certificates are valid from a little before now, for machines whose clocks differ. */
const clockSkew = 5 * 60 * 1000;

/** A certificate and its private key, both in PEM. */
export interface Credential {
  certificate: string;
  key: string;
}

/** Whom a certificate names and what it may be used for. */
export interface CertificateRequest {
  /** Common name: the user name when a client shows the certificate to the API server. */
  commonName: string;
  /** Organisations: the groups of that user. Default: none. */
  organizations?: readonly string[];
  /** Whether the holder may act as TLS client. Default: false. */
  client?: boolean;
  /** Host names and IP addresses under which the holder may act as TLS server. Default: none. */
  hosts?: readonly string[];
}

const isIpAddress = (host: string) => /^[\d.]+$/.test(host) || host.includes(":");

/** Signs a certificate for a new P-256 key with the authority's key. `lifetime` in milliseconds. */
export async function issueCertificate(
  authority: Credential,
  request: CertificateRequest,
  lifetime: number = leafLifetime,
): Promise<Credential> {
  const x509 = issuer();
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const hosts = request.hosts ?? [];
  const usages = [
    ...(request.client === true ? [x509.ExtendedKeyUsage.clientAuth] : []),
    ...(hosts.length > 0 ? [x509.ExtendedKeyUsage.serverAuth] : []),
  ];
  const names = hosts.map((value) => ({ type: isIpAddress(value) ? ("ip" as const) : ("dns" as const), value }));
  const certificate = await x509.X509CertificateGenerator.create({
    subject: subjectName(request),
    issuer: new x509.X509Certificate(authority.certificate).subjectName,
    ...validity(lifetime),
    publicKey: keys.publicKey,
    signingKey: await importSigningKey(authority.key),
    signingAlgorithm: signatureAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: privateKeyPem(keys.privateKey) };
}

/** A new self-signed certificate authority. */
export async function createAuthority(commonName: string): Promise<Credential> {
  const x509 = issuer();
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subjectName({ commonName }),
    ...validity(authorityLifetime),
    keys,
    signingAlgorithm: signatureAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: privateKeyPem(keys.privateKey) };
}

// One attribute a relative name: that is the order in which other issuers write several organisations.
function subjectName(request: CertificateRequest): peculiar.Name {
  const organizations = (request.organizations ?? []).map((organization) => ({ O: [organization] }));
  return new (issuer().Name)([...organizations, { CN: [request.commonName] }]);
}

function validity(lifetime: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - clockSkew), notAfter: new Date(Date.now() + lifetime) };
}

function privateKeyPem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: "pkcs8", format: "pem" }).toString();
}

function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", der, keyAlgorithm, false, ["sign"]);
}

/** Reads a credential of the cluster. Throws when certificate or key is missing. */
export function readCredential(layout: ClusterLayout, name: string): Credential {
  const certificate = readIfPresent(layout.certificate(name));
  const key = readIfPresent(layout.key(name));
  if (certificate === undefined || key === undefined) {
    throw new Error(`${layout.certificate(name)}: certificate or its key is missing; \`start\` issues it again`);
  }
  return { certificate, key };
}

/** The authority `name` of the cluster; created when it is missing, damaged or about to expire. */
export async function ensureAuthority(layout: ClusterLayout, name: string): Promise<Credential> {
  const present = readUsable(layout, name);
  return present ?? writeCredential(layout, name, await createAuthority(`local-cluster-${name}`));
}

/** The certificate `name`, signed by `authority`; issued when missing, damaged, expiring, signed by another key or for other hosts. */
export async function ensureCertificate(
  layout: ClusterLayout,
  name: string,
  authority: Credential,
  request: CertificateRequest,
): Promise<Credential> {
  const present = readUsable(layout, name);
  if (present !== undefined && matches(present, authority, request)) return present;
  return writeCredential(layout, name, await issueCertificate(authority, request));
}

function matches(present: Credential, authority: Credential, request: CertificateRequest): boolean {
  const certificate = new X509Certificate(present.certificate);
  const wanted = (request.hosts ?? []).map((host) => (isIpAddress(host) ? `IP Address:${host}` : `DNS:${host}`));
  const found = certificate.subjectAltName?.split(", ") ?? [];
  const sameHosts = [...wanted].sort().join() === [...found].sort().join();
  return sameHosts && certificate.verify(new X509Certificate(authority.certificate).publicKey);
}

/** The stored credential when it parses, key and certificate belong together and there is time left; else undefined. */
function readUsable(layout: ClusterLayout, name: string): Credential | undefined {
  const certificate = readIfPresent(layout.certificate(name));
  const key = readIfPresent(layout.key(name));
  if (certificate === undefined || key === undefined) return undefined;
  try {
    const parsed = new X509Certificate(certificate);
    const belongs = parsed.checkPrivateKey(createPrivateKey(key));
    const lasts = Date.parse(parsed.validTo) > Date.now() + renewalMargin;
    if (!belongs || !lasts) return undefined;
  } catch {
    return undefined;
  }
  restrictFile(layout.key(name));
  return { certificate, key };
}

function writeCredential(layout: ClusterLayout, name: string, credential: Credential): Credential {
  writePrivateFile(layout.certificate(name), credential.certificate);
  writePrivateFile(layout.key(name), credential.key);
  return credential;
}

/**
 * The key pair that signs service account tokens: `<name>.key` private, `<name>.crt` the public half (a bare key, as the API server takes it).
 * A new pair makes the tokens issued before worthless; it is made only when the old one is missing or damaged.
 */
export function ensureTokenKeys(layout: ClusterLayout, name: string): void {
  const present = readIfPresent(layout.key(name));
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(present ?? "");
  } catch {
    privateKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  }
  writePrivateFile(layout.key(name), privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "pem" });
  writePrivateFile(layout.certificate(name), publicKey.toString());
}

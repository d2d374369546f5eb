import type { Name, ObjectName } from "./forms";
import { useKnown } from "./suggest";
import { isPlatformSecret } from "./names";
import { type Draft, present, sortedBy } from "./draft";
import type { Report } from "./fault";
import type { At } from "./path";

/** Types of Kubernetes Secrets. */
export const SecretType = {
  /** Any keys. */
  opaque: "Opaque",
  /** A certificate: `tls.crt` and `tls.key`. */
  tls: "kubernetes.io/tls",
  /** Credentials of registries: `.dockerconfigjson`. */
  dockerConfigJson: "kubernetes.io/dockerconfigjson",
} as const;
export type SecretType = (typeof SecretType)[keyof typeof SecretType];

/** A Kubernetes Secret in the tenant's namespace, whose values the tenant's file only refers to. */
export interface TenantSecretSpec {
  /**
   * Name of the Secret.
   * @patternErrorMessage the name of a Secret: lower-case letters, digits, `-` and `.`
   * @examples ["ledger-database"]
   */
  name: ObjectName;
  /**
   * Type of the Secret. Default: `Opaque`.
   * @default "Opaque" @examples ["kubernetes.io/tls"]
   */
  type?: SecretType;
  /**
   * Keys of the Secret, each with the name of its value: the stack's config has it as `tenant-secrets:<tenant>.<name>`.
   * @minProperties 1 @examples [{ "password": "database-password" }]
   */
  data: Record<string, Name>;
}

/** A Secret of a tenant's own programs. */
export interface TenantSecret {
  name: string;
  type: SecretType;
  /** Names of the values by key of the Secret. */
  references: Record<string, string>;
}

/** Names of the values that tenants' Secrets may refer to, as `<tenant>.<reference>`. The values themselves are nowhere here. */
export interface SecretReferences {
  /** Values that are kept encrypted, or handed in as secrets. */
  encrypted: readonly string[];
  /** Values that are written in plain text, which is refused. */
  clear: readonly string[];
  /** What to do so that a value of a name is there, for example "set it with `…`". */
  advice(name: string): string;
}

const KEY = /^[-._a-zA-Z0-9]{1,253}$/;

/** Keys that Secrets of a type must have. */
const REQUIRED_KEYS: Record<SecretType, string[]> = {
  [SecretType.opaque]: [],
  [SecretType.tls]: ["tls.crt", "tls.key"],
  [SecretType.dockerConfigJson]: [".dockerconfigjson"],
};

/** Name under which the value of a reference is handed in: `<tenant>.<reference>`, so that no tenant can name another's. */
export function secretValueName(tenant: string, reference: string): string {
  return `${tenant}.${reference}`;
}

type Secrets = readonly (Draft<TenantSecretSpec> | undefined)[];

/**
 * Checks the Secrets of a tenant, each by itself and against the others.
 *
 * @param at Leads to what is below the tenant.
 */
export function checkSecrets(secrets: Secrets, at: At, report: Report): void {
  const names = new Set<string>();
  for (const { item: secret, index } of present(secrets)) {
    const atSecret: At = (...steps) => at("secrets", index, ...steps);
    checkName(secret.name, names, atSecret, report);
    checkKeys(secret, atSecret, report);
  }
}

function checkName(name: string | undefined, names: Set<string>, at: At, report: Report): void {
  if (name === undefined) return;
  if (isPlatformSecret(name)) {
    report({
      path: at("name"),
      value: name,
      problem: "is the name of a Secret of the platform itself",
      allowed: "a name that the platform does not use",
      fix: "write another name",
    });
  }
  if (names.has(name)) {
    report({
      path: at("name"),
      value: name,
      problem: "is the name of an earlier Secret as well",
      allowed: "a name that no other Secret of the tenant has",
      fix: "rename one of the two",
    });
  }
  names.add(name);
}

function checkKeys({ type = SecretType.opaque, data = {} }: Draft<TenantSecretSpec>, at: At, report: Report): void {
  const keys = Object.keys(data);
  // The type may be none that is known, which the schema says.
  const missing = (REQUIRED_KEYS[type] ?? []).filter((key) => !keys.includes(key));
  if (missing.length > 0 && keys.length > 0) {
    report({
      path: at("data"),
      restsOn: [at("type"), ...missing.map((key) => at("data", key))],
      problem: `lacks ${missing.map((key) => `\`${key}\``).join(" and ")}, which the type ${type} needs`,
      allowed: `${REQUIRED_KEYS[type].map((key) => `\`${key}\``).join(" and ")} among the keys`,
      fix: "add what is missing, or choose another `type`",
    });
  }
  for (const key of keys.filter((one) => !KEY.test(one))) {
    report({
      path: at("data", key),
      problem: "is a key that no Secret can have",
      allowed: "letters, digits, `-`, `_` and `.`, at most 253 characters",
      fix: "write the key with these characters",
      at: "key",
    });
  }
}

/**
 * Checks that there is a value for everything that a tenant's Secrets refer to. What is written as a reference is not
 * shown: it may be a value in the wrong place.
 *
 * @param at Leads to what is below the tenant.
 */
export function checkReferences(
  tenant: string,
  secrets: Secrets,
  { encrypted, clear, advice }: SecretReferences,
  at: At,
  report: Report,
): void {
  const prefix = secretValueName(tenant, "");
  const own = encrypted.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  for (const { item: secret, index } of present(secrets)) {
    for (const [key, reference] of Object.entries(secret.data ?? {})) {
      if (typeof reference !== "string" || own.includes(reference)) continue;
      const name = secretValueName(tenant, reference);
      const isClear = clear.includes(name);
      report({
        path: at("secrets", index, "data", key),
        restsOn: [at("name")],
        problem: isClear
          ? `refers to \`${name}\`, whose value is in plain text`
          : `refers to \`${name}\`, which has no value`,
        allowed: "the name of an encrypted value of the tenant's own",
        fix: isClear ? advice(name) : useKnown(reference, own, advice(name)),
      });
    }
  }
}

/** Fills in the types of a tenant's Secrets. The result is sorted by name. */
export function resolveSecrets(specs: TenantSecretSpec[] = []): TenantSecret[] {
  const secrets = specs.map(({ name, type = SecretType.opaque, data }) => ({ name, type, references: data }));
  return sortedBy(secrets, ({ name }) => name);
}

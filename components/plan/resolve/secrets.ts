import { SecretType, type TenantSecretSpec } from "../../spec/index";
import type { Report } from "../faults";
import { isDnsLabel, isDnsSubdomain, isPlatformSecret, MAX_NAME_LENGTH } from "../../spec/names";

/** A Secret of a tenant's own programs. */
export interface TenantSecret {
  name: string;
  type: SecretType;
  /** Names of the values by key of the Secret. */
  references: Record<string, string>;
}

/** With the Secrets of the platform they stay within the namespace's quota of Secrets. */
const MOST_SECRETS = 8;
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

/** Fills in the types of a tenant's Secrets and reports what is wrong. The result is sorted by name. */
export function resolveSecrets(specs: TenantSecretSpec[], report: Report): TenantSecret[] {
  for (const { path, problem, fix } of faultsOfSecrets(specs)) {
    const [index, ...rest] = path;
    report([`secrets${index === undefined ? "" : `[${index}]`}`, ...rest].join("."), `${problem}: ${fix}`);
  }
  return specs
    .map(({ name, type = SecretType.opaque, data }) => ({ name, type, references: data }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What is wrong with a tenant's Secrets. */
export interface SecretFault {
  /** Way below `secrets`. */
  path: (string | number)[];
  problem: string;
  fix: string;
}

/** Finds what is wrong with a tenant's Secrets; parts that are missing are somebody else's to report. */
export function faultsOfSecrets(specs: Partial<TenantSecretSpec>[]): SecretFault[] {
  const names = specs.map(({ name }) => name);
  const many = { path: [], problem: `are ${specs.length}`, fix: `declare at most ${MOST_SECRETS}` };
  return [
    ...(specs.length > MOST_SECRETS ? [many] : []),
    ...specs.flatMap((spec, index) => {
      const twice = { path: ["name"], problem: "is used by two Secrets", fix: "rename one of them" };
      const faults = [
        ...faultsOfName(spec.name),
        ...(spec.name !== undefined && names.indexOf(spec.name) < index ? [twice] : []),
        ...faultsOfData(spec),
      ];
      return faults.map((fault) => ({ ...fault, path: [index, ...fault.path] }));
    }),
  ];
}

function faultsOfName(name: string | undefined): SecretFault[] {
  if (name === undefined) return [];
  if (isPlatformSecret(name)) {
    return [{ path: ["name"], problem: "is the name of a Secret of the platform itself", fix: "write another name" }];
  }
  if (isDnsSubdomain(name)) return [];
  return [
    { path: ["name"], problem: "is not the name of a Secret", fix: "write lower-case letters, digits, `-` and `.`" },
  ];
}

function faultsOfData({ type = SecretType.opaque, data }: Partial<TenantSecretSpec>): SecretFault[] {
  if (data === undefined) return [];
  const keys = Object.keys(data);
  const missing = (REQUIRED_KEYS[type] ?? []).filter((key) => !keys.includes(key));
  return [
    ...(keys.length === 0 ? [{ path: ["data"], problem: "has no key", fix: "add one, or remove the Secret" }] : []),
    ...(missing.length === 0
      ? []
      : [
          {
            path: ["data"],
            problem: `lacks ${missing.join(" and ")}, which type ${type} needs`,
            fix: "add what is missing",
          },
        ]),
    ...keys
      .filter((key) => !KEY.test(key))
      .map((key) => ({
        path: ["data", key],
        problem: "has a key that no Secret can have",
        fix: "write letters, digits, `-`, `_` and `.`",
      })),
    ...Object.entries(data)
      .filter(([, reference]) => typeof reference === "string" && !isDnsLabel(reference, MAX_NAME_LENGTH))
      .map(([key]) => ({
        path: ["data", key],
        problem: "is not the name of a value",
        fix: "write lower-case letters, digits and inner hyphens; the value itself belongs into the stack's encrypted config",
      })),
  ];
}

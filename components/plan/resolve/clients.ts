import type { ClientSpec, ServiceAccountReference } from "../../spec/index";
import { ModelNameError, parseModelName } from "../../models/names";
import { endOfDay, isDate } from "../../spec/date";
import type { Report } from "../faults";
import { MAX_NAME_LENGTH } from "../../spec/names";
import { checkName, checkUnique, readWhole } from "../read";
import type { ModelAccess } from "./model-access";
import { faultsOfAccounts } from "./service-accounts";
import type { TokenIssuer } from "../../spec/token-issuer";

/** A client of a tenant with every default filled in; a limit that is absent does not hold. */
export interface Client {
  name: string;
  /** ServiceAccount whose tokens it calls with; absent for a client with keys. */
  serviceAccount?: ServiceAccountReference;
  /** Canonical names, sorted; absent for every model of the tenant. */
  models?: string[];
  requestsPerMinute?: number;
  maxConcurrentRequests?: number;
  maxTokens?: number;
  tokensPerDay?: number;
  /** Time from which on the client's keys or tokens are refused, in RFC 3339. */
  expires?: string;
  /** Numbers of the keys that are accepted; the first is the client's current one. None for a client with tokens. */
  keyGenerations: number[];
}

/** What the declarations of clients depend on. */
export interface ClientContext {
  models: ModelAccess;
  /** Namespace of the tenant. */
  namespace: string;
  /** Issuer of ServiceAccount tokens; absent when the environment names none. */
  issuer?: TokenIssuer;
}

/** Far more than one tenant's programs, and few enough for the namespace's quota of Secrets. */
const MOST_CLIENTS = 40;
const LIMITS = {
  requestsPerMinute: 1_000_000,
  maxConcurrentRequests: 10_000,
  maxTokens: 10_000_000,
  tokensPerDay: 1_000_000_000_000,
} as const;

/** Fills in the defaults of a tenant's clients and reports what is wrong. The result is sorted by name. */
export function resolveClients(
  specs: ClientSpec[],
  { models, namespace, issuer }: ClientContext,
  report: Report,
): Client[] {
  if (specs.length > MOST_CLIENTS) {
    report("access.clients", `are ${specs.length}: declare at most ${MOST_CLIENTS}, or a second tenant`);
  }
  checkUnique(
    specs.map(({ name }) => name),
    (index, name) =>
      report(`access.clients[${index}].name`, `${JSON.stringify(name)} is used by two clients: rename one of them`),
  );
  for (const { path, problem, fix } of faultsOfAccounts(specs, { namespace, hasIssuer: issuer !== undefined })) {
    const [index, ...rest] = path;
    report([`access.clients[${index}]`, ...rest].join("."), `${problem}: ${fix}`);
  }
  return specs
    .map((spec, index) => resolveClient(spec, `access.clients[${index}]`, models, report))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function resolveClient(spec: ClientSpec, path: string, models: ModelAccess, report: Report): Client {
  checkName(report, `${path}.name`, spec.name, MAX_NAME_LENGTH);
  return {
    name: spec.name,
    ...(spec.models === undefined ? {} : { models: resolveModels(spec.models, `${path}.models`, models, report) }),
    ...resolveLimits(spec, path, report),
    ...resolveExpiry(spec.expires, `${path}.expires`, report),
    ...(spec.serviceAccount === undefined
      ? { keyGenerations: resolveKeys(spec, path, report) }
      : // Who holds the ServiceAccount's tokens is the client; there is no key.
        { serviceAccount: spec.serviceAccount, keyGenerations: [] }),
  };
}

function resolveKeys(spec: ClientSpec, path: string, report: Report): number[] {
  const keyGeneration = readWhole(report, `${path}.keyGeneration`, spec.keyGeneration, {
    minimum: 1,
    maximum: 1_000_000,
    fallback: 1,
  });
  const previous = keyGeneration > 1 && (spec.acceptPreviousKey ?? true) ? [keyGeneration - 1] : [];
  return [keyGeneration, ...previous];
}

function resolveLimits(spec: ClientSpec, path: string, report: Report): Partial<Client> {
  const names = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = spec[name];
      if (value === undefined) return [];
      return [
        [
          name,
          readWhole(report, `${path}.${name}`, value, { minimum: 1, maximum: LIMITS[name], fallback: 1 }),
        ] as const,
      ];
    }),
  );
}

function resolveExpiry(date: string | undefined, path: string, report: Report): Pick<Client, "expires"> {
  if (date === undefined) return {};
  if (isDate(date)) return { expires: endOfDay(date) };
  report(path, `${JSON.stringify(date)} is no day of the calendar: write a date such as 2027-01-31`);
  return {};
}

/** A client is given less than its tenant, never more: an unknown name would else open nothing without a word. */
function resolveModels(names: string[], path: string, { allow }: ModelAccess, report: Report): string[] {
  if (names.length === 0) report(path, "is empty: name a model of the tenant, or remove it for all of them");
  const canonical = names.flatMap((name, index) => {
    const resolved = canonicalName(name);
    if (resolved !== undefined && allow.includes(resolved)) return resolved;
    report(
      `${path}[${index}]`,
      `${JSON.stringify(name)} is not a model that the tenant may use: write one of ${allow.join(", ")}, or add it under models.allow`,
    );
    return [];
  });
  return [...new Set(canonical)].sort();
}

function canonicalName(name: string): string | undefined {
  try {
    return parseModelName(name).canonical;
  } catch (error) {
    if (!(error instanceof ModelNameError)) throw error;
    return undefined;
  }
}

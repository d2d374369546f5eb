import type { DnsLabel, Integer, ModelReference, Name, ObjectName, Origin } from "./forms";
import { listNames } from "./suggest";
import { type BudgetSpec, checkBudget } from "./budget";
import { type Budgets, BUDGETS } from "../gateway/budgets";
import { REQUEST_LIMITS } from "../gateway/limits";
import { canonicalName } from "../models/names";
import { endOfDay, isDate } from "./date";
import type { SharedLimits } from "./shared-limits";
import type { TokenIssuer } from "./token-issuer";
import { type Draft, present, sortedBy } from "./draft";
import type { Report } from "./fault";
import { canonicalNames, type ModelAccess, type ModelAccessSpec } from "./model-access";
import type { At } from "./path";

/** A program, or programs of one team, that calls the tenant's servers: with a key of its own, or as its ServiceAccount. */
export interface ClientSpec extends BudgetSpec {
  /**
   * Name of the client, a DNS label of at most 40 characters; its key is in the Secret `client-` followed by the name.
   * @examples ["ledger"]
   */
  name: Name;
  /**
   * ServiceAccount whose tokens the client calls with. It has no key then. Default: a key.
   * @examples [{ "namespace": "finance-apps", "name": "ledger" }]
   */
  serviceAccount?: ServiceAccountReference;
  /**
   * Models of the tenant that the client may use. Default: all of them.
   * @minItems 1 @uniqueItems @examples [["llama3.1:8b"]]
   */
  models?: ModelReference[];
  /**
   * Most requests per minute and replica. Default: not limited.
   * @minimum 1 @maximum 1000000 @examples [120]
   */
  requestsPerMinute?: Integer;
  /**
   * Most requests that the client may have in flight on one replica. Default: not limited.
   * @minimum 1 @maximum 10000 @examples [4]
   */
  maxConcurrentRequests?: Integer;
  /**
   * Most tokens that one request may generate. Default: 4096.
   * @minimum 1 @maximum 10000000 @default 4096 @examples [1024]
   */
  maxTokens?: Integer;
  /**
   * Longest body of a request in bytes; bodies are held in memory while they are judged. At most the tenant's own limit. Default: the tenant's.
   * @minimum 65536 @maximum 67108864 @examples [4194304]
   */
  maxBodyBytes?: Integer;
  /**
   * Most messages of one conversation, calls of tools and their results included. At most the tenant's own limit. Default: the tenant's.
   * @minimum 1 @maximum 1000000 @examples [1000]
   */
  maxMessages?: Integer;
  /**
   * Most texts of one embedding request. At most the tenant's own limit. Default: the tenant's.
   * @minimum 1 @maximum 1000000 @examples [256]
   */
  maxInputs?: Integer;
  /**
   * Most images of one request, those of earlier messages included. At most the tenant's own limit. Default: the tenant's.
   * @minimum 1 @maximum 10000 @examples [8]
   */
  maxImages?: Integer;
  /**
   * Most tools of one request. At most the tenant's own limit. Default: the tenant's.
   * @minimum 1 @maximum 100000 @examples [128]
   */
  maxTools?: Integer;
  /**
   * Origins of web pages that may call as this client, such as `https://chat.example.com`. Default: none.
   * @uniqueItems @default [] @examples [["https://chat.example.com"]]
   */
  origins?: Origin[];
  /**
   * Last day (UTC) on which the client's keys or tokens are accepted, as a date such as `2027-01-31`. Default: no last day.
   * @maxLength 10 @pattern ^[0-9]{4}-[0-9]{2}-[0-9]{2}$
   * @patternErrorMessage a date, for example `2027-01-31`
   * @examples ["2027-01-31"]
   */
  expires?: string;
  /**
   * Number of the client's key. Raise it by one for a new key; the keys of earlier numbers but one end. Default: 1.
   * @minimum 1 @maximum 1000000 @default 1 @examples [2]
   */
  keyGeneration?: Integer;
  /**
   * Whether the key of the number before is still accepted, so that the client can change over. Default: true.
   * @default true @examples [false]
   */
  acceptPreviousKey?: boolean;
}

/** A ServiceAccount of the cluster. */
export interface ServiceAccountReference {
  /**
   * Namespace of the ServiceAccount: the tenant's own, or one of no tenant.
   * @patternErrorMessage the name of a namespace: lower-case letters, digits and `-`
   * @examples ["finance-apps"]
   */
  namespace: DnsLabel;
  /**
   * Name of the ServiceAccount.
   * @examples ["ledger"]
   */
  name: ObjectName;
}

/** A client of a tenant with every default filled in; a limit that is absent does not hold. */
export interface Client extends Budgets {
  name: string;
  /** ServiceAccount whose tokens it calls with; absent for a client with keys. */
  serviceAccount?: ServiceAccountReference;
  /** Canonical names, sorted; absent for every model of the tenant. */
  models?: string[];
  requestsPerMinute?: number;
  maxConcurrentRequests?: number;
  maxTokens?: number;
  maxBodyBytes?: number;
  maxMessages?: number;
  maxInputs?: number;
  maxImages?: number;
  maxTools?: number;
  /** Origins of web pages that may call as this client; absent for none. */
  origins?: string[];
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
  /** Counts over all replicas; absent when each counts for itself. */
  sharedLimits?: SharedLimits;
}

const LIMITS = ["requestsPerMinute", "maxConcurrentRequests", ...BUDGETS, ...REQUEST_LIMITS] as const;

type Clients = readonly (Draft<ClientSpec> | undefined)[];

/**
 * Checks that a tenant's clients have names, models, budgets and dates that mean something.
 *
 * @param models Models of the tenant.
 * @param at Leads to what is below the tenant.
 */
export function checkClients(clients: Clients, models: Draft<ModelAccessSpec>, at: At, report: Report): void {
  const atClient: At = (...steps) => at("access", "clients", ...steps);
  checkClientNames(clients, atClient, report);
  checkClientModels(clients, models, atClient, at("models"), report);
  for (const { item, index } of present(clients)) {
    checkBudget(item, (...steps) => atClient(index, ...steps), report);
    if (item.expires === undefined || isDate(item.expires)) continue;
    report({
      path: atClient(index, "expires"),
      value: item.expires,
      problem: "is not a day of the calendar",
      allowed: "a date such as `2027-01-31`",
      fix: "correct the date, or remove it for keys without a last day",
    });
  }
}

function checkClientNames(clients: Clients, at: At, report: Report): void {
  const names = new Set<string>();
  for (const { item, index } of present(clients)) {
    if (item.name === undefined) continue;
    if (names.has(item.name)) {
      report({
        path: at(index, "name"),
        value: item.name,
        problem: "is the name of an earlier client as well",
        allowed: "a name that no other client of the tenant has",
        fix: "rename one of the two, or remove it",
      });
    }
    names.add(item.name);
  }
}

/**
 * A client is given less than its tenant, never more: an unknown name would else open nothing without a word. Names
 * that the tenant is denied are not its models.
 */
function checkClientModels(
  clients: Clients,
  { allow, deny }: Draft<ModelAccessSpec>,
  at: At,
  tenantModels: ReturnType<At>,
  report: Report,
): void {
  const denied = canonicalNames(deny);
  const allowed = [...canonicalNames(allow)].filter(([canonical]) => !denied.has(canonical));
  for (const { item: client, index } of present(clients)) {
    for (const { item: name, index: position } of present(client.models)) {
      const canonical = canonicalName(name);
      if (canonical !== undefined && allowed.some(([other]) => other === canonical)) continue;
      report({
        path: at(index, "models", position),
        value: name,
        restsOn: [tenantModels],
        problem: "is not a model that the tenant may use",
        allowed:
          allowed.length === 0 ? "no model, for the tenant has none" : listNames(allowed.map(([, written]) => written)),
        fix: "add it to `models.allow` of the tenant, or remove it",
      });
    }
  }
}

/** Fills in the defaults of a tenant's clients. The result is sorted by name. */
export function resolveClients(specs: ClientSpec[], models: ModelAccess): Client[] {
  return sortedBy(
    specs.map((spec) => resolveClient(spec, models)),
    ({ name }) => name,
  );
}

function resolveClient(spec: ClientSpec, { allow }: ModelAccess): Client {
  const limits = LIMITS.flatMap((name) => (spec[name] === undefined ? [] : [[name, spec[name]] as const]));
  const models = spec.models && [...canonicalNames(spec.models).keys()].filter((name) => allow.includes(name)).sort();
  return {
    name: spec.name,
    ...(models && { models }),
    ...Object.fromEntries(limits),
    ...(spec.origins && { origins: [...new Set(spec.origins)].sort() }),
    ...(spec.expires !== undefined && { expires: endOfDay(spec.expires) }),
    ...(spec.serviceAccount === undefined
      ? { keyGenerations: acceptedKeys(spec) }
      : // Who holds the ServiceAccount's tokens is the client; there is no key.
        { serviceAccount: spec.serviceAccount, keyGenerations: [] }),
  };
}

function acceptedKeys({ keyGeneration = 1, acceptPreviousKey = true }: ClientSpec): number[] {
  const previous = keyGeneration > 1 && acceptPreviousKey ? [keyGeneration - 1] : [];
  return [keyGeneration, ...previous];
}

/** What a gateway's input has to be like, whoever made it: the declaration's own checks are not relied on. */
import { BUDGETS, type Budgets, DAY_AND_MONTH } from "./budgets";
import { GatewayInputError, PRIVATE_KEY_MEMBERS } from "./input";
import type { GatewayClient, GatewayInput, GatewayModel, GatewayTokens } from "./input";
import { REQUEST_LIMITS, resolveLimits } from "./limits";
import { buffersOf, DEFAULT_MEMORY_BYTES } from "./memory";
import { checkSharedLimits } from "./shared-limits";

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const CANONICAL = /^[a-z0-9_][a-z0-9_.:-]*\/[a-z0-9_][a-z0-9_-]*\/[a-z0-9_][a-z0-9_.-]*:[a-z0-9_][a-z0-9_.-]*$/;
const DURATION = /^-?([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const SUBJECT = /^system:serviceaccount:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?:[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
/** A page's origin as browsers write it. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+(:[0-9]{1,5})?$/;

/** Faults of one input, in the order in which they are found. */
class Faults {
  readonly sentences: string[] = [];

  /** A value that may be shown. */
  add(path: string, value: unknown, allowed: string): void {
    this.sentences.push(`${path} is ${JSON.stringify(value) ?? "absent"}: ${allowed}`);
  }
}

/**
 * Checks a gateway's input.
 *
 * @throws GatewayInputError that lists every fault.
 */
export function checkGatewayInput(input: GatewayInput): void {
  const faults = new Faults();
  if (!DNS_LABEL.test(input.tenant)) faults.add("tenant", input.tenant, "write a DNS label, for example finance");
  checkModels(input.models, faults);
  checkUnique(input.clients, faults);
  input.clients.forEach((client, index) => checkClient(client, `clients[${index}]`, input, faults));
  if (input.tokens !== undefined) checkTokens(input.tokens, faults);
  if (input.sharedLimits !== undefined) {
    checkSharedLimits(input.sharedLimits, (path, value, allowed) => faults.add(path, value, allowed));
  }
  checkLimits(input, faults);
  checkBudgets("budget", input.budget ?? {}, faults);
  if (faults.sentences.length > 0) throw new GatewayInputError(faults.sentences);
}

function checkModels(models: GatewayModel[], faults: Faults): void {
  const names = new Set<string>();
  models.forEach(({ canonical, stored }, index) => {
    const path = `models[${index}].canonical`;
    if (!CANONICAL.test(canonical)) faults.add(path, canonical, "write host/namespace/model:tag in lower case");
    if (names.has(canonical)) faults.add(path, canonical, "name each model once");
    if (stored !== undefined && stored.toLowerCase() !== canonical) {
      const allowed = "it may differ from the canonical name only in upper case letters";
      faults.add(`models[${index}].stored`, stored, allowed);
    }
    names.add(canonical);
  });
}

/** Names, keys and ServiceAccounts say which client calls: none is of two. */
function checkUnique(clients: GatewayClient[], faults: Faults): void {
  const names = new Set<string>();
  const owners = new Map<string, string>();
  const subjects = new Set<string>();
  clients.forEach(({ name, keySha256, subject }, index) => {
    const path = `clients[${index}]`;
    if (names.has(name)) faults.add(`${path}.name`, name, "name each client once");
    names.add(name);
    keySha256.forEach((hash, position) => {
      // A hash is not a key, but a value of the wrong form may be one: it is not repeated in the message.
      const place = `${path}.keySha256[${position}]`;
      if (!SHA256_HEX.test(hash)) {
        faults.sentences.push(`${place} is not a SHA-256 hash: write 64 lower-case hexadecimal digits`);
      } else if (owners.has(hash)) {
        faults.sentences.push(`${place} is also a key of ${owners.get(hash)}: give each client keys of its own`);
      } else {
        owners.set(hash, name);
      }
    });
    if (subject === undefined) return;
    if (subjects.has(subject)) faults.add(`${path}.subject`, subject, "give each client a ServiceAccount of its own");
    subjects.add(subject);
  });
}

function checkClient(client: GatewayClient, path: string, input: GatewayInput, faults: Faults): void {
  const { name, subject, expires } = client;
  if (!DNS_LABEL.test(name)) faults.add(`${path}.name`, name, "write a DNS label, for example reports");
  if (subject !== undefined) {
    const place = `${path}.subject`;
    if (!SUBJECT.test(subject)) faults.add(place, subject, "write system:serviceaccount:<namespace>:<name>");
    if (input.tokens === undefined) faults.add(place, subject, "say under tokens which tokens are accepted");
  }
  const models = input.models.map(({ canonical }) => canonical);
  client.models?.forEach((model, position) => {
    if (!models.includes(model)) faults.add(`${path}.models[${position}]`, model, `choose from ${models.join(", ")}`);
  });
  client.origins?.forEach((origin, position) => {
    const allowed = "write scheme, host and port of a page, as https://chat.example.com";
    if (!ORIGIN.test(origin)) faults.add(`${path}.origins[${position}]`, origin, allowed);
  });
  for (const limit of ["requestsPerMinute", "maxConcurrent", ...REQUEST_LIMITS] as const) {
    checkCount(`${path}.${limit}`, client[limit], faults);
  }
  checkBudgets(path, client, faults);
  checkBody(`${path}.maxBodyBytes`, client.maxBodyBytes, input, faults);
  if (expires !== undefined && !(RFC_3339.test(expires) && !Number.isNaN(Date.parse(expires)))) {
    faults.add(`${path}.expires`, expires, "write a time such as 2027-01-31T00:00:00Z");
  }
}

function checkTokens({ issuer, audience, keys }: GatewayTokens, faults: Faults): void {
  if (issuer === "") faults.add("tokens.issuer", issuer, "write the issuer of the cluster's tokens");
  if (audience === "") faults.add("tokens.audience", audience, "write an audience of the tenant's own");
  if (keys.length === 0) faults.add("tokens.keys", keys, "name at least one public key");
  keys.forEach((key, index) => {
    const path = `tokens.keys[${index}]`;
    if (!["RSA", "EC"].includes(key.kty))
      faults.add(`${path}.kty`, key.kty, "write RSA or EC: only pairs have a public half");
    for (const member of PRIVATE_KEY_MEMBERS.filter((name) => name in key)) {
      faults.sentences.push(`${path}.${member} is secret: write the public key only`);
    }
  });
}

function checkLimits(input: GatewayInput, faults: Faults): void {
  const { keepAlive, ...counts } = input.limits ?? {};
  for (const [limit, value] of Object.entries(counts)) checkCount(`limits.${limit}`, value, faults);
  checkBody("limits.maxBodyBytes", counts.maxBodyBytes, input, faults);
  if (keepAlive !== undefined && !DURATION.test(keepAlive)) {
    faults.add("limits.keepAlive", keepAlive, "write a duration such as 30m");
  }
}

function checkBudgets(path: string, budgets: Budgets, faults: Faults): void {
  for (const name of BUDGETS) checkCount(`${path}.${name}`, budgets[name], faults);
  for (const [day, month] of DAY_AND_MONTH) {
    const [ofDay, ofMonth] = [budgets[day], budgets[month]];
    if (ofDay !== undefined && ofMonth !== undefined && ofDay > ofMonth)
      faults.add(`${path}.${day}`, ofDay, `allow at most ${ofMonth}, which is ${month}, or remove it`);
  }
}

/** Bodies are held in memory while they are judged. */
function checkBody(path: string, bytes: number | undefined, input: GatewayInput, faults: Faults): void {
  const { memoryBytes = DEFAULT_MEMORY_BYTES } = input;
  const most = buffersOf(memoryBytes, resolveLimits(input.limits)).longestBody;
  if ((bytes ?? 0) <= most) return;
  faults.add(path, bytes, `allow at most ${most}, for which a container of ${memoryBytes} bytes has room`);
}

function checkCount(path: string, value: unknown, faults: Faults): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) > 0)) {
    faults.add(path, value, "write a whole number of at least 1");
  }
}

/** Keys of tenants' clients, where the user gives them, and what each tenant's gateway is asked. */
import { readFileSync } from "node:fs";
import type { PlatformSpec } from "../components/spec/index";
import { tenantNamespace } from "../components/spec/names";
import { canonicalName } from "../components/models/names";
import { VerifyArgumentsError } from "./arguments";
import { messageOf } from "./result";
import type { GatewayFacts } from "./traffic/gateway";

/** Keys by tenant and client, as the stack's output `clientKeys` has them. */
export type ClientKeys = Record<string, Record<string, string>>;

/**
 * Reads the file that `pulumi stack output clientKeys --show-secrets --json` writes.
 *
 * @throws VerifyArgumentsError when it is no such file. No value of the file is in the message.
 */
export function readClientKeys(file: string): ClientKeys {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    // The parser's message quotes the text, which may be a key.
    const why = error instanceof SyntaxError ? "it is no JSON" : messageOf(error);
    throw new VerifyArgumentsError(`--client-keys ${file} cannot be read: ${why}`);
  }
  if (
    !isMapping(content) ||
    !Object.values(content).every((keys) => isMapping(keys) && Object.values(keys).every(isKey))
  )
    throw new VerifyArgumentsError(
      `--client-keys ${file} does not hold keys by tenant and client; write it by \`pulumi stack output clientKeys --show-secrets --json\``,
    );
  return content as ClientKeys;
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** `[secret]` stands where the stack's output was written without its secrets. */
const isKey = (value: unknown): boolean => typeof value === "string" && /^[\x21-\x7e]{16,}$/.test(value);

/** What each tenant's gateway is asked; with the keys of its first client that has one, and of another tenant's. */
export function gatewayFacts({ tenants, models = [] }: PlatformSpec, keys: ClientKeys = {}): GatewayFacts[] {
  return tenants.map(({ name: tenant, models: { allow = [], deny = [] } = {}, access }) => {
    const client = (access?.clients ?? []).find(({ name }) => keys[tenant]?.[name] !== undefined);
    const foreign = Object.keys(keys).find((other) => other !== tenant && Object.keys(keys[other] ?? {}).length > 0);
    const denied = new Set(deny.map(canonicalName));
    const allowed = allow.filter((model) => !denied.has(canonicalName(model)));
    const served = new Set(allowed.map(canonicalName));
    return {
      namespace: tenantNamespace(tenant),
      tenant,
      allowedModel: (client?.models ?? allowed)[0],
      deniedModel: models.find(({ name }) => !served.has(canonicalName(name)))?.name ?? "verifier-unknown:latest",
      key: client === undefined ? undefined : keys[tenant]?.[client.name],
      foreignKey: foreign === undefined ? undefined : Object.values(keys[foreign] ?? {})[0],
    };
  });
}

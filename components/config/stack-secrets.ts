import { secretValueName } from "../spec/secrets";
import { isEncrypted } from "./secrets";

/** Namespace of the config keys with the values of tenants' secrets, for example `tenant-secrets:finance.database-password`. */
export const TENANT_SECRETS = "tenant-secrets";

/** Names of the values of tenants' secrets that the stack's config has. The values themselves are nowhere here. */
export interface StackSecrets {
  encrypted: string[];
  /** Written without `--secret`, which is refused. */
  clear: string[];
}

/** Reads the names from the `config` of a stack file. */
export function secretsOfStackFile(file: unknown): StackSecrets {
  const { config = {} } = (file ?? {}) as { config?: Record<string, unknown> };
  return sorted(Object.entries(config ?? {}).map(([key, value]) => [key, isEncrypted(value)]));
}

/**
 * Reads the names from the engine's config.
 *
 * @param keys Every key of the config, with its namespace.
 * @param secretKeys Keys whose values are encrypted in the stack's config.
 */
export function secretsOfEngine(keys: readonly string[], secretKeys: readonly string[]): StackSecrets {
  return sorted(keys.map((key) => [key, secretKeys.includes(key)]));
}

/** Config key of the value that a tenant refers to. */
export function secretKey(tenant: string, reference: string): string {
  return `${TENANT_SECRETS}:${secretValueName(tenant, reference)}`;
}

function sorted(entries: (readonly [key: string, encrypted: boolean])[]): StackSecrets {
  const prefix = `${TENANT_SECRETS}:`;
  const names = (encrypted: boolean) =>
    entries
      .filter(([key, isSecret]) => key.startsWith(prefix) && isSecret === encrypted)
      .map(([key]) => key.slice(prefix.length))
      .sort();
  return { encrypted: names(true), clear: names(false) };
}

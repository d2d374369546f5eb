import * as path from "node:path";
import { assemble } from "./assemble";
import { checkedFile, type PlatformDraft, type StackFile, type TenantFile } from "./documents";
import { ConfigError, type Fault } from "./faults";
import { normalizeStack, normalizeTenant } from "./normalize";
import { withoutSecrets } from "./secrets";
import { secretsOfStackFile, type StackSecrets } from "./stack-secrets";
import type { PlatformSpec } from "./spec";
import { listTenantFiles } from "./tenant-folder";
import { validateAccess } from "./validate-access";
import { validateAutoscaling } from "./validate-autoscaling";
import { validateClients } from "./validate-clients";
import { validateEnvironment } from "./validate-environment";
import { validateImages } from "./validate-images";
import { validateIngress } from "./validate-ingress";
import { validateModels } from "./validate-models";
import { validateNames } from "./validate-names";
import { validateNetwork } from "./validate-network";
import { validatePlacement } from "./validate-placement";
import { validatePlan } from "./validate-plan";
import { validatePools } from "./validate-pools";
import { validateQuantities } from "./validate-quantities";
import { validateSchema } from "./validate-schema";
import { validateSecrets } from "./validate-secrets";
import { validateTls } from "./validate-tls";
import { validateTokens } from "./validate-tokens";
import { readYamlFile, type SourceFile } from "./yaml-file";

/** What an environment is loaded from. */
export interface LoadOptions {
  /** Name of the environment, which is the stack's. */
  environment: string;
  /** Values of the `ollama-platform:` keys, without the prefix, parsed from JSON. */
  config: Record<string, unknown>;
  /** Folder of the project: the one with `Pulumi.yaml`. Tenant files are read from it, nothing is written. */
  root: string;
  /** Keys whose values the engine has decrypted; they are refused and never shown. Default: none. */
  secretKeys?: string[];
  /** Names of the values of tenants' secrets; the values themselves stay with the engine. Default: none. */
  tenantSecrets?: StackSecrets;
}

/**
 * Loads an environment from the engine's configuration and the tenant files.
 *
 * @returns The specification; pools, models and tenants are sorted by name, so that the order of files and entries has
 * no effect.
 * @throws ConfigError that lists every fault of every file.
 */
export function loadPlatformSpec(options: LoadOptions): PlatformSpec {
  const file = `Pulumi.${options.environment}.yaml`;
  const own = Object.entries(options.config).map(([key, value]) => [`ollama-platform:${key}`, value] as const);
  // The engine may have values that the file has not (other files, environments), so the file only tells positions.
  const written = readYamlFile(options.root, file).source;
  const source: SourceFile = {
    file,
    value: { config: Object.fromEntries(own) },
    locate: (way, at) => written?.locate(way, at),
  };
  const { environment, root, secretKeys, tenantSecrets = { encrypted: [], clear: [] } } = options;
  return loadFrom(environment, root, source, tenantSecrets, secretKeys);
}

/**
 * Loads an environment from its stack file without the engine, for tools.
 *
 * @param name Path of `Pulumi.<stack>.yaml`; its folder is the project.
 * @throws ConfigError as `loadPlatformSpec`.
 */
export function loadStackFile(name: string): PlatformSpec {
  const file = path.basename(name);
  const environment = /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1];
  if (environment === undefined) {
    throw new ConfigError([
      {
        file,
        path: "",
        problem: "is not named like a stack file",
        allowed: "`Pulumi.<stack>.yaml`",
        fix: "name the stack's file",
      },
    ]);
  }
  const root = path.dirname(name);
  const { source, faults } = readYamlFile(root, file);
  if (source === undefined) throw new ConfigError(faults);
  return loadFrom(environment, root, source, secretsOfStackFile(source.value));
}

const validators = [
  validateEnvironment,
  validateNames,
  validateModels,
  validatePools,
  validatePlacement,
  validateQuantities,
  validateAutoscaling,
  validateNetwork,
  validateIngress,
  validateAccess,
  validateClients,
  validateTokens,
  validateTls,
  validateSecrets,
  validateImages,
];

function loadFrom(
  environment: string,
  root: string,
  source: SourceFile,
  secrets: StackSecrets,
  secretKeys?: string[],
): PlatformSpec {
  const faults: Fault[] = [];
  const stack = checkStack(source, secretKeys ?? [], faults);
  const folder = stack.draft.config?.["ollama-platform:tenants"] ?? `tenants/${environment}`;
  const draft: PlatformDraft = { environment, stack, secrets, tenants: checkTenants(root, folder, faults) };
  for (const validate of validators) validate(draft);
  if (faults.length > 0) throw new ConfigError(faults);
  const spec = assemble(draft);
  // Only now, because amounts of a faulty environment would lead to faults that are not there.
  validatePlan(spec, draft);
  if (faults.length > 0) throw new ConfigError(faults);
  return spec;
}

function checkStack(file: SourceFile, secretKeys: string[], faults: Fault[]): PlatformDraft["stack"] {
  const { source, broken, faults: secrets } = withoutSecrets(file, secretKeys);
  const result = validateSchema<StackFile>("stack", source, broken);
  faults.push(...secrets, ...result.faults);
  return checkedFile(source, normalizeStack(result.draft), result.broken, faults);
}

function checkTenants(root: string, folder: string, faults: Fault[]): PlatformDraft["tenants"] {
  const listed = listTenantFiles(root, path.posix.normalize(folder).replace(/\/+$/, ""));
  faults.push(...listed.faults);
  return listed.files.flatMap((file) => {
    const { source, faults: unreadable } = readYamlFile(root, file);
    faults.push(...unreadable);
    if (source === undefined) return [];
    const result = validateSchema<TenantFile>("tenant", source);
    faults.push(...result.faults);
    return [checkedFile(source, normalizeTenant(result.draft), result.broken, faults)];
  });
}

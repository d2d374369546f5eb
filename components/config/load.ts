import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { resolveDeclaration } from "../spec/declaration";
import type { Declared } from "../spec/declared";
import type { Draft } from "../spec/draft";
import { DeclarationError, type LocatedFault } from "../spec/fault";
import { collectFaults, locate, type CheckedSource, type Origin } from "../spec/origin";
import type { Path } from "../spec/path";
import { assemble, complete } from "./assemble";
import type { StackFile, TenantFile } from "./documents";
import { digestOfFile, type KnownFiles, knownValue } from "./known-files";
import { normalizeStack, normalizeTenant } from "./normalize";
import { withoutSecrets } from "./secrets";
import type { PlatformSpec } from "../spec/index";
import { readEngineConfig, readStackFile } from "./stack-file";
import { secretsOfStackFile, TENANT_SECRETS, type StackSecrets } from "./stack-secrets";
import { listTenantFiles } from "./tenant-folder";
import { checkTenantStacks, type TenantStacksSpec } from "./tenant-stacks";
import { faultOfTenantName } from "./tenant-names";
import { type SchemaResult, validateSchema } from "./validate-schema";
import { readBytes, readYaml, type ReadResult, type SourceFile, type Unread } from "./yaml-file";

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
 * @throws DeclarationError that lists every fault of every file.
 */
export function loadPlatformSpec(options: LoadOptions): PlatformSpec {
  return loadEnvironment(options).spec;
}

/** What is loaded of an environment. */
export interface LoadedEnvironment {
  spec: PlatformSpec;
  /** How its tenants are spread over stacks; absent when one stack holds everything. */
  tenantStacks?: TenantStacksSpec;
  /** Its tenant files: none of them has a fault. */
  files: KnownFiles;
}

/**
 * Loads an environment as `loadPlatformSpec`, with how it is spread over stacks.
 *
 * @throws DeclarationError that lists every fault of every file.
 */
export function loadEnvironment(options: LoadOptions): LoadedEnvironment {
  const file = `Pulumi.${options.environment}.yaml`;
  const { environment, root, secretKeys, tenantSecrets = { encrypted: [], clear: [] } } = options;
  return loadFrom(environment, root, readEngineConfig(root, file, options.config), tenantSecrets, secretKeys);
}

/**
 * Loads an environment from its stack file without the engine, for tools.
 *
 * @param name Path of `Pulumi.<stack>.yaml`; its folder is the project.
 * @throws DeclarationError as `loadPlatformSpec`.
 */
export function loadStackFile(name: string): PlatformSpec {
  return loadStackEnvironment(name).spec;
}

/**
 * Loads an environment as `loadStackFile`, with how it is spread over stacks.
 *
 * @throws DeclarationError as `loadPlatformSpec`.
 */
export function loadStackEnvironment(name: string): LoadedEnvironment {
  const file = path.basename(name);
  const environment = /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1];
  if (environment === undefined) {
    throw new DeclarationError([
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
  const { source, faults } = readStackFile(root, file);
  if (source === undefined) {
    const all = [...faults];
    // Which folder the file names is not known; the usual one is told about too, so that all files are mended at once.
    if (existsSync(path.join(root, usualFolder(environment)))) checkTenants(root, usualFolder(environment), all);
    throw new DeclarationError(all);
  }
  return loadFrom(environment, root, { source, faults }, secretsOfStackFile(source.value));
}

/** Folder of the tenant files of an environment whose configuration names none. */
const usualFolder = (environment: string) => `tenants/${environment}`;

/** A file whose shape was checked. */
interface CheckedFile<T> {
  source: CheckedSource;
  /** Its content without the parts of a wrong type. */
  draft: Draft<T>;
}

function loadFrom(
  environment: string,
  root: string,
  read: Required<ReadResult>,
  secrets: StackSecrets,
  secretKeys?: string[],
): LoadedEnvironment {
  const known = [...read.faults];
  const stack = checkStack(read.source, secretKeys ?? [], known);
  const folder = stack.draft.config?.["ollama-platform:tenants"] ?? usualFolder(environment);
  const tenants = checkTenants(root, folder, known);
  const declared: Declared = {
    spec: assemble(
      environment,
      stack.draft,
      tenants.map((file) => file?.draft),
    ),
    isWhole: true,
    secrets: { ...secrets, advice: (name) => `set it with \`pulumi config set --secret ${TENANT_SECRETS}:${name}\`` },
  };
  const faults = collectFaults(originOf(stack, tenants), known);
  const tenantStacks = stack.draft.config?.["ollama-platform:tenantStacks"];
  const names = tenants.map((file) => file?.draft.metadata?.name);
  checkTenantStacks(environment, tenantStacks, names, faults.report);
  resolveDeclaration(declared, faults);
  return {
    spec: withPolicySettings(complete(declared.spec), root),
    // Without a fault nothing is missing from it.
    ...(tenantStacks && { tenantStacks: tenantStacks as TenantStacksSpec }),
    files: Object.fromEntries(tenants.flatMap((file) => (file === undefined ? [] : [[file.digest, file.value]]))),
  };
}

/** Tells the monitor what the policy pack is told; where the file is missing or is none, the pack's own run says so. */
function withPolicySettings(spec: PlatformSpec, root: string): PlatformSpec {
  const { monitor } = spec.cluster ?? {};
  const file = path.join(root, "policy-pack", "config", `${spec.environment}.json`);
  if (monitor === undefined || monitor.policySettings !== undefined || !existsSync(file)) return spec;
  const policySettings = readFileSync(file, "utf8");
  return { ...spec, cluster: { ...spec.cluster, monitor: { ...monitor, policySettings } } };
}

function checkStack(file: SourceFile, secretKeys: string[], faults: LocatedFault[]): CheckedFile<StackFile> {
  const { source, broken, faults: secrets } = withoutSecrets(file, secretKeys);
  const result = validateSchema<StackFile>("stack", source, broken);
  faults.push(...secrets, ...result.faults);
  return { source: { ...source, broken: result.broken }, draft: normalizeStack(result.draft) };
}

/** A tenant file whose shape was checked. */
interface CheckedTenant extends CheckedFile<TenantFile> {
  /** See `digestOfFile`. */
  digest: string;
  /** The file's value. */
  value: unknown;
}

/** The tenant files of a folder, in the order of their names; undefined for one that cannot be read. */
function checkTenants(root: string, folder: string, faults: LocatedFault[]): (CheckedTenant | undefined)[] {
  const listed = listTenantFiles(root, path.posix.normalize(folder).replace(/\/+$/, ""));
  faults.push(...listed.faults);
  const tenants = listed.files.map((file) => {
    const bytes = readBytes(path.join(root, file));
    const digest = Buffer.isBuffer(bytes) ? digestOfFile(bytes) : "";
    const value = knownValue(digest);
    const checked = value === undefined ? checkTenant(file, bytes) : knownTenant(file, bytes, value);
    faults.push(...checked.faults);
    if (checked.source === undefined) return undefined;
    const { source, draft, broken, faults: found } = checked;
    const misnamed = faultOfTenantName(file, draft.metadata?.name, listed.files);
    const isKnown = misnamed === undefined || found.some((fault) => fault.path === "metadata.name");
    if (!isKnown) faults.push(locate(source, misnamed));
    return {
      source: { ...source, broken: misnamed === undefined ? broken : [...broken, misnamed.path] },
      draft: normalizeTenant(draft),
      value: source.value,
      digest,
    };
  });
  // What was refused may have been a tenant.
  return listed.faults.length === 0 ? tenants : [...tenants, undefined];
}

/** A tenant file as it was found. */
interface FoundTenant extends SchemaResult<TenantFile> {
  source: Pick<SourceFile, "file" | "value" | "locate">;
}

/** Reads what was read of a tenant file, and checks its shape. */
function checkTenant(file: string, bytes: Buffer | Unread): FoundTenant | (ReadResult & { source?: undefined }) {
  const { source, faults } = readYaml(file, bytes);
  if (source === undefined) return { faults };
  const result = validateSchema<TenantFile>("tenant", source);
  return { ...result, source, faults: [...faults, ...result.faults] };
}

/** A tenant file that by itself has no fault. It is looked into when another one says that they do not fit together. */
function knownTenant(file: string, bytes: Buffer | Unread, value: unknown): FoundTenant {
  const locate: SourceFile["locate"] = (way, at) => readYaml(file, bytes).source?.locate(way, at);
  return { source: { file, value, locate }, draft: value as Draft<TenantFile>, broken: [], faults: [] };
}

/** Finds values of a declaration in the files that it was assembled from. */
function originOf(stack: CheckedFile<StackFile>, tenants: (CheckedFile<TenantFile> | undefined)[]): Origin {
  return {
    find: ([key, index, ...rest]) => {
      const tenant = key === "tenants" ? tenants[Number(index)] : undefined;
      if (tenant !== undefined) return { source: tenant.source, path: pathInTenantFile(rest) };
      return { source: stack.source, path: pathInStackFile(key, index === undefined ? [] : [index, ...rest]) };
    },
  };
}

function pathInTenantFile([key, ...rest]: Path): Path {
  if (key === undefined) return [];
  return key === "name" ? ["metadata", "name", ...rest] : ["spec", key, ...rest];
}

/** The name of the environment is that of the file, and of the whole declaration its message says more than a key. */
function pathInStackFile(key: string | number | undefined, rest: Path): Path {
  return key === undefined || key === "environment" ? [] : ["config", `ollama-platform:${key}`, ...rest];
}

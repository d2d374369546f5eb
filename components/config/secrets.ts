import type { Fault, LocatedFault } from "../spec/fault";
import { locate } from "../spec/origin";
import { formatPath, type Path } from "../spec/path";
import { withoutValue } from "./without-value";
import type { SourceFile } from "./yaml-file";

/** A stack file without the program's own values that are secrets. */
export interface WithoutSecrets {
  source: SourceFile;
  /** Ways to the values that were taken out. */
  broken: Path[];
  faults: LocatedFault[];
}

/**
 * Takes the encrypted values of the program's own keys out, however deep they are, and reports each: the platform's
 * configuration holds no secrets, and a secret in it would reach component inputs, outputs and messages in plain text.
 *
 * @param secretKeys Keys without prefix that the engine has decrypted.
 */
export function withoutSecrets(source: SourceFile, secretKeys: readonly string[]): WithoutSecrets {
  const config = configOf(source.value);
  const isSecret = (key: string, value: unknown) =>
    encryptedWithin(value, []).length > 0 || secretKeys.some((name) => key === `ollama-platform:${name}`);
  const written = configOf(source.fileValue ?? source.value);
  const keys = Object.keys(config).filter((key) => key.startsWith("ollama-platform:") && isSecret(key, config[key]));
  const found = keys.flatMap((key) => secretsWithin(written[key], ["config", key]));
  // The engine's values are decrypted, and where the secret is in them only the file can tell: all of the key goes.
  const broken = source.fileValue === undefined && secretKeys.length === 0 ? found : keys.map((key) => ["config", key]);
  const value = broken.reduce((rest, path) => withoutValue(rest, path), structuredClone(source.value));
  return { source: { ...source, value }, broken, faults: found.map((path) => locate(source, secretAt(path))) };
}

/** Paths to the encrypted values in a value; the path to the whole when the file does not show which are. */
function secretsWithin(value: unknown, path: Path): Path[] {
  const found = encryptedWithin(value, path);
  return found.length === 0 ? [path] : found;
}

function encryptedWithin(value: unknown, path: Path): Path[] {
  if (isEncrypted(value)) return [path];
  if (Array.isArray(value)) return value.flatMap((item, index) => encryptedWithin(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => encryptedWithin(item, [...path, key]));
}

function secretAt(path: Path): Fault {
  const key = formatPath(path.slice(1));
  const remove = path.length === 2 ? `pulumi config rm ${key}` : `pulumi config rm --path '${key}'`;
  return {
    path,
    problem: "is a secret, but the platform's configuration holds none",
    allowed:
      "a value in plain text; keys and passwords of a tenant's programs belong under `tenant-secrets:<tenant>.<name>`, where " +
      "the `spec.secrets` of its file refers to them; clients' keys are made by the platform",
    fix: `remove it with \`${remove}\`, and write it without --secret if it is no secret`,
    at: "key",
  };
}

function configOf(value: unknown): Record<string, unknown> {
  const config = typeof value === "object" && value !== null && "config" in value ? value.config : undefined;
  return typeof config === "object" && config !== null && !Array.isArray(config)
    ? (config as Record<string, unknown>)
    : {};
}

/** The form that the engine writes encrypted values in. */
export function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}

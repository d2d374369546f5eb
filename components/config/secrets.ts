import type { LocatedFault as Fault } from "../spec/fault";
import { locate as faultOf } from "../spec/origin";
import { formatPath, type Path } from "../spec/path";
import type { SourceFile } from "./yaml-file";

/** A stack file without the program's own values that are secrets. */
export interface WithoutSecrets {
  source: SourceFile;
  /** Ways to the values that were taken out. */
  broken: Path[];
  faults: Fault[];
}

/**
 * Takes encrypted values of the program's own keys out and reports them: the platform's configuration holds no secrets,
 * and a secret in it would reach component inputs, outputs and messages in clear.
 *
 * @param secretKeys Keys without prefix that the engine has decrypted.
 */
export function withoutSecrets(source: SourceFile, secretKeys: readonly string[]): WithoutSecrets {
  const config = configOf(source.value);
  const isSecret = (key: string, value: unknown) =>
    isEncrypted(value) || secretKeys.some((name) => key === `ollama-platform:${name}`);
  const secrets = Object.entries(config).filter(
    ([key, value]) => key.startsWith("ollama-platform:") && isSecret(key, value),
  );
  if (secrets.length === 0) return { source, broken: [], faults: [] };
  const broken = secrets.map(([key]) => ["config", key]);
  const rest = Object.fromEntries(Object.entries(config).filter((entry) => !secrets.some(([key]) => key === entry[0])));
  return {
    source: { ...source, value: { ...(source.value as object), config: rest } },
    broken,
    faults: broken.map((path) =>
      faultOf(source, {
        path,
        problem: "is a secret, but the platform's configuration holds none",
        allowed: "a value in clear",
        fix: `remove it with \`pulumi config rm ${formatPath(path.slice(1))}\`, and write it without --secret`,
        at: "key",
      }),
    ),
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

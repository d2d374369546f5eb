import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";

/** Property values of a resource as the engine sends them. */
export type Properties = Record<string, unknown>;

/** Marks a value as secret for the engine, which encrypts it in the state and never shows it. */
export const secret = (value: unknown): unknown => ({ [specialSigKey]: specialSecretSig, value });

/** The value without the marks of secrets, at any depth. */
export function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (value === null || typeof value !== "object") return value;
  const object = value as Properties;
  if (object[specialSigKey] === specialSecretSig) return unwrap(object.value);
  return Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, unwrap(inner)]));
}

/** Whether a value, or a part of it, is not known before other resources exist (during a preview). */
export function isUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  return value !== null && typeof value === "object" && Object.values(value).some(isUnknown);
}

/** One shape for objects from every source. */
import { record } from "./json";
import { type KubernetesObject, type ObjectMeta, REDACTED, UNKNOWN } from "./kubernetes";

/**
 * The object without nulls (which the API server treats as absent), with a `metadata` that always has a name, and
 * without the values of Secrets, which no rule needs and no message may show. Throws nothing: missing parts are empty.
 */
export function normalize(input: Record<string, unknown>): KubernetesObject {
  const object = withoutNulls(input) as Record<string, unknown>;
  // An object whose metadata is unknown may come to lie in any namespace.
  const metadata: Record<string, unknown> =
    object.metadata === UNKNOWN ? { namespace: UNKNOWN } : record(object.metadata);
  const name = typeof metadata.name === "string" ? metadata.name : "";
  const normal: KubernetesObject = {
    ...object,
    apiVersion: typeof object.apiVersion === "string" ? object.apiVersion : "",
    kind: typeof object.kind === "string" ? object.kind : "",
    metadata: { ...metadata, name } as ObjectMeta,
  };
  if (normal.kind === "Secret" && normal.apiVersion === "v1") redactSecret(normal);
  return normal;
}

function redactSecret(secret: KubernetesObject): void {
  for (const field of ["data", "stringData"]) {
    if (secret[field] === undefined) continue;
    secret[field] = Object.fromEntries(Object.keys(record(secret[field])).map((key) => [key, REDACTED]));
  }
  const annotations = { ...secret.metadata.annotations };
  const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";
  if (Object.hasOwn(annotations, lastApplied)) annotations[lastApplied] = REDACTED;
  if (secret.metadata.annotations !== undefined) secret.metadata = { ...secret.metadata, annotations };
}

/** The value without nulls; the value itself where it has none, since most have none and copying takes long. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(withoutNulls);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const object = value as Record<string, unknown>;
  const keys = Object.keys(object);
  const children = keys.map((key) => withoutNulls(object[key]));
  if (keys.every((key, index) => isThere(children[index]) && children[index] === object[key])) return value;
  const entries = keys.map((key, index) => [key, children[index]] as const).filter(([, child]) => isThere(child));
  return Object.fromEntries(entries);
}

const isThere = (value: unknown): boolean => value !== null && value !== undefined;

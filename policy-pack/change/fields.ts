import { show } from "../model/fault";
import { record } from "../model/json";
/** Differences between two versions of an object. */

/** A field that differs. */
export interface FieldChange {
  /** Path in the object, for example `spec.hard["requests.cpu"]`. */
  path: string;
  /** Value before, as short JSON text; undefined where there was none. */
  before?: string;
  /** Value after, as short JSON text; undefined where there is none. */
  after?: string;
}

/** Every field that differs, as deep as both sides have the same form. Secrets' values are not in models. */
export function changedFields(before: unknown, after: unknown, path = ""): FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }).flatMap((_, index) =>
      changedFields(before[index], after[index], `${path}[${index}]`),
    );
  }
  if (isObject(before) && isObject(after)) {
    const old = record(before);
    const now = record(after);
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key) =>
      changedFields(old[key], now[key], step(path, key)),
    );
  }
  return [{ path, before: shown(before), after: shown(after) }];
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function step(path: string, key: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(key)) return `${path}["${key}"]`;
  return path === "" ? key : `${path}.${key}`;
}

function shown(value: unknown): string | undefined {
  return value === undefined ? undefined : show(value);
}

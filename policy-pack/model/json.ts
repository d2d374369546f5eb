/** Reading of values that nothing has validated: what has the wrong form is empty, so that reading on never throws. */

/** The value as a JSON object; an empty one for anything else. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The value as a list; empty for anything that is none, such as an unknown value. */
export function list<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value : [];
}

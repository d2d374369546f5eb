/** Values as CEL literals (the expression language of admission policies). */

/** A text in quotes. JSON's escapes are CEL's. */
export function celText(text: string): string {
  return JSON.stringify(text);
}

/** A list of texts. */
export function celList(texts: readonly string[]): string {
  return `[${texts.map(celText).join(", ")}]`;
}

/** A map from texts to values that are CEL already. */
export function celMap(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([key, value]) => `${celText(key)}: ${value}`).join(", ")}}`;
}

/** Joins conditions all of which have to hold. */
export function all(...conditions: readonly string[]): string {
  return conditions.map((condition) => `(${condition})`).join(" && ");
}

/** Joins conditions one of which has to hold. */
export function any(...conditions: readonly string[]): string {
  return conditions.map((condition) => `(${condition})`).join(" || ");
}

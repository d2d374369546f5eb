/** Copies of JSON values that share their long texts: a hundred tenants have the same gateway's program a hundred times. */

/** Shorter texts are not worth looking up. */
const LONG = 200;

/** Copies values. Equal long texts of all values that one such function has copied are kept once. */
export function sharing(): <T>(value: T) => T {
  const known = new Map<string, string>();
  const share = (value: unknown): unknown => {
    if (typeof value === "string") return value.length < LONG ? value : sharedText(known, value);
    if (Array.isArray(value)) return value.map(share);
    if (typeof value !== "object" || value === null) return value;
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(fields.map(([name, field]) => [name, share(field)]));
  };
  return <T>(value: T) => share(value) as T;
}

function sharedText(known: Map<string, string>, text: string): string {
  const found = known.get(text);
  if (found !== undefined) return found;
  known.set(text, text);
  return text;
}

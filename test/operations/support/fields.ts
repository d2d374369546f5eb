import type { ApiObject } from "../../../verifier/drift/api";

/** Keys and places in lists that lead to a field. */
export type Place = (string | number)[];

/** What a field cannot have instead: it names the object. */
const fixed = /^(apiVersion|kind|metadata\.(name|namespace))$/;

/**
 * Places of all fields that hold no other fields, each field of each kind of object once: an element of a list stands for the others, and an
 * object for those that have the same fields.
 */
export function distinctFields(objects: readonly ApiObject[]): Map<ApiObject, Place[]> {
  const seen = new Set<string>();
  const places = objects.map((object): [ApiObject, Place[]] => [
    object,
    leaves(object, []).filter((place) => {
      const field = place.map((key) => (typeof key === "number" ? "*" : key)).join(".");
      const known = `${object.apiVersion} ${object.kind} ${field}`;
      if (seen.has(known) || fixed.test(field)) return false;
      seen.add(known);
      return true;
    }),
  ]);
  return new Map(places.filter(([, own]) => own.length > 0));
}

function leaves(value: unknown, place: Place): Place[] {
  if (typeof value !== "object" || value === null) return [place];
  const entries = Array.isArray(value)
    ? value.map((each, index): [number, unknown] => [index, each])
    : Object.entries(value);
  // An empty list or mapping says something too.
  return entries.length === 0 ? [place] : entries.flatMap(([key, each]) => leaves(each, [...place, key]));
}

type Holder = Record<string | number, unknown>;

const inside = (value: unknown, key: string | number): unknown => (value as Holder | undefined | null)?.[key];

/** Value at a place; undefined where there is none. */
export const valueAt = (object: unknown, place: Place): unknown => place.reduce(inside, object);

/** What someone might put there instead, the likeliest to be accepted first; `undefined` takes it away. */
export function alternatives(value: unknown): unknown[] {
  if (typeof value === "number") return [value + 1, value - 1, undefined];
  if (typeof value === "boolean") return [!value, undefined];
  if (typeof value === "string")
    return [raised(value), `${value}x`, Buffer.from("other").toString("base64"), undefined];
  if (Array.isArray(value)) return [["other"], undefined];
  return [{ other: "x" }, undefined];
}

/** The text with its first number raised: an amount, a port, an address, a duration stay what they are. */
const raised = (text: string): string => text.replace(/\d+/, (digits) => String(Number(digits) + 1));

/** Puts a value at a place, or takes the field away; false when the object has no such place, or has the value already. */
export function setAt(object: ApiObject, place: Place, value: unknown): boolean {
  const last = place[place.length - 1];
  const holder = valueAt(object, place.slice(0, -1));
  if (last === undefined || typeof holder !== "object" || holder === null) return false;
  if ((holder as Holder)[last] === value) return false;
  if (value !== undefined) (holder as Holder)[last] = value;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete (holder as Holder)[last];
  return true;
}

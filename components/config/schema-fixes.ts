import type { Schema } from "./schemas";
import { labelOf, listNames, quantityOf } from "../spec/suggest";

/** Keys of amounts of bytes, which are next to nothing without a unit. */
const bytesKey = /memory$|storage$|^size$/i;

/** Keys of amounts of CPU, which have no unit of bytes. */
const cpuKey = /cpu$/i;

/** Whether what a schema allows at a key is an amount of bytes. */
function isBytes(schema: Schema, key: string): boolean {
  return isQuantity(schema) && bytesKey.test(key);
}

/** Quantities of Kubernetes are the only values that may be numbers and texts. */
function isQuantity(schema: Schema): boolean {
  return typesOf(schema).includes("number") && typesOf(schema).includes("string");
}

/** What a schema allows at a key, in words. */
export function describeAllowed(schema: Schema, key: string): string | undefined {
  if (isBytes(schema, key)) {
    return `an amount of bytes with its unit, for example \`16Gi\`${isAllowedText(schema, "auto") ? ", or `auto`" : ""}`;
  }
  if (isQuantity(schema) && cpuKey.test(key)) {
    return `an amount of CPU in cores, for example \`500m\` or \`4\`${isAllowedText(schema, "auto") ? ", or `auto`" : ""}`;
  }
  if (schema.patternErrorMessage !== undefined) return schema.patternErrorMessage;
  if (choices(schema).length > 0) return listNames(choices(schema));
  const types = typesOf(schema);
  if (types.includes("integer") || types.includes("number")) return describeNumber(schema, types);
  return types.length === 0 ? undefined : types.map((type) => typeNames[type] ?? type).join(" or ");
}

function describeNumber(schema: Schema, types: string[]): string {
  const bounds = [
    schema.minimum === undefined ? "" : ` from ${schema.minimum}`,
    schema.exclusiveMinimum === undefined ? "" : ` above ${schema.exclusiveMinimum}`,
    schema.maximum === undefined ? "" : ` up to ${schema.maximum}`,
  ];
  return (types.includes("integer") ? "a whole number" : "a number") + bounds.join("");
}

const typeNames: Record<string, string> = {
  string: "a text",
  boolean: "`true` or `false`",
  array: "a list",
  object: "a mapping",
};

/** The values that a schema allows, where it lists them. */
export function choices(schema: Schema): string[] {
  return schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
}

/** Types that a schema allows; none when it does not say. */
export function typesOf(schema: Schema): string[] {
  return [schema.type ?? []].flat();
}

/** Whether a text is one that a schema allows. */
export function isAllowedText(schema: Schema, text: string): boolean {
  const types = typesOf(schema);
  return (
    (types.length === 0 || types.includes("string")) &&
    (choices(schema).length === 0 || choices(schema).includes(text)) &&
    (schema.pattern === undefined || new RegExp(schema.pattern, "u").test(text)) &&
    (schema.maxLength === undefined || text.length <= schema.maxLength) &&
    (schema.minLength === undefined || text.length >= schema.minLength)
  );
}

function isAllowedNumber(schema: Schema, number: number): boolean {
  const types = typesOf(schema);
  return (
    (types.length === 0 || types.includes("number") || (types.includes("integer") && Number.isInteger(number))) &&
    number >= (schema.minimum ?? -Infinity) &&
    number > (schema.exclusiveMinimum ?? -Infinity) &&
    number <= (schema.maximum ?? Infinity)
  );
}

const truths: Record<string, boolean> = {
  true: true,
  yes: true,
  on: true,
  y: true,
  false: false,
  no: false,
  off: false,
  n: false,
};

/**
 * What to do with a value of a wrong type.
 *
 * @param written The value as it is written in the file.
 */
export function fixOfType(schema: Schema, value: unknown, written: string): string {
  const types = typesOf(schema);
  if (value === null) return `give a value${exampleOf(schema)}, or remove the key`;
  if (types.includes("string") && typeof value !== "object" && isAllowedText(schema, written)) {
    return "put the value in quotes";
  }
  if (typeof value === "string" && /^[0-9.]+$/.test(value) && isAllowedNumber(schema, Number(value))) {
    return "write the number without quotes";
  }
  if (types.includes("boolean")) return fixOfTruth(value);
  if (types.includes("array") && typeof value === "string") return "write a list, each item after `- `";
  return `change it to what is allowed${exampleOf(schema)}`;
}

function fixOfTruth(value: unknown): string {
  const truth = typeof value === "string" ? truths[value.toLowerCase()] : undefined;
  return truth === undefined ? "write `true` or `false` without quotes" : `write \`${truth}\` without quotes`;
}

/** What to do with a text that does not have the form that a schema wants. */
export function fixOfPattern(schema: Schema, value: string): string {
  const isMeant = (text: string | undefined): text is string =>
    text !== undefined && text !== "" && !/^[0.]+\D*$/.test(text) && isAllowedText(schema, text);
  const candidate = [quantityOf(value), value.trim(), labelOf(value)].find(isMeant);
  return candidate === undefined
    ? `bring it into the form that is allowed${exampleOf(schema)}`
    : `did you mean \`${candidate}\`?`;
}

/**
 * Which ways to write a value that readers take for a number or for a text are allowed at a key.
 *
 * @param number The number that may be meant; undefined when there is none.
 */
export function acceptedReadings(
  schema: Schema,
  key: string,
  number: number | undefined,
  text: string,
): ("number" | "text")[] {
  // Bytes without a unit are next to nothing, and what is no number is no quantity in quotes either.
  if (isBytes(schema, key) || (isQuantity(schema) && number === undefined)) return [];
  const accepted: ("number" | "text")[] = [];
  if (number !== undefined && isAllowedNumber(schema, number)) accepted.push("number");
  if (isAllowedText(schema, text)) accepted.push("text");
  return accepted;
}

/** What to do with a number below the least that a schema allows. */
export function fixOfMinimum(schema: Schema, keyword: string, limit: string): string {
  // Where a quantity is wanted, none at all is refused as well.
  if (typesOf(schema).includes("string")) return "write the amount that is needed, without `-`";
  return `write ${keyword === "minimum" ? `${limit} or more` : `more than ${limit}`}`;
}

/** The example of a schema, to be put behind a sentence; empty when there is none. */
export function exampleOf(schema: Schema | undefined): string {
  const [example] = schema?.examples ?? [];
  return example === undefined
    ? ""
    : `, for example \`${typeof example === "string" ? example : JSON.stringify(example)}\``;
}

import type { ErrorObject } from "ajv/dist/2020";
import type { Fault } from "../spec/fault";
import type { Path } from "../spec/path";
import {
  choices,
  describeAllowed,
  exampleOf,
  fixOfMinimum,
  fixOfPattern,
  fixOfType,
  isAllowedText,
} from "./schema-fixes";
import type { Schema } from "./schemas";
import { isSecret } from "../spec/show-value";
import { listNames, useKnown } from "../spec/suggest";
import { foreignCharacter, mendCharacters, oddCharacter } from "./yaml-characters";
import type { SourceFile, WrittenText } from "./yaml-file";

/** A fault that a schema finds, and for an unknown key the known ones that are not there. */
export interface SchemaFinding extends Fault {
  absent?: string[];
}

/** An error of the validator, taken apart. */
interface SchemaError {
  path: Path;
  value: unknown;
  schema: Schema;
  /** What the keyword says of the value, for example the limit that it exceeds. */
  params: Record<string, string | number>;
  /** What the schema allows, in words. */
  allowed: string | undefined;
  keyword: string;
  /** The value as it is written in the file. */
  written: string;
}

/** The fault that an error of the validator stands for. */
export function findingOf(error: ErrorObject, path: Path, source: SourceFile): SchemaFinding {
  const schema = (error.parentSchema ?? {}) as Schema;
  const finding = finders[error.keyword]?.({
    path,
    value: error.data,
    schema,
    params: error.params as Record<string, string | number>,
    allowed: describeAllowed(schema, String(path.at(-1) ?? "")),
    keyword: error.keyword,
    written: source.written?.(path, "value")?.text ?? String(error.data),
  });
  if (finding === undefined) {
    return { path, value: error.data, problem: error.message ?? "is not allowed", fix: "correct it" };
  }
  return namingCharacter(finding, error.keyword, schema, source);
}

const finders: Record<string, (error: SchemaError) => SchemaFinding> = {
  additionalProperties: unknownKey,
  required: missingKey,
  propertyNames: illegalKey,
  type: wrongType,
  enum: unknownChoice,
  const: unknownChoice,
  pattern: wrongForm,
  maxLength: tooLong,
  uniqueItems: repeated,
  minItems: empty,
  minLength: empty,
  minProperties: empty,
  minimum: tooSmall,
  exclusiveMinimum: tooSmall,
  maximum: tooLarge,
};

function unknownKey({ path, value, schema, params }: SchemaError): SchemaFinding {
  const key = String(params["additionalProperty"]);
  const known = Object.keys(schema.properties ?? {});
  return {
    path: [...path, key],
    absent: known.filter((name) => !Object.hasOwn(value as object, name)),
    problem: "is not a known key",
    allowed: listNames(known),
    fix: useKnown(key, known, "remove it"),
    at: "key",
  };
}

function missingKey({ path, schema, params }: SchemaError): SchemaFinding {
  const key = String(params["missingProperty"]);
  return {
    path: [...path, key],
    problem: "is missing",
    allowed: schema.properties?.[key]?.description,
    fix: `add \`${key}\`${exampleOf(schema.properties?.[key])}`,
  };
}

function illegalKey({ path, params }: SchemaError): SchemaFinding {
  return {
    path: [...path, String(params["propertyName"])],
    problem: "is not a legal key here",
    allowed: "a Kubernetes label key, for example `app.kubernetes.io/name`",
    fix: "correct the key",
    at: "key",
  };
}

function wrongType({ path, value, schema, allowed, written }: SchemaError): SchemaFinding {
  return { path, value, problem: `is ${kindOf(value)}`, allowed, fix: fixOfType(schema, value, written) };
}

function unknownChoice({ path, value, schema, allowed }: SchemaError): SchemaFinding {
  const problem = "is not one of the values that are known";
  return { path, value, problem, allowed, fix: useKnown(String(value), choices(schema), "use one of them") };
}

function wrongForm({ path, value, schema, allowed }: SchemaError): SchemaFinding {
  const fix = isSecret(value, path) ? "correct it" : fixOfPattern(schema, String(value));
  return { path, value, problem: "does not have the form that is needed", allowed, fix };
}

function tooLong({ path, value, params }: SchemaError): SchemaFinding {
  const problem = `has ${String(value).length} characters`;
  return { path, value, problem, allowed: `at most ${params["limit"]} characters`, fix: "shorten it" };
}

function repeated({ path, value, params }: SchemaError): SchemaFinding {
  const index = Math.max(Number(params["i"]), Number(params["j"]));
  const item = (value as unknown[])[index];
  return { path: [...path, index], value: item, problem: "is there twice", fix: "remove one of the two" };
}

function empty({ path, schema }: SchemaError): SchemaFinding {
  return { path, problem: "is empty", allowed: "at least one", fix: `give one${exampleOf(schema)}` };
}

function tooSmall({ path, value, schema, params, allowed, keyword }: SchemaError): SchemaFinding {
  return { path, value, problem: "is too small", allowed, fix: fixOfMinimum(schema, keyword, String(params["limit"])) };
}

function tooLarge({ path, value, params, allowed }: SchemaError): SchemaFinding {
  return { path, value, problem: "is too large", allowed, fix: `write ${params["limit"]} or less` };
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  return (
    { string: "a text", number: "a number", boolean: "a truth value", object: "a mapping" }[typeof value as string] ??
    typeof value
  );
}

/** Keywords that a character can break which people do not see, or take for another one. */
const characterKeywords = ["additionalProperties", "propertyNames", "type", "enum", "const", "pattern"];

/** The finding, which names the character that it is due to, when there is one. */
function namingCharacter(finding: SchemaFinding, keyword: string, schema: Schema, source: SourceFile): SchemaFinding {
  const text = finding.at === "key" ? finding.path.at(-1) : finding.value;
  if (typeof text !== "string" || !characterKeywords.includes(keyword)) return finding;
  const isKeyOrType = finding.at === "key" || keyword === "type";
  const isMended = (mended: string) => isKeyOrType || isAllowedText(schema, mended);
  const mended = mendCharacters(text);
  const find =
    isMended(mended) || isMended(mended.replaceAll(" ", ""))
      ? oddCharacter
      : isMended(text.replace(/[^\0-\x7f]/gu, "a"))
        ? foreignCharacter
        : () => undefined;
  const written = source.written?.(finding.path, finding.at ?? "value");
  const odd = (written && find(written.text)) ?? find(text);
  if (odd === undefined) return finding;
  const place = written && find(written.text) ? placeOf(written, odd.index) : `at character ${odd.index + 1}`;
  return { ...finding, problem: `${finding.problem}; it has ${odd.name} ${place}`, fix: odd.fix };
}

function placeOf(written: WrittenText, index: number): string {
  const { line, column } = written.positionOf(index);
  return `at line ${line}, column ${column}`;
}

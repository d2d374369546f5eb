import type { ErrorObject } from "ajv/dist/2020";
import type { Draft } from "../spec/draft";
import type { Fault as Finding, LocatedFault as Fault } from "../spec/fault";
import { locate as faultOf } from "../spec/origin";
import { formatPath, leadsTo, pathOfPointer, type Path } from "../spec/path";
import type { ArgumentsKind } from "../spec/arguments";
import { validatorOf, type FileKind, type Schema } from "./schemas";
import { isSecret } from "../spec/show-value";
import { closest, labelOf, listNames, quantityOf, useKnown } from "../spec/suggest";
import type { SourceFile } from "./yaml-file";

/** Outcome of checking a file against its schema. */
export interface SchemaResult<T> {
  /** Content without unknown keys, and without values of a wrong type or of no known choice. */
  draft: Draft<T>;
  /** Ways to the values that are at fault or missing. */
  broken: Path[];
  faults: Fault[];
}

/**
 * Checks a file, or a component's arguments in place of one, against the JSON Schema of its kind.
 *
 * @param known Ways to values that are already reported.
 */
export function validateSchema<T>(
  kind: FileKind | ArgumentsKind,
  source: SourceFile,
  known: readonly Path[] = [],
): SchemaResult<T> {
  const validate = validatorOf(kind);
  const draft = structuredClone(source.value);
  if (validate(source.value)) return { draft: draft as Draft<T>, broken: [...known], faults: [] };
  const errors = (validate.errors ?? []).filter(isPlain);
  const findings = errors.map((error) => ({
    error,
    finding: findingOf(error, pathOfPointer(error.instancePath, source.value)),
  }));
  const pruned = findings
    .filter(({ error }) => ["type", "additionalProperties", "enum"].includes(error.keyword))
    .reduce<unknown>((value, { finding }) => without(value, finding.path), draft);
  return {
    draft: (pruned ?? {}) as Draft<T>,
    broken: [...known, ...findings.flatMap(({ finding }) => [finding.path, ...meantPaths(finding)])],
    faults: firstOfEachPlace(findings.map(({ finding }) => finding))
      .filter(({ path }) => !known.some((outer) => leadsTo(outer, path)))
      .map((finding) => faultOf(source, finding)),
  };
}

/** A wrong key of a mapping is reported twice: by what is wrong with it, and then as a key. The second has its name in the right place. */
function isPlain(error: ErrorObject): boolean {
  return error.propertyName === undefined || error.keyword === "propertyNames";
}

/** The key that a misspelt key was meant to be: what it says is not known, so nothing follows from its absence. */
function meantPaths({ path, absent = [] }: SchemaFinding): Path[] {
  const meant = closest(String(path.at(-1)), absent);
  return meant === undefined ? [] : [[...path.slice(0, -1), meant]];
}

/** Several rules about one value often say the same in other words (a name too long and of wrong form). */
function firstOfEachPlace(findings: Finding[]): Finding[] {
  const places = new Map<string, Finding>();
  for (const finding of findings) {
    const place = formatPath(finding.path);
    if (!places.has(place)) places.set(place, finding);
  }
  return [...places.values()];
}

/** A finding, and for an unknown key the known ones that are not there. */
interface SchemaFinding extends Finding {
  absent?: string[];
}

function findingOf(error: ErrorObject, path: Path): SchemaFinding {
  const schema = (error.parentSchema ?? {}) as Schema;
  const params = error.params as Record<string, string | number>;
  const value: unknown = error.data;
  const allowed = describeAllowed(schema);
  switch (error.keyword) {
    case "additionalProperties": {
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
    case "required": {
      const key = String(params["missingProperty"]);
      return {
        path: [...path, key],
        problem: "is missing",
        allowed: schema.properties?.[key]?.description,
        fix: `add \`${key}\`${exampleOf(schema.properties?.[key])}`,
      };
    }
    case "propertyNames":
      return {
        path: [...path, String(params["propertyName"])],
        problem: "is not a legal key here",
        allowed: "a Kubernetes label key, for example `app.kubernetes.io/name`",
        fix: "correct the key",
        at: "key",
      };
    case "type":
      return { path, value, problem: `is ${kindOf(value)}`, allowed, fix: fixOfType(schema, value) };
    case "enum":
    case "const":
      return {
        path,
        value,
        problem: "is not one of the values that are known",
        allowed,
        fix: useKnown(String(value), choices(schema), "use one of them"),
      };
    case "pattern":
      return {
        path,
        value,
        problem: "does not have the form that is needed",
        allowed,
        fix: isSecret(value, path) ? "correct it" : fixOfPattern(schema, String(value)),
      };
    case "maxLength":
      return {
        path,
        value,
        problem: `has ${String(value).length} characters`,
        allowed: `at most ${params["limit"]} characters`,
        fix: "shorten it",
      };
    case "uniqueItems":
      return {
        path: [...path, Math.max(Number(params["i"]), Number(params["j"]))],
        value: (value as unknown[])[Math.max(Number(params["i"]), Number(params["j"]))],
        problem: "is there twice",
        fix: "remove one of the two",
      };
    case "minItems":
    case "minLength":
    case "minProperties":
      return { path, problem: "is empty", allowed: "at least one", fix: `give one${exampleOf(schema)}` };
    case "minimum":
    case "exclusiveMinimum":
      return {
        path,
        value,
        problem: "is too small",
        allowed,
        fix: `write ${error.keyword === "minimum" ? `${params["limit"]} or more` : `more than ${params["limit"]}`}`,
      };
    case "maximum":
      return { path, value, problem: "is too large", allowed, fix: `write ${params["limit"]} or less` };
    default:
      return { path, value, problem: error.message ?? "is not allowed", allowed, fix: "correct it" };
  }
}

/** What a schema allows, in words. */
function describeAllowed(schema: Schema): string | undefined {
  if (schema.patternErrorMessage !== undefined) return schema.patternErrorMessage;
  if (choices(schema).length > 0) return listNames(choices(schema));
  const types = [schema.type ?? []].flat();
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

function choices(schema: Schema): string[] {
  return schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  return (
    { string: "a text", number: "a number", boolean: "a truth value", object: "a mapping" }[typeof value as string] ??
    typeof value
  );
}

function fixOfType(schema: Schema, value: unknown): string {
  const types = [schema.type ?? []].flat();
  if (value === null) return `give a value${exampleOf(schema)}, or remove the key`;
  if (types.includes("string") && typeof value !== "object") return "put the value in quotes";
  if ((types.includes("integer") || types.includes("number")) && typeof value === "string" && /^[0-9.]+$/.test(value)) {
    return "write the number without quotes";
  }
  if (types.includes("boolean")) return "write `true` or `false` without quotes";
  if (types.includes("array") && typeof value === "string") return "write a list, each item after `- `";
  return `change it to what is allowed${exampleOf(schema)}`;
}

function fixOfPattern(schema: Schema, value: string): string {
  const matches = (text: string | undefined): text is string =>
    text !== undefined && text !== "" && new RegExp(schema.pattern ?? "", "u").test(text);
  const candidate = [quantityOf(value), value.trim(), labelOf(value)].find(matches);
  return candidate === undefined ? "correct it" : `did you mean \`${candidate}\`?`;
}

function exampleOf(schema: Schema | undefined): string {
  const [example] = schema?.examples ?? [];
  return example === undefined
    ? ""
    : `, for example \`${typeof example === "string" ? example : JSON.stringify(example)}\``;
}

/** The value without what a path leads to; items of lists leave a gap, so that the other items keep their index. */
function without(value: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if (typeof value !== "object" || value === null) return value;
  const holder = value as Record<string | number, unknown>;
  if (rest.length > 0) holder[step] = without(holder[step], rest);
  else if (Array.isArray(value)) value[Number(step)] = undefined;
  else delete holder[step];
  return value;
}

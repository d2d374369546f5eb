import type { ErrorObject, ValidateFunction } from "ajv/dist/2020";
import type { Draft } from "../spec/draft";
import type { ArgumentsKind } from "../spec/arguments";
import type { Fault, LocatedFault } from "../spec/fault";
import { locate } from "../spec/origin";
import { formatPath, leadsTo, pathOfPointer, valueAt, type Path } from "../spec/path";
import { findingOf, type SchemaFinding } from "./schema-findings";
import { acceptedReadings, describeAllowed } from "./schema-fixes";
import { validatorOf, type FileKind, type Schema } from "./schemas";
import { closest } from "../spec/suggest";
import { withoutValue } from "./without-value";
import type { SourceFile } from "./yaml-file";
import { fixOfMisreading } from "./yaml-scalars";

/** Outcome of checking a file against its schema. */
export interface SchemaResult<T> {
  /** Content without unknown keys, and without values of a wrong type or of no known choice. */
  draft: Draft<T>;
  /** Ways to the values that are at fault or missing. */
  broken: Path[];
  faults: LocatedFault[];
}

/**
 * Checks a file, or a component's arguments in place of one, against the JSON Schema of its kind.
 *
 * @param reported Ways to values that are already reported, beside those that reading the file has.
 */
export function validateSchema<T>(
  kind: FileKind | ArgumentsKind,
  source: SourceFile,
  reported: readonly Path[] = [],
): SchemaResult<T> {
  const known = [...reported, ...(source.broken ?? [])];
  const validate = validatorOf(kind);
  const draft = structuredClone(source.value);
  const misread = misreadFaults(validate, source);
  if (validate(source.value)) return { draft: draft as Draft<T>, broken: [...known], faults: misread };
  const errors = (validate.errors ?? []).filter(isPlain);
  const findings = errors.map((error) => ({
    error,
    finding: findingOf(error, pathOfPointer(error.instancePath, source.value), source),
  }));
  const pruned = findings
    .filter(({ error }) => ["type", "additionalProperties", "enum"].includes(error.keyword))
    .reduce<unknown>((value, { finding }) => withoutValue(value, finding.path), draft);
  return {
    draft: (pruned ?? {}) as Draft<T>,
    broken: [...known, ...findings.flatMap(({ finding }) => [finding.path, ...meantPaths(finding)])],
    faults: [
      ...misread,
      ...firstOfEachPlace(findings.map(({ finding }) => finding))
        .filter(({ path }) => !known.some((outer) => leadsTo(outer, path)))
        .map((finding) => locate(source, finding)),
    ],
  };
}

/** Faults of values that readers of YAML take for different ones, with those ways to write them that are allowed. */
function misreadFaults(validate: ValidateFunction, source: SourceFile): LocatedFault[] {
  return (source.misread ?? []).map(({ path, misreading }) => {
    const { problem, number, text } = misreading;
    const key = String(path.at(-1) ?? "");
    const schema = schemaAt(validate, source.value, path);
    const accepted = acceptedReadings(schema, key, number === undefined ? undefined : Number(number), text);
    const allowed = describeAllowed(schema, key);
    const fix = fixOfMisreading(misreading, accepted) ?? `write ${allowed ?? "what is allowed"}`;
    // The value as it is written: which one it is, is the question.
    return { ...locate(source, { path, problem, ...(allowed === undefined ? {} : { allowed }), fix }), value: text };
  });
}

/** The schema of the value at a path: that which refuses nothing at all in its place. Without rules for an unknown key. */
function schemaAt(validate: ValidateFunction, whole: unknown, path: Path): Schema {
  const changed = structuredClone(whole);
  const holder = valueAt(changed, path.slice(0, -1));
  const step = path.at(-1);
  if (typeof holder !== "object" || holder === null || step === undefined) return {};
  (holder as Record<string | number, unknown>)[step] = null;
  validate(changed);
  const place = formatPath(path);
  const error = (validate.errors ?? []).find(
    ({ instancePath }) => formatPath(pathOfPointer(instancePath, changed)) === place,
  );
  return (error?.parentSchema ?? {}) as Schema;
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
function firstOfEachPlace(findings: Fault[]): Fault[] {
  const places = new Map<string, Fault>();
  for (const finding of findings) {
    const place = formatPath(finding.path);
    if (!places.has(place)) places.set(place, finding);
  }
  return [...places.values()];
}

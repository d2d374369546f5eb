/** What a violation must tell someone who has never seen the pack: rule, object, field, the value found, and the fix. */
import assert from "node:assert/strict";
import { formatViolation } from "../../../policy-pack/rules/evaluate";
import type { Violation } from "../../../policy-pack/rules/rule";
import type { Loose } from "./fixture";

/** Words by which a message says that there is no value at its field. */
const ABSENCE = /\b(not set|missing|no|not|lacks?|without|neither|nowhere)\b/;

/** What tests write in the place of a value that the preview does not know; `objects/known-values` names those. */
const UNKNOWN = "?";

/** Asserts that the violation, as it is printed, can be acted upon without looking anything up. */
export function assertActionable(violation: Violation, objects: readonly Loose[]): void {
  const { rule, object, field, message, fix } = violation;
  const text = formatViolation(violation);
  // The name stands for the object as a whole.
  const place = field === "metadata.name" ? object : `${object}: ${field}`;
  assert.ok(text.startsWith(`[${rule}] ${place} `), text);
  assert.match(object, /^[A-Z]\w* (\S+\/)?\S+$/, `names the object by kind, namespace and name: ${text}`);
  assert.match(field, /^[a-z]\w*([.[]|$)/, `names a field: ${text}`);
  assert.match(message, /[.!]$/, `is a sentence: ${text}`);
  assert.match(fix, /^[A-Z`].*\.$/, `tells the fix in a sentence: ${text}`);
  assert.match(fix, VERB, `the fix begins with what to do: ${text}`);
  assert.doesNotMatch(text, /\bundefined\b|\[object |\bNaN\b/, `shows values that people can read: ${text}`);
  assertFoundValue(violation, objects);
}

/** What one does about a violation; a fix begins with one of these. */
const VERB =
  /^(Add|Allow|Attach|Bind|Choose|Create|Declare|Drop|Express|Give|Hand|Keep|Label|Leave|List|Lower|Make|Merge|Mount|Move|Name|Narrow|Point|Put|Raise|Remove|Replace|Select|Serve|Set|Start|Use|Write)\b/;

/** The message shows what stands at the field, or says that nothing does. */
function assertFoundValue(violation: Violation, objects: readonly Loose[]): void {
  const { rule, object, field, message } = violation;
  const found = objects.filter((candidate) => isNamed(object, candidate));
  // Names of objects stand before the message already; a namespace that nothing declares has no object.
  if (found.length === 0 || field === "metadata.name" || field === "kind") return;
  const values = found.map((candidate) => valueAt(candidate, field));
  const text = formatViolation(violation);
  if (values.includes(UNKNOWN)) return;
  if (HIDDEN.includes(rule)) assertHidden(values, message, text);
  else if (values.every((value) => value === undefined)) assert.match(message, ABSENCE, text);
  else if (values.every((value) => typeof value !== "object" && !isDocument(field)))
    assert.ok(
      values.some((value) => message.includes(String(value)) || message.includes(JSON.stringify(value))),
      `shows the value found, ${JSON.stringify(values)}: ${text}`,
    );
}

/** Length of words that a message may contain by chance. */
const ANY_WORD = 8;

/** Rules about values that a message must not repeat: secrets, and scripts and settings that may hold some. */
const HIDDEN = [
  "secrets/not-in-environment",
  "secrets/not-in-config-maps",
  "models/server-environment",
  "network/ingress-annotations",
];

/** No value stands in the message, but for words that any sentence contains. */
function assertHidden(values: readonly unknown[], message: string, text: string): void {
  for (const value of values)
    if (typeof value === "string" && value.length > ANY_WORD)
      assert.ok(!message.includes(value), `keeps the secret: ${text}`);
}

/** Documents within a ConfigMap are too long to repeat; messages name the part. */
function isDocument(field: string): boolean {
  return field.startsWith("data[") || field.startsWith("binaryData[");
}

/** Whether a violation that names `object` means this one; it leaves out the namespace of cluster-scoped kinds. */
export function isNamed(object: string, { kind, metadata: { name, namespace } }: Loose): boolean {
  return object === `${kind} ${name}` || object === `${kind} ${namespace}/${name}`;
}

/** The steps of a path like `spec.rules[0]["a.b"].name`. */
export function stepsOf(field: string): string[] {
  return [...field.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted ?? index ?? plain ?? "",
  );
}

/** Value at a path; undefined when there is none. */
function valueAt(object: Loose, field: string): unknown {
  const steps = stepsOf(field);
  // Below a value that is unknown as a whole there is nothing.
  return steps.reduce<Loose>((value, step) => (value === UNKNOWN ? UNKNOWN : value?.[step]), object);
}

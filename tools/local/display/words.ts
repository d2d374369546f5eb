import { TENANT_OBJECT } from "../../../components/spec/names";
import type { Step } from "./events";
import { titleOf } from "./groups";

/** What a step does with a resource. */
export type Verb = "create" | "change" | "replace" | "delete";

const verbs: Record<string, Verb> = {
  create: "create",
  import: "create",
  update: "change",
  replace: "replace",
  "create-replacement": "replace",
  delete: "delete",
};

/** What a step does; undefined when it changes nothing, or is the second half of a replacement. */
export const verbOf = ({ op }: Pick<Step, "op">): Verb | undefined => verbs[op];

const signs: Record<Verb, string> = { create: "+", change: "~", replace: "±", delete: "-" };
const doneWords: Record<Verb, string> = {
  create: "created",
  change: "changed",
  replace: "replaced",
  delete: "deleted",
};

/** Numbers of steps in words, for example `2 to create, 1 to delete`, or `2 created, 1 deleted` when they are done. */
export function countsInWords(steps: readonly Step[], isDone: boolean): string {
  return (Object.keys(signs) as Verb[])
    .map((verb) => ({ verb, count: steps.filter((step) => verbOf(step) === verb).length }))
    .filter(({ count }) => count > 0)
    .map(({ verb, count }) => `${count} ${isDone ? doneWords[verb] : `to ${verb}`}`)
    .join(", ");
}

const mostFields = 4;

/** One line about a step: its sign, the resource, and what changes in it. No value is in it. */
export function describeStep(step: Step): string {
  const verb = verbOf(step);
  if (verb === undefined) return "";
  const meaning = verb === "change" || verb === "replace" ? meaningOf(step) : "";
  return `${signs[verb]} ${titleOf(step)}${meaning === "" ? "" : `: ${meaning}`}`;
}

function meaningOf(step: Step): string {
  if (step.type === "kubernetes:core/v1:Secret") return meaningOfSecret(titleOf(step).replace(/^Secret /, ""));
  const detailed = Object.keys(step.detailedDiff ?? {});
  const fields = detailed.length > 0 ? detailed : (step.diffs ?? []);
  const more = fields.length > mostFields ? `, and ${fields.length - mostFields} more fields` : "";
  return fields.slice(0, mostFields).join(", ") + more;
}

/** What a Secret of a tenant is for, since its values say nothing to people and are shown to nobody. */
function meaningOfSecret(name: string): string {
  if (name === TENANT_OBJECT.gatewayPolicy)
    return "what the gateway lets pass: clients' keys, their limits, models (values are not shown)";
  if (name === TENANT_OBJECT.gatewayTokens) return "whose tokens the gateway takes (values are not shown)";
  const client = /^client-(.+)$/.exec(name)?.[1];
  return `${client === undefined ? "its values" : `address and key of client ${client}`} (not shown)`;
}

/** Digits at the end of a name that follow from the content. */
const contentDigits = /-[0-9a-f]{8,}$/;

/**
 * Lines about the steps of one part. An object whose name follows from its content is deleted under the old name and created under the new one:
 * one line says so.
 */
export function describeSteps(steps: readonly Step[]): string[] {
  const stem = (step: Step): string => titleOf(step).replace(contentDigits, "");
  const of = (verb: Verb) => steps.filter((step) => verbOf(step) === verb && contentDigits.test(titleOf(step)));
  const renamed = of("create").filter((made) => of("delete").some((gone) => stem(gone) === stem(made)));
  const stems = new Set(renamed.map(stem));
  const isRenamed = (step: Step): boolean =>
    contentDigits.test(titleOf(step)) && stems.has(stem(step)) && verbOf(step) !== "change";
  return [
    ...steps.filter((step) => verbOf(step) !== undefined && !isRenamed(step)).map(describeStep),
    ...[...stems].map((name) => `± ${name}: replaced under a new name, which follows from its content`),
  ];
}

import { isDeepStrictEqual } from "node:util";
import { formatPath, type FieldDrift } from "./compare";
import { nameOf, type ObjectDrift } from "./drift";

const longest = 160;

/** The drift as text: each object, and each of its fields with the declared value, the live one and who set it. No secret is in it. */
export function formatDrift(drifts: readonly ObjectDrift[]): string {
  return drifts
    .map((drift) => {
      const isSecret = drift.object.kind === "Secret";
      const lines = drift.isGone ? ["  is gone"] : drift.fields.map((field) => `  ${formatField(field, isSecret)}`);
      const refusal =
        drift.refusal === undefined ? [] : [`  the cluster refuses the declared fields: ${drift.refusal}`];
      return [nameOf(drift.object), ...lines, ...refusal].join("\n");
    })
    .join("\n");
}

/**
 * A field with its declared value, its live one and who set it; values of Secrets are not in it. Of lists that have something in common only
 * that is told in which they differ.
 */
export function formatField({ path, declared, live, manager }: FieldDrift, isSecret: boolean): string {
  const by = manager === "" ? "" : `, by ${manager}`;
  const values = isSecret ? undefined : listDifference(declared, live);
  const show = (value: unknown): string => (value === undefined ? "nothing" : isSecret ? "(secret)" : shortened(value));
  return `${formatPath(path)}: ${values ?? `declared ${show(declared)}, live ${show(live)}`}${by}`;
}

/** What was added to a list and taken from it; undefined where that says nothing, as when its order alone is another. */
function listDifference(declared: unknown, live: unknown): string | undefined {
  if (!Array.isArray(declared) || !Array.isArray(live)) return undefined;
  const without = (list: unknown[], others: unknown[]): unknown[] =>
    list.filter((element) => !others.some((other) => isDeepStrictEqual(element, other)));
  const [added, taken] = [without(live, declared), without(declared, live)];
  const isTold = added.length + taken.length > 0 && taken.length < declared.length;
  if (!isTold) return undefined;
  return [
    ...(added.length > 0 ? [`added ${shortened(added)}`] : []),
    ...(taken.length > 0 ? [`taken away ${shortened(taken)}`] : []),
  ].join(", ");
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

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

/** A field with its declared value, its live one and who set it; values of Secrets are not in it. */
export function formatField({ path, declared, live, manager }: FieldDrift, isSecret: boolean): string {
  const show = (value: unknown, missing: string): string => {
    if (value === undefined) return missing;
    if (isSecret) return "(secret)";
    const text = JSON.stringify(value);
    return text.length > longest ? `${text.slice(0, longest)}…` : text;
  };
  const by = manager === "" ? "" : `, by ${manager}`;
  return `${formatPath(path)}: declared ${show(declared, "nothing")}, live ${show(live, "nothing")}${by}`;
}

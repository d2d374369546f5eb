/**
 * Label selectors over labels that may be partly unknown. The answer is `always`, `never` or `possible`: a policy
 * isolates a pod only if it always selects it, and admits a peer as soon as it possibly matches.
 */
import type { LabelSelector } from "../../model/kubernetes";
import { UNKNOWN } from "../../model/kubernetes";

export type Match = "always" | "possible" | "never";

/** One requirement on a label; `matchLabels` become `In` with one value. */
export interface Requirement {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  values: ReadonlySet<string>;
}

/** A selector ready to be matched. No requirement: it matches everything. */
export interface CompiledSelector {
  requirements: readonly Requirement[];
  /** Equal for selectors that say the same in the same order; used to remember results. */
  key: string;
}

/** Labels to match against. */
export interface LabelView {
  labels: Readonly<Record<string, string>>;
  /** Whether the value, and even the presence, of this label is open. */
  isOpen(key: string): boolean;
  /** For an open label: whether it may have this value. */
  mayHave(key: string, value: string): boolean;
}

const operators = new Set(["In", "NotIn", "Exists", "DoesNotExist"]);

/** Compiles a selector. Every fault is pushed to `faults`, prefixed with `path`. */
export function compileSelector(source: unknown, path: string, faults: string[]): CompiledSelector {
  const requirements: Requirement[] = [];
  if (!isObject(source)) {
    faults.push(`${path}: ${JSON.stringify(source)} is not a label selector; write an object, {} to select all`);
    return { requirements, key: "invalid" };
  }
  const selector = source as LabelSelector;
  for (const field of Object.keys(selector)) {
    if (field !== "matchLabels" && field !== "matchExpressions")
      faults.push(`${path}.${field}: unknown field; allowed are matchLabels and matchExpressions`);
  }
  const labels: unknown = selector.matchLabels ?? {};
  if (!isObject(labels)) faults.push(`${path}.matchLabels: must be an object that is known at preview`);
  for (const [key, value] of Object.entries(isObject(labels) ? labels : {})) {
    if (typeof value !== "string" || value === UNKNOWN)
      faults.push(`${path}.matchLabels.${key}: ${JSON.stringify(value)} is not a known string; write the value out`);
    else requirements.push({ key, operator: "In", values: new Set([value]) });
  }
  const expressions: unknown = selector.matchExpressions ?? [];
  if (!Array.isArray(expressions)) faults.push(`${path}.matchExpressions: must be a list that is known at preview`);
  else
    expressions.forEach((e, index) => compileExpression(e, `${path}.matchExpressions[${index}]`, requirements, faults));
  return { requirements, key: JSON.stringify(requirements.map((r) => [r.key, r.operator, [...r.values]])) };
}

function compileExpression(expression: unknown, path: string, requirements: Requirement[], faults: string[]): void {
  const { key, operator, values } = (isObject(expression) ? expression : {}) as Record<string, unknown>;
  const list = Array.isArray(values) ? values : [];
  if (typeof key !== "string" || key === "" || key === UNKNOWN) faults.push(`${path}.key: must be a known label key`);
  if (typeof operator !== "string" || !operators.has(operator)) {
    faults.push(`${path}.operator: ${JSON.stringify(operator)} is none of In, NotIn, Exists, DoesNotExist`);
    return;
  }
  if ((operator === "In" || operator === "NotIn") && list.length === 0)
    faults.push(`${path}.values: ${operator} needs at least one value`);
  if ((operator === "Exists" || operator === "DoesNotExist") && list.length > 0)
    faults.push(`${path}.values: ${operator} allows no values`);
  if (list.some((value) => typeof value !== "string" || value === UNKNOWN))
    faults.push(`${path}.values: every value must be a known string`);
  requirements.push({
    key: String(key),
    operator: operator as Requirement["operator"],
    values: new Set(list.map(String)),
  });
}

/** Matches a selector; all requirements must hold. */
export function matchSelector(selector: CompiledSelector, view: LabelView): Match {
  let result: Match = "always";
  for (const requirement of selector.requirements) {
    const match = matchRequirement(requirement, view);
    if (match === "never") return "never";
    if (match === "possible") result = "possible";
  }
  return result;
}

function matchRequirement({ key, operator, values }: Requirement, view: LabelView): Match {
  if (view.isOpen(key)) {
    if (operator !== "In") return "possible";
    return [...values].some((value) => view.mayHave(key, value)) ? "possible" : "never";
  }
  const value = Object.hasOwn(view.labels, key) ? view.labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.has(value) ? "always" : "never";
    case "NotIn":
      return value === undefined || !values.has(value) ? "always" : "never";
    case "Exists":
      return value !== undefined ? "always" : "never";
    case "DoesNotExist":
      return value === undefined ? "always" : "never";
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

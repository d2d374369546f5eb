/**
 * Label selectors over labels that may be partly unknown. The answer is `always`, `never` or `possible`: a policy
 * isolates a pod only if it always selects it, and admits a peer as soon as it possibly matches.
 */
import { type Report, show } from "./fault";
import { type LabelSelector, UNKNOWN } from "./kubernetes";

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

/** Compiles a selector. Faults are reported with their path, which begins with `path`. */
export function compileSelector(source: unknown, path: string, report: Report): CompiledSelector {
  const requirements: Requirement[] = [];
  if (!isObject(source)) {
    report(path, `is ${show(source)}, which is not a label selector`, "Write an object; {} selects all.");
    return { requirements, key: "invalid" };
  }
  const selector = source as LabelSelector;
  for (const field of Object.keys(selector)) {
    if (field !== "matchLabels" && field !== "matchExpressions")
      report(`${path}.${field}`, "is not a field of a selector", "Leave only matchLabels and matchExpressions.");
  }
  const labels: unknown = selector.matchLabels ?? {};
  if (!isObject(labels)) report(`${path}.matchLabels`, `is ${show(labels)}, which is no object`, PLAIN);
  for (const [key, value] of Object.entries(isObject(labels) ? labels : {})) {
    if (typeof value !== "string" || value === UNKNOWN)
      report(`${path}.matchLabels["${key}"]`, `is ${show(value)}, which is not a known string`, PLAIN);
    else requirements.push({ key, operator: "In", values: new Set([value]) });
  }
  const expressions: unknown = selector.matchExpressions ?? [];
  if (!Array.isArray(expressions))
    report(`${path}.matchExpressions`, `is ${show(expressions)}, which is no list`, PLAIN);
  else
    expressions.forEach((e, index) => compileExpression(e, `${path}.matchExpressions[${index}]`, requirements, report));
  return { requirements, key: JSON.stringify(requirements.map((r) => [r.key, r.operator, [...r.values]])) };
}

const PLAIN = "Write the value out, so that the preview knows it.";

function compileExpression(expression: unknown, path: string, requirements: Requirement[], report: Report): void {
  const { key, operator, values } = (isObject(expression) ? expression : {}) as Record<string, unknown>;
  const list = Array.isArray(values) ? values : [];
  if (typeof key !== "string" || key === "" || key === UNKNOWN)
    report(`${path}.key`, `is ${show(key)}, which is no known label key`, "Write the key of a label.");
  if (typeof operator !== "string" || !operators.has(operator)) {
    report(`${path}.operator`, `is ${show(operator)}, which is no operator`, "Use In, NotIn, Exists or DoesNotExist.");
    return;
  }
  if ((operator === "In" || operator === "NotIn") && list.length === 0)
    report(`${path}.values`, `is missing or empty, but ${operator} needs a value`, "List at least one value.");
  if ((operator === "Exists" || operator === "DoesNotExist") && list.length > 0)
    report(`${path}.values`, `is ${show(list)}, but ${operator} takes no values`, "Remove the values.");
  if (list.some((value) => typeof value !== "string" || value === UNKNOWN))
    report(`${path}.values`, `is ${show(list)}, of which a value is not a known string`, PLAIN);
  requirements.push({
    key: String(key),
    operator: operator as Requirement["operator"],
    values: new Set(list.map(String)),
  });
}

/**
 * Whether labels that are all known satisfy the selector. An absent or empty selector matches everything; one that the
 * API server would refuse, or that holds an unknown value, matches nothing.
 */
export function selectorMatches(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  let valid = true;
  const compiled = compileSelector(selector ?? {}, "", () => (valid = false));
  return valid && matchSelector(compiled, closedLabels(labels)) === "always";
}

/** Labels of which nothing is open. */
export function closedLabels(labels: Readonly<Record<string, string>>): LabelView {
  return { labels, isOpen: () => false, mayHave: () => false };
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

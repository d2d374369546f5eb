/** In which fields live objects are other than declared. */
import { isDeepStrictEqual } from "node:util";
import { parseMilli } from "../../policy-pack/model/quantity";

type Mapping = Record<string, unknown>;

/** A field that is not as declared. */
export interface FieldDifference {
  /** For example `spec.ports[0].targetPort`. */
  path: string;
  /** The same, key by key; a place in a list is `[0]`. */
  steps: string[];
  /** Declared value; undefined when the field is not declared. */
  declared: unknown;
  /** Live value; undefined when it is missing. */
  live: unknown;
}

/** Mappings in which nothing may stand beside what is declared, by kind: one more entry widens or narrows what they select. */
const WHOLE: Record<string, readonly string[]> = {
  NetworkPolicy: ["spec", "spec.podSelector", "spec.podSelector.matchLabels"],
  ResourceQuota: ["spec"],
  Service: ["spec.selector"],
  HorizontalPodAutoscaler: [],
};

/** Fields that others rightly write: the engine's notes for itself, and what controllers decide. */
const OTHERS = /^(status|metadata\.(annotations\.pulumi\.com\/.*|managedFields|generation)|spec\.replicas)$/;

/** Fields of a declared object that its live one does not have as declared. What is not declared is left out but in `WHOLE`. */
export function differencesOf(declared: Mapping, live: Mapping): FieldDifference[] {
  return compare(declared, live, [], WHOLE[String(declared["kind"])] ?? []);
}

const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function compare(declared: unknown, live: unknown, steps: string[], whole: readonly string[]): FieldDifference[] {
  const path = steps.reduce(
    (text, step) => (text === "" || step.startsWith("[") ? text + step : `${text}.${step}`),
    "",
  );
  if (OTHERS.test(path) || isSame(declared, live)) return [];
  if (isMapping(declared) && (isMapping(live) || live === undefined)) {
    const found = live ?? {};
    const inner = Object.keys(declared).flatMap((key) => compare(declared[key], found[key], [...steps, key], whole));
    if (!whole.includes(path)) return inner;
    const added = Object.keys(found).filter((key) => !(key in declared) && !isNothing(found[key]));
    return [
      ...inner,
      ...added.map((key) => ({
        path: `${path}.${key}`,
        steps: [...steps, key],
        declared: undefined,
        live: found[key],
      })),
    ];
  }
  if (Array.isArray(declared) && Array.isArray(live) && declared.length === live.length)
    return declared.flatMap((item, index) => compare(item, live[index], [...steps, `[${index}]`], whole));
  return [{ path, steps, declared, live }];
}

/** Whether two values mean the same to the API server: nothing and an empty list, 1000m and 1. */
function isSame(declared: unknown, live: unknown): boolean {
  if (isDeepStrictEqual(declared, live) || (isNothing(declared) && isNothing(live))) return true;
  // False and 0 are what the API server leaves out.
  if (live === undefined) return declared === false || declared === 0 || declared === "";
  if (!isAmount(declared) || !isAmount(live)) return false;
  const [ours, theirs] = [parseMilli(String(declared)), parseMilli(String(live))];
  return ours !== undefined && ours === theirs;
}

const isAmount = (value: unknown): boolean => typeof value === "string" || typeof value === "number";

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isMapping(value) && Object.keys(value).length === 0;
}

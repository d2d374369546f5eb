/** What keeps an analysis from answering: a value that the API server would refuse, or that nobody knows yet. */

/** An object by its names. */
export interface ObjectName {
  kind: string;
  /** Empty for cluster-scoped kinds. */
  namespace: string;
  name: string;
}

/** One value that cannot be judged. */
export interface Fault {
  /** Object that holds it; undefined where the input itself is wrong. */
  object?: ObjectName;
  /** Path in the object, for example `spec.egress[0].to[0]`. */
  field: string;
  /** What is wrong, as a clause that follows the path: `is "x", which ...`. */
  problem: string;
  /** What to do, as a sentence. */
  fix: string;
}

/** Takes a fault of the object at hand. */
export type Report = (field: string, problem: string, fix: string) => void;

/** Collects faults of one object. */
export function reporter(faults: Fault[], object?: ObjectName): Report {
  return (field, problem, fix) => faults.push({ object, field, problem, fix });
}

/** `NetworkPolicy tenant-a/x: spec.podSelector is ..., which ...`. */
export function describeFault({ object, field, problem }: Fault): string {
  if (object === undefined) return `${field} ${problem}`;
  const { kind, namespace, name } = object;
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}: ${field} ${problem}`;
}

/** A value as messages show it: short, quoted like JSON. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "not set";
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

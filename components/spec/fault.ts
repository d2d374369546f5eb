import type { Problem } from "../models/problem";
import type { Path } from "./path";

export type { Problem } from "../models/problem";

/** One thing that is wrong with a declaration. */
export interface Fault extends Problem {
  /** Leads to the value in the declaration, for example `["tenants", 0, "network", "ingressFrom", 0, "namespace"]`. */
  path: Path;
  /** The value; absent when something is missing. */
  value?: unknown;
  /** Other values that the fault rests on: it is dropped when one of them is at fault itself. */
  restsOn?: readonly Path[];
  /** Whether the position is that of the value or of its key. Default: the value. */
  at?: "key" | "value";
}

/** Notes a fault. */
export type Report = (fault: Fault) => void;

/** A fault at the place where people find it. It never holds a secret. */
export interface LocatedFault extends Problem {
  /** File, relative to the project; for arguments the token and name of the component. */
  file: string;
  /** Path inside the file or the arguments, for example `spec.autoscaling.maxReplicas`; empty for the whole. */
  path: string;
  /** Line in the file, counted from 1. Absent when the value does not come from the file. */
  line?: number;
  /** Column in the line, counted from 1. */
  column?: number;
  /** The value as it is shown: shortened, and left out when it looks like a secret. Absent when there is none. */
  value?: string;
}

/** A declaration that cannot be used. The message lists every fault, each with its place. */
export class DeclarationError extends Error {
  /** The mark by which Pulumi knows a `RunError`: the message is for people, so no stack trace is printed after it. */
  readonly __pulumiRunError = true;

  /** All faults, by file, place and path. */
  readonly faults: readonly LocatedFault[];

  /** @param faults At least one fault. */
  constructor(faults: readonly LocatedFault[]) {
    const sorted = sortFaults(faults);
    super(formatFaults(sorted));
    this.name = "DeclarationError";
    this.faults = sorted;
    // As that of a `refusal`, which needs Pulumi: no lines of code, whose formatting takes the SDK half a minute.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** Writes faults as the message that people read. */
export function formatFaults(faults: readonly LocatedFault[]): string {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  return [`The configuration has ${count}; nothing was changed.`, ...faults.map(formatFault)].join("\n\n");
}

function formatFault(fault: LocatedFault): string {
  const position = fault.line === undefined ? "" : ` (line ${fault.line}, column ${fault.column ?? 1})`;
  const place = fault.path === "" ? fault.file : `${fault.file}: ${fault.path}`;
  const rows: [string, string | undefined][] = [
    ["value", fault.value],
    ["problem", fault.problem],
    ["allowed", fault.allowed],
    ["fix", fault.fix],
  ];
  const lines = rows.flatMap(([title, text]) => (text === undefined ? [] : [`  ${`${title}:`.padEnd(9)}${text}`]));
  return [`${place}${position}`, ...lines].join("\n");
}

/** Sorts by file and place, and drops faults that say the same of the same place. */
function sortFaults(faults: readonly LocatedFault[]): LocatedFault[] {
  const distinct = new Map(faults.map((fault) => [`${fault.file}\n${fault.path}\n${fault.problem}`, fault]));
  return [...distinct.values()].sort(
    (a, b) =>
      compare(a.file, b.file) ||
      compare(a.line ?? 0, b.line ?? 0) ||
      compare(a.column ?? 0, b.column ?? 0) ||
      compare(a.path, b.path) ||
      compare(a.problem, b.problem),
  );
}

/** Order by code units, which does not depend on the machine's language. */
function compare<T extends string | number>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

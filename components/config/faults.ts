/** One thing that is wrong with the configuration, with what to do about it. It never holds a secret. */
export interface Fault {
  /** File, relative to the project. */
  file: string;
  /** Path inside the file, for example `spec.autoscaling.maxReplicas`; empty for the file itself. */
  path: string;
  /** Line in the file, counted from 1. Absent when the value does not come from the file. */
  line?: number;
  /** Column in the line, counted from 1. */
  column?: number;
  /** The value as it is shown: shortened, and left out when it looks like a secret. Absent when there is none. */
  value?: string;
  /** What is wrong, beginning in lower case. */
  problem: string;
  /** What is allowed instead. */
  allowed?: string;
  /** What to do. */
  fix: string;
}

/** A configuration that cannot be used. The message lists every fault of every file. */
export class ConfigError extends Error {
  /** All faults, by file, place and path. */
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const sorted = sortFaults(faults);
    super(formatFaults(sorted));
    this.name = "ConfigError";
    this.faults = sorted;
  }
}

/** Writes faults as the message that people read. */
export function formatFaults(faults: readonly Fault[]): string {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  return [`The configuration has ${count}; nothing was changed.`, ...faults.map(formatFault)].join("\n\n");
}

function formatFault(fault: Fault): string {
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
function sortFaults(faults: readonly Fault[]): Fault[] {
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

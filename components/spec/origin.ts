import { showValue, withoutSecretWords } from "./show-value";
import { DeclarationError, type Fault, type LocatedFault, type Report } from "./fault";
import { formatPath, leadsTo, type Path } from "./path";

/** A file that was read, or arguments that took its place. */
export interface Source {
  /** File, relative to the project; for arguments the token and name of the component. */
  file: string;
  /** Line and column of a value or of its key, counted from 1; undefined when they are not known. */
  locate(path: Path, at: "key" | "value"): { line: number; column: number } | undefined;
}

/** A source whose shape was checked. */
export interface CheckedSource extends Source {
  /** Paths inside the source to values that are already known to be at fault. */
  broken: readonly Path[];
}

/** Where a declaration was written. */
export interface Origin {
  /** Leads from a path of the declaration to the source that has the value, and the path inside the source. */
  find(path: Path): { source: CheckedSource; path: Path };
}

/** Faults of one declaration. */
export interface Faults {
  /** Adds a fault at its place, unless it only follows from one that is known. */
  report: Report;
  /** Throws a DeclarationError with every fault, or returns when there is none. */
  throwAny(): void;
}

/** Collects the faults of a declaration. `known` are those that were found before, for example by the schema. */
export function collectFaults(origin: Origin, known: readonly LocatedFault[] = []): Faults {
  const faults = [...known];
  const isBroken = (path: Path) => {
    const found = origin.find(path);
    return found.source.broken.some((outer) => leadsTo(outer, found.path));
  };
  return {
    report: (fault) => {
      if ([fault.path, ...(fault.restsOn ?? [])].some(isBroken)) return;
      const { source, path } = origin.find(fault.path);
      faults.push(locate(source, { ...fault, path }));
    },
    throwAny: () => {
      if (faults.length > 0) throw new DeclarationError(faults);
    },
  };
}

/**
 * A fault at its place in a source.
 *
 * @param fault A fault whose path is one of the source.
 */
export function locate(source: Source, fault: Fault): LocatedFault {
  return {
    file: source.file,
    path: withoutSecretWords(formatPath(fault.path)),
    ...source.locate(fault.path, fault.at ?? "value"),
    ...("value" in fault ? { value: showValue(fault.value, fault.path) } : {}),
    problem: withoutSecretWords(fault.problem),
    allowed: fault.allowed,
    fix: withoutSecretWords(fault.fix),
  };
}

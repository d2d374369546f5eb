/** One thing that is wrong with a declaration. */
export interface Fault {
  /** What the fault is in: a tenant, a node pool, or the environment itself. */
  subject: FaultSubject;
  /** Path of the field inside the subject, for example `autoscaling.maxReplicas`; empty for the subject as a whole. */
  path: string;
  /** The value, what is allowed, and what to do. */
  message: string;
}

/** The part of the declaration that a fault is in. */
export interface FaultSubject {
  kind: "tenant" | "node pool" | "environment";
  /** Name of the tenant or node pool; for the environment its own name. */
  name: string;
}

/** Notes a fault of one subject. */
export type Report = (path: string, message: string) => void;

/** A function that appends faults of `subject` to `faults`. */
export function reporter(faults: Fault[], kind: FaultSubject["kind"], name: string): Report {
  return (path, message) => faults.push({ subject: { kind, name }, path, message });
}

/** A declaration that cannot be planned, with every reason. */
export class PlanError extends Error {
  /** The mark by which Pulumi knows a `RunError`: the message is for people, so no stack trace is printed after it. */
  readonly __pulumiRunError = true;

  /** @param faults At least one fault. */
  constructor(readonly faults: Fault[]) {
    super(
      `the declaration has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}:\n${faults.map((fault) => `  - ${formatFault(fault)}`).join("\n")}`,
    );
    this.name = "PlanError";
    // As that of a `refusal`, which needs Pulumi: no lines of code, whose formatting takes the SDK half a minute.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** One line for a fault, for example `tenant finance: autoscaling.maxReplicas: 5 is ...`. */
export function formatFault({ subject, path, message }: Fault): string {
  return [`${subject.kind} ${subject.name}`, path, message].filter((part) => part !== "").join(": ");
}

/** Throws every fault at once, or returns when there is none. */
export function throwFaults(faults: Fault[]): void {
  if (faults.length > 0) throw new PlanError(faults);
}

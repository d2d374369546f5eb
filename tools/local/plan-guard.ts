import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

/** A step that the engine plans, as its event log tells it. */
export interface PlannedStep {
  /** `create`, `update`, `delete`, `replace`, `delete-replaced`, `same`, ... */
  op: string;
  urn: string;
  type: string;
  old?: { inputs?: Record<string, unknown> } | null;
  new?: { inputs?: Record<string, unknown> } | null;
}

/** What a tenant cannot get back: its namespace with everything in it, its models, and the keys that its clients use. */
const irreplaceable: Record<string, string> = {
  "kubernetes:core/v1:Namespace": "namespace",
  "kubernetes:core/v1:PersistentVolumeClaim": "claim",
  "random:index/randomPassword:RandomPassword": "client key",
};

/**
 * Says what a plan would take from tenants that are still declared: a namespace, claim or key that it replaces, and a namespace or claim that
 * it deletes. A key is deleted when the tenant's file names the client, or that generation of its key, no more: then the file says so.
 *
 * A policy pack cannot tell: it is shown what resources will be, and not what happens to those that are.
 *
 * @param steps Every step of the plan, unchanged resources too.
 * @returns One line for each; none when the plan takes nothing.
 */
export function takenFromTenants(steps: readonly PlannedStep[]): string[] {
  const staying = new Set(
    steps.filter(({ op, type }) => !op.startsWith("delete") && irreplaceable[type] === "namespace").map(namespaceOf),
  );
  const lines = steps.flatMap((step) => {
    const kind = irreplaceable[step.type];
    if (kind === undefined) return [];
    const isReplaced = /replace/.test(step.op);
    const isDeleted = step.op === "delete" && kind !== "client key" && staying.has(namespaceOf(step));
    if (!isReplaced && !isDeleted) return [];
    return [`${kind} ${step.urn.split("::").pop() ?? ""} would be ${isReplaced ? "replaced" : "deleted"}`];
  });
  return [...new Set(lines)];
}

/** Namespace that an object is, or is in. */
function namespaceOf({ old, new: next }: PlannedStep): string {
  const { metadata } = (old?.inputs ?? next?.inputs ?? {}) as { metadata?: { name?: string; namespace?: string } };
  return metadata?.namespace ?? metadata?.name ?? "";
}

/** The event log of one run of the engine, which offers it among its debugging flags only. */
export interface EventLog {
  /** Arguments and environment of the run that writes the log. */
  args: string[];
  environment: NodeJS.ProcessEnv;
  /** Steps of the run. Throws when the run has written no log. */
  steps(): PlannedStep[];
  /** Removes the log: it holds inputs of resources. */
  remove(): void;
}

/** An event log in a folder of its own that only this user can read. */
export function eventLog(): EventLog {
  const folder = mkdtempSync(path.join(tmpdir(), "ollama-platform-plan-"));
  const file = path.join(folder, "events");
  return {
    args: ["--event-log", file],
    environment: { PULUMI_DEBUG_COMMANDS: "true" },
    steps: () =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .flatMap(
          (line) => (JSON.parse(line) as { resourcePreEvent?: { metadata: PlannedStep } }).resourcePreEvent ?? [],
        )
        .map(({ metadata }) => metadata),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

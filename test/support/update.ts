import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { policyArguments, pulumiOnStack, refreshStackConfig, type LocalStack } from "../../tools/local/stack";

/** One step of an engine operation. */
export interface EngineStep {
  /** `create`, `update`, `delete`, `replace`, `same`, ... */
  op: string;
  urn: string;
  type: string;
}

/** A policy violation as the engine reports it. */
export interface PolicyViolation {
  policy: string;
  level: string;
  message: string;
}

/** What an engine operation did and printed. */
export interface UpdateResult {
  code: number;
  output: string;
  /** Steps that change something. */
  changes: EngineStep[];
  /** Every step, unchanged resources too. */
  steps: EngineStep[];
  violations: PolicyViolation[];
}

interface EngineEvent {
  resourcePreEvent?: { metadata: EngineStep };
  policyEvent?: { policyName: string; enforcementLevel: string; message: string };
}

const unchanged = new Set(["same", "read", "refresh"]);

/** Runs `preview`, `up`, `refresh` or `destroy` on the stack and reads the engine's own event log. */
export async function update(stack: LocalStack, command: string, args: string[] = []): Promise<UpdateResult> {
  const scratch = mkdtempSync(path.join(tmpdir(), "ollama-platform-events-"));
  const log = path.join(scratch, "events");
  try {
    refreshStackConfig(stack);
    // The engine offers its event log among its debugging flags only.
    const debugging = { ...stack, environment: { ...stack.environment, PULUMI_DEBUG_COMMANDS: "true" } };
    const result = await pulumiOnStack(debugging, command, ["--event-log", log, ...args]);
    const events = readEvents(log);
    const steps = events.flatMap((event) =>
      event.resourcePreEvent === undefined ? [] : [event.resourcePreEvent.metadata],
    );
    return {
      code: result.code,
      output: result.stdout + result.stderr,
      steps,
      changes: steps.filter(({ op }) => !unchanged.has(op)),
      violations: events.flatMap(({ policyEvent: event }) =>
        event === undefined
          ? []
          : [{ policy: event.policyName, level: event.enforcementLevel, message: event.message }],
      ),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function readEvents(log: string): EngineEvent[] {
  try {
    const lines = readFileSync(log, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as EngineEvent);
  } catch {
    return [];
  }
}

/** `pulumi up` with the policy pack; the preview that precedes it is what the pack judges. */
export const up = (stack: LocalStack, ...args: string[]) =>
  update(stack, "up", ["--yes", ...policyArguments(stack), ...args]);

/** `pulumi preview` with the policy pack. */
export const preview = (stack: LocalStack, ...args: string[]) =>
  update(stack, "preview", [...policyArguments(stack), ...args]);

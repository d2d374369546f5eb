import * as path from "node:path";
import type { PulumiOptions } from "../engine";
import { makeDisplay, type Plan } from "../local/display/display";
import type { Step } from "../local/display/events";
import { makeLogFile } from "../local/display/log-file";
import { logOfRun, type NamedObject } from "../local/first-update/journal";
import { localDirectory } from "../local/paths";
import { type LocalStack, pulumiOnStack } from "../local/stack";

/** How the engine's run on one of several stacks ended. */
export interface PartRun {
  /** Name of the stack. */
  stack: string;
  /** Exit code of the engine. */
  code: number;
  /** Every step, unchanged resources too. */
  steps: Step[];
  plan: Plan;
  /** What is told of the run, by part of the platform; the last line says how much was done. */
  lines: string[];
  /** File with the engine's own output. */
  log: string;
}

/** A run of the engine on one of several stacks. */
export interface PartCommand {
  stack: LocalStack;
  /** `preview`, `up` or `destroy`. */
  command: string;
  args: readonly string[];
  /** What a preview has said that would be done. */
  expected?: Plan;
  /** What a first update of the stack is going to make. Default: it is noted while it goes on. */
  ahead?: () => readonly NamedObject[];
  /** Told where the run is, in one line. */
  onProgress: (line: string) => void;
  signals: Pick<PulumiOptions, "signal" | "killSignal">;
}

const ticksMilliseconds = 250;
const endOfLog = 30;

/** Runs one engine command on a stack. A command that fails is a result. */
export async function runPart({ stack, command, args, ...options }: PartCommand): Promise<PartRun> {
  const lines: string[] = [];
  const output = makeLogFile(localDirectory(), `${command}-${stack.name}`);
  const screen = { say: (line: string) => void lines.push(line), live: options.onProgress };
  const { expected } = options;
  const display = makeDisplay({ screen, isPreview: command === "preview", ...(expected && { expected }) });
  const log = await logOfRun(stack, command, options.ahead);
  const steps: Step[] = [];
  let unreadable: unknown;
  const look = (): void => {
    try {
      for (const event of log.reader.read()) {
        if (event.resourcePreEvent !== undefined) steps.push(event.resourcePreEvent.metadata);
        display.take(event);
      }
    } catch (error) {
      // The engine goes on: what it tells is in its own output.
      unreadable ??= error;
    }
    display.tick();
  };
  const timer = setInterval(look, ticksMilliseconds);
  try {
    const environment = { ...stack.environment, ...log.environment };
    const run = await pulumiOnStack({ ...stack, environment }, command, [...args, ...log.args], {
      ...options.signals,
      onOutput: output.append,
    });
    clearInterval(timer);
    look();
    display.end(run.code === 0);
    if (run.code !== 0 && !display.hasFailed() && options.signals.signal?.aborted !== true) {
      lines.push(...(run.stdout + run.stderr).trimEnd().split("\n").slice(-endOfLog));
    }
    // Of a plan that is judged by its steps each one has to be known.
    if (command === "preview" && run.code === 0 && unreadable !== undefined) throw unreadable;
    return {
      stack: stack.name,
      code: run.code,
      steps,
      plan: display.plan(),
      lines,
      log: path.relative("", output.file),
    };
  } finally {
    clearInterval(timer);
    log.remove();
  }
}

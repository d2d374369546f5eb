import * as path from "node:path";
import { watchDeletions } from "../local/blocked";
import { makeDisplay, type Plan } from "../local/display/display";
import type { Step } from "../local/display/events";
import { makeLogFile } from "../local/display/log-file";
import { openScreen } from "../local/display/screen";
import { logOfRun, madeBy } from "../local/first-update/journal";
import { recoverFromDeadEngines } from "../local/engine-processes";
import { localDirectory } from "../local/paths";
import { pulumiOnStack, type LocalStack } from "../local/stack";
import { pruneState } from "../local/state";
import { stateFolderFault, watchStateFolder } from "../local/state-folder";
import { watchInterrupts } from "./interrupts";

/** A command of the engine that failed and has said why. */
export class EngineFailure extends Error {
  override readonly name = "EngineFailure";

  /** @param code Exit code of the engine; 128 and more when a signal ended it. */
  constructor(readonly code: number) {
    super(`the engine ended with code ${code}`);
  }
}

/** What a run of the engine did, or would do. */
export interface EngineRun {
  plan: Plan;
  steps: Step[];
}

/** Exit code of a command that Ctrl-C stopped. */
const stopped = 130;
const ticksMilliseconds = 250;
const endOfLog = 30;

/** Options with which people ask for the engine's own display. */
const ownDisplay = /^(--(diff|json|help|debug|logtostderr|show-[a-z-]+|suppress-[a-z-]+)(=|$)|-(h|v|d|j)\b)/;

/**
 * Runs one engine command on the dev stack and tells it by tenant, errors at once; the engine's own output goes to a file that is named. An
 * option such as `--diff` asks for the engine's own display instead. Ctrl-C lets the engine finish what is under way; a second one ends it.
 *
 * @param previewed What a preview has said that would be done. Default: nothing is known.
 * @throws EngineFailure when the command fails or is stopped.
 */
export async function runOnDevStack(
  { stack }: { stack: LocalStack },
  command: string,
  args: string[],
  previewed?: EngineRun,
): Promise<EngineRun> {
  const screen = openScreen(process.stdout);
  const state = path.join(localDirectory(), "state");
  const fault = stateFolderFault(state);
  if (fault !== undefined) throw new Error(fault);
  const output = makeLogFile(localDirectory(), command);
  const isRaw = args.some((arg) => ownDisplay.test(arg));
  const display = makeDisplay({
    screen,
    isPreview: command === "preview",
    ...(previewed && { expected: previewed.plan }),
  });
  const log = await logOfRun(stack, command, () => (previewed?.steps ?? []).flatMap(madeBy));
  const steps: Step[] = [];
  let unreadable: unknown;
  const look = (): void => {
    try {
      for (const event of log.reader.read()) {
        if (event.resourcePreEvent !== undefined) steps.push(event.resourcePreEvent.metadata);
        if (!isRaw) display.take(event);
      }
    } catch (error) {
      // The engine goes on: what it tells is in its own output.
      unreadable ??= error;
    }
    if (!isRaw) display.tick();
  };
  if (!isRaw) screen.say(`${headings[command] ?? command} (full output: ${path.relative("", output.file)})`);
  const interrupts = watchInterrupts((line) => screen.say(line));
  const deletions = watchDeletions(stack.environment.KUBECONFIG ?? "", (line) => screen.say(`  ${line}`));
  const folder = watchStateFolder(state, (line) => screen.say(line));
  const signals = {
    signal: AbortSignal.any([interrupts.signal, folder.stop]),
    killSignal: AbortSignal.any([interrupts.killSignal, folder.kill]),
  };
  const timer = setInterval(look, ticksMilliseconds);
  try {
    const onOutput = (text: string): void => {
      output.append(text);
      if (isRaw) process.stdout.write(text);
    };
    const environment = { ...stack.environment, ...log.environment };
    const run = await pulumiOnStack({ ...stack, environment }, command, [...args, ...log.args], {
      ...signals,
      onOutput,
    });
    clearInterval(timer);
    look();
    if (!isRaw) display.end(run.code === 0);
    if (signals.killSignal.aborted) await recoverFromDeadEngines(stack.environment);
    pruneState(localDirectory());
    if (run.code !== 0) {
      folder.lookAgain();
      const isStopped = interrupts.signal.aborted;
      if (!isRaw && !signals.signal.aborted && !display.hasFailed()) screen.say(endOf(run.stdout + run.stderr));
      if (!isRaw) screen.say(`The engine ended with code ${run.code}; its full output: ${output.file}`);
      throw new EngineFailure(isStopped ? stopped : run.code);
    }
    // Of a plan that is judged by its steps each one has to be known.
    if (command === "preview" && unreadable !== undefined) throw unreadable;
    return { plan: display.plan(), steps };
  } finally {
    clearInterval(timer);
    interrupts.release();
    folder.end();
    for (const line of await deletions.end()) screen.say(line);
    screen.close();
    log.remove();
  }
}

const headings: Record<string, string> = {
  preview: "Previewing the dev stack",
  up: "Updating the dev stack",
  destroy: "Destroying the dev stack",
};

const endOf = (text: string): string => text.trimEnd().split("\n").slice(-endOfLog).join("\n");

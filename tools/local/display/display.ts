import type { EngineEvent, Step } from "./events";
import { groupOf, isObject, titleOf, type Group } from "./groups";
import { countsInWords, describeStep, describeSteps, verbOf } from "./words";

/** Steps of a plan by the part that they are about. */
export type Plan = ReadonlyMap<Group, Step[]>;

/** Where a run is told. */
export interface Screen {
  /** One line that stays. */
  say(line: string): void;
  /** The line that is renewed while the run goes on. */
  live(line: string): void;
}

/** What a run of the engine tells people: by part of the platform, each thing once, errors at once. */
export interface Display {
  /** Takes what has happened. */
  take(event: EngineEvent): void;
  /** Renews the live line. */
  tick(): void;
  /** Says how it ended: whether it came to its end. */
  end(isWhole: boolean): void;
  /** What was planned, or done, so far. */
  plan(): Plan;
  /** Whether an error or a refusal of the policy pack was said. */
  hasFailed(): boolean;
}

/** What is known when a run begins. */
export interface DisplayOptions {
  screen: Screen;
  /** Whether nothing is done. */
  isPreview: boolean;
  /** What a preview has said that would be done. Default: nothing is known. */
  expected?: Plan;
  /** Clock in milliseconds. */
  now?: () => number;
}

/** A part with more steps than this is told in one line, by numbers. */
const mostLines = 10;
const mostUnderWay = 3;
const colours = /<\{%[^%]*%\}>/g;

/** Makes a display. Values of resources are never shown: the engine's own output, which has them, goes to a file. */
export function makeDisplay(options: DisplayOptions): Display {
  const { screen, isPreview, expected, now = Date.now } = options;
  const begin = now();
  const steps = new Map<Group, Step[]>();
  const underWay = new Map<string, Step>();
  const said = new Set<string>();
  let failed = false;

  const total = [...(expected?.values() ?? [])].reduce((sum, list) => sum + list.length, 0);
  const seconds = (): string => `${Math.round((now() - begin) / 1000)} s`;
  const done = (): Step[] => [...steps.values()].flat();

  function sayOnce(line: string): void {
    if (said.has(line)) return;
    said.add(line);
    screen.say(line);
  }

  function finished(step: Step): void {
    underWay.delete(step.urn);
    if (verbOf(step) === undefined || !isObject(step)) return;
    const group = groupOf(step);
    const ours = steps.get(group) ?? [];
    steps.set(group, ours);
    if (ours.some(({ urn, op }) => urn === step.urn && op === step.op)) return;
    ours.push(step);
    if (isPreview || expected === undefined) return;
    const planned = expected.get(group)?.length ?? 0;
    if (planned <= mostLines) screen.say(`  ${group}: ${describeStep(step)}`);
    else if (planned === ours.length) screen.say(`  ${group}: ${countsInWords(ours, true)} after ${seconds()}`);
  }

  function diagnosed({ urn, message, severity, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    if (severity === "debug" || ephemeral === true) return;
    const about = urn === undefined || urn === "" ? undefined : underWay.get(urn);
    const where = about === undefined ? "" : `${groupOf(about)}, ${titleOf(about)}: `;
    const isError = severity === "error";
    failed ||= isError;
    const label = isError ? "error: " : severity === "warning" ? "warning: " : "";
    for (const text of textsOf(message)) sayOnce(`${label}${where}${text}`);
  }

  return {
    take: ({ resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, policyEvent }) => {
      if (resourcePreEvent !== undefined) underWay.set(resourcePreEvent.metadata.urn, resourcePreEvent.metadata);
      if (resOutputsEvent !== undefined) finished(resOutputsEvent.metadata);
      if (resOpFailedEvent !== undefined) underWay.delete(resOpFailedEvent.metadata.urn);
      if (diagnosticEvent !== undefined) diagnosed(diagnosticEvent);
      if (policyEvent !== undefined) {
        const { message, policyName, enforcementLevel } = policyEvent;
        const isMandatory = enforcementLevel === "mandatory";
        failed ||= isMandatory;
        sayOnce(`policy ${policyName}, ${enforcementLevel}:\n${indented(textsOf(message).join("\n"))}`);
      }
    },
    tick: () => {
      const busy = [...underWay.values()].filter((step) => isObject(step) && verbOf(step) !== undefined);
      const names = busy.slice(0, mostUnderWay).map((step) => `${groupOf(step)} ${titleOf(step)}`);
      const more = busy.length > mostUnderWay ? ` and ${busy.length - mostUnderWay} more` : "";
      const of = total > 0 ? ` of ${total}` : "";
      const waiting = names.length > 0 && !isPreview ? `; under way: ${names.join(", ")}${more}` : "";
      screen.live(`  ${seconds()}: ${done().length}${of}${waiting}`);
    },
    end: (isWhole) => {
      const groups = [...steps].sort(([a], [b]) => a.localeCompare(b));
      // What was told while it went on is not told again.
      if (isPreview || expected === undefined) for (const [group, ours] of groups) sayGroup(group, ours);
      const counts = countsInWords(done(), !isPreview);
      const all = counts === "" ? "nothing to change" : counts;
      const some = counts === "" ? "nothing is done" : `${counts} before it stopped`;
      screen.say(`  ${isWhole ? all : some}; ${seconds()}`);
    },
    plan: () => steps,
    hasFailed: () => failed,
  };

  function sayGroup(group: Group, ours: Step[]): void {
    const lines = describeSteps(ours);
    if (lines.length > mostLines) screen.say(`  ${group}: ${countsInWords(ours, !isPreview)}`);
    else for (const line of lines) screen.say(`  ${group}: ${line}`);
  }
}

/** Texts of a message, each once: a provider repeats what several of its checks have seen. */
function textsOf(message: string): string[] {
  const lines = message.replace(colours, "").trimEnd().split("\n");
  return [lines.filter((line, index) => lines.indexOf(line) === index && line.trim() !== "").join("\n")].filter(
    (text) => text !== "",
  );
}

const indented = (text: string): string => text.replace(/^/gm, "  ");

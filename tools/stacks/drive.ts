import { setImmediate } from "node:timers/promises";
import { planOfPart } from "../../components/plan/part";
import { platformObjects, type PlatformPlan } from "../../components/plan/platform";
import type { SourceObject } from "../../policy-pack/model/cluster-model";
import { watchInterrupts } from "../commands/interrupts";
import { EngineFailure } from "../commands/run";
import { withoutAnswers } from "../commands/stack-argument";
import { watchDeletions } from "../local/blocked";
import { openScreen, type OpenScreen, type Output } from "../local/display/screen";
import { removeLeftovers, tellBroken } from "../local/first-update/leftovers";
import { takenFromTenants } from "../local/plan-guard";
import { policyArguments } from "../local/stack";
import { configurationOfPart, type Gate, objectsOfState, OF_THE_WHOLE_REASON, openGate } from "./gate";
import { existingStacks, stacksOf } from "./existing";
import { type EnvironmentStacks, type PartStack, prepareStacks } from "./open";
import { type PartRun, runPart } from "./part-run";
import { changedParts, isUsed, misplacedTenants, onlyTells, placesOfTenants, savedPart, type SavedPart } from "./saved";
import { doSeveral } from "./several";

/** Exit code of a command that Ctrl-C stopped. */
const stopped = 130;

/** Options that ask for a run of every stack: what differs is then not known from what is declared. */
const wholeRuns = /^(--refresh|-r|--target|-t|--replace|--expect-no-changes|--config|-c|--run-program)(=|$)/;

/** What a command on several stacks tells, and is told. */
export interface Session {
  environment: EnvironmentStacks;
  screen: OpenScreen;
  signals: ReturnType<typeof watchInterrupts>;
}

/** Opens a session; what runs in it hears Ctrl-C, and says which deletions the cluster holds up. */
export async function withSession<T>(
  environment: EnvironmentStacks,
  output: Output,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const screen = openScreen(output);
  const signals = watchInterrupts((line) => screen.say(line));
  const { KUBECONFIG: kubeconfig } = environment.base.environment;
  const deletions =
    kubeconfig === undefined ? undefined : watchDeletions(kubeconfig, (line) => screen.say(`  ${line}`));
  try {
    return await work({ environment, screen, signals });
  } finally {
    signals.release();
    for (const line of (await deletions?.end()) ?? []) screen.say(line);
    screen.close();
  }
}

/** Stacks of the environment that exist, with those that it had when it had more of them. */
export async function stacksThatExist({ base, parts }: EnvironmentStacks): Promise<PartStack[]> {
  const declared = new Map(parts.map((part) => [part.stack.name, part]));
  return (await stacksOf(base)).map((stack) => declared.get(stack.name) ?? { stack });
}

/** What is saved of stacks, some read at once. */
export function savedParts(parts: readonly PartStack[], { screen, signals }: Session): Promise<SavedPart[]> {
  return doSeveral({
    items: parts,
    nameOf: ({ stack }) => stack.name,
    work: ({ stack }) => savedPart(stack),
    live: (line) => screen.live(line),
    signal: signals.signal,
  });
}

/** What an update would be about. */
interface Prepared {
  changed: PartStack[];
  /** What was saved of each stack that exists. */
  saved: SavedPart[];
  /** Stacks that the environment no longer has, with nothing in them but what is no longer declared. */
  former: PartStack[];
  gate: Gate;
  /** Whether the plan of the whole environment has been judged. */
  isJudged: boolean;
}

/** Judges the plan of the whole environment. Throws EngineFailure when a rule is broken. */
async function judgePlan(session: Session, gate: Gate): Promise<void> {
  const broken = await gate.violationsOfPlan(session.environment.plan);
  refuseAny(session, broken, "the policy pack refuses the plan of the whole environment");
}

/**
 * Makes the stacks that are missing, for a plan that is judged before, and finds those that change. Where no stack is missing there is time to
 * judge while engines preview. Throws EngineFailure when something is refused.
 */
async function prepare(session: Session, args: readonly string[]): Promise<Prepared> {
  const { environment, screen } = session;
  const { plan, base, parts, name } = environment;
  const names = parts.map(({ stack }) => stack.name);
  const there = await existingStacks(base);
  const gate = openGate(environment.project, name);
  const isJudged = names.some((each) => !there.includes(each));
  if (isJudged) await judgePlan(session, gate);
  await prepareStacks(base, names, there);
  const existing = await stacksThatExist(environment);
  const saved = await savedParts(existing, session);
  for (const line of tellBroken(existing.map(({ stack }) => stack))) screen.say(line);
  const misplaced = misplacedTenants(placesOfTenants(environment), saved);
  refuseAny(
    session,
    misplaced.map(({ tenant, from, to }) => `tenant ${tenant} lies in stack ${from} and belongs in ${to}`),
    `the environment's stacks have changed; \`npm run stacks -- --stack ${name} --move\` moves them`,
  );
  const former = existing.filter(
    ({ stack }) =>
      !parts.some((part) => part.stack.name === stack.name) &&
      saved.some((each) => each.stack === stack.name && each.resources.length > 0),
  );
  const changed = changedParts(
    parts,
    saved,
    args.some((arg) => wholeRuns.test(arg)),
  );
  const same = parts.length - changed.length;
  if (parts.length > 1)
    screen.say(
      `${name}: ${plan.tenants.length} tenants in ${parts.length - 1} stacks beside the platform's; ` +
        (changed.length === 0 ? "all are as declared" : `${changed.length} to look at, ${same} as declared`),
    );
  return { changed, saved, former, gate, isJudged };
}

function refuseAny({ screen }: Session, lines: readonly string[], why: string): void {
  if (lines.length === 0) return;
  screen.say(`error: ${why}; nothing was changed:`);
  for (const line of lines) screen.say(`  ${line}`);
  throw new EngineFailure(1);
}

/** A command on some of the stacks. */
interface Round {
  parts: readonly PartStack[];
  command: string;
  /** Arguments of the engine for a stack. */
  argsOf: (part: PartStack) => string[];
  /** What previews have said, by stack. */
  expected?: ReadonlyMap<string, PartRun>;
  /** Aborted when no stack more is to be begun. Default: that is for Ctrl-C alone. */
  signal?: AbortSignal;
}

/** Runs a command on stacks, several at once; the first failure is told, and nothing is begun after it. */
async function runRound(session: Session, { parts, command, argsOf, expected, signal }: Round): Promise<PartRun[]> {
  const { screen, signals } = session;
  const runs = await doSeveral({
    items: parts,
    nameOf: ({ stack }) => stack.name,
    work: (part, onProgress) =>
      runPart({
        stack: part.stack,
        command,
        args: argsOf(part),
        expected: expected?.get(part.stack.name)?.plan,
        ahead: () => platformObjects(planOfStack(session.environment, part)),
        onProgress,
        signals,
      }),
    isGood: ({ code }) => code === 0,
    onDone: (run, done) => tellRun(screen, run, command, `${done} of ${parts.length}`),
    live: (line) => screen.live(line),
    signal: signal === undefined ? signals.signal : AbortSignal.any([signals.signal, signal]),
  });
  const failed = runs.find(({ code }) => code !== 0);
  const left = parts
    .filter(({ stack }) => !runs.some((run) => run.stack === stack.name))
    .map(({ stack }) => stack.name);
  if (left.length > 0) screen.say(`Not begun: ${left.join(", ")}.`);
  if (signals.signal.aborted) throw new EngineFailure(stopped);
  if (failed !== undefined) {
    screen.say(
      `error: ${command} of stack ${failed.stack} ended with code ${failed.code}; its full output: ${failed.log}`,
    );
    throw new EngineFailure(failed.code);
  }
  return runs;
}

/** Plan of what one stack registers. */
const planOfStack = ({ plan }: EnvironmentStacks, { part }: PartStack): PlatformPlan =>
  part === undefined ? plan : planOfPart(plan, part);

/** Of a preview and of a failure everything is told; of what went well, how much it was. */
function tellRun(screen: OpenScreen, { stack, code, lines }: PartRun, command: string, which: string): void {
  const summary = lines.findLast((line) => / s$/.test(line))?.trim() ?? "";
  screen.say(`[${which}] ${stack}: ${code === 0 ? summary : "failed"}`);
  const warnings = (line: string) => /^(warning|policy)\b/.test(line);
  const told = code !== 0 ? lines : command === "preview" ? lines.slice(0, -1) : lines.filter(warnings);
  for (const line of told.filter((each) => !each.includes(OF_THE_WHOLE_REASON))) screen.say(`  ${line}`);
}

const policies = (session: Session) => (part: PartStack) =>
  policyArguments(part.stack, configurationOfPart(part, session.environment.base));

/** What was previewed of the stacks that change. */
interface Previews {
  runs: PartRun[];
  /** Whether the platform's stack changes no object, only what it tells: then no tenant waits for it. */
  onlyTells: boolean;
  /** Stacks that were not previewed since they change nothing but their outputs. */
  tellers: PartStack[];
}

/**
 * Previews what changes and refuses a plan that takes from a tenant what it cannot get back. Of two kinds of stacks it is told in a line what
 * happens, unless an option asks the engine for more: one with tenants that has nothing yet, since there is nothing to take and all that it gets
 * was judged in the plan of the whole, and one of which nothing changes but its outputs.
 */
async function previewParts(session: Session, prepared: Prepared, args: readonly string[]): Promise<Previews> {
  const { environment, screen } = session;
  const own = withoutAnswers(args);
  const policiesOf = policies(session);
  const argsOf = (part: PartStack) => [...policiesOf(part), ...own];
  const savedOf = ({ stack }: PartStack) => prepared.saved.find((each) => each.stack === stack.name);
  const isTeller = (each: PartStack): boolean => {
    const saved = savedOf(each);
    return own.length === 0 && each.part !== undefined && saved !== undefined && onlyTells(saved, each.part);
  };
  const tellers = prepared.changed.filter(isTeller);
  const known = (each: PartStack): string | undefined => {
    const { part } = each;
    if (part === undefined || own.length > 0) return undefined;
    if (tellers.includes(each)) return "changes nothing but its outputs";
    const saved = savedOf(each);
    const isNew = !part.hasPlatform && (saved === undefined || !isUsed(saved));
    return isNew ? `is new, for ${part.tenants.join(", ") || "no tenant yet"}` : undefined;
  };
  const told = prepared.changed.map((part) => ({ part, line: known(part) }));
  for (const { part, line } of told) if (line !== undefined) screen.say(`${part.stack.name}: ${line}`);
  const parts = told.filter(({ line }) => line === undefined).map(({ part }) => part);
  const refused = new AbortController();
  const judged = prepared.isJudged ? Promise.resolve() : judgePlan(session, prepared.gate);
  judged.catch(() => {
    refused.abort();
  });
  const [verdict, previewed] = await Promise.allSettled([
    judged,
    runRound(session, { parts, command: "preview", argsOf, signal: refused.signal }),
  ]);
  // What breaks a rule of the whole may be why a stack's preview failed.
  if (verdict.status === "rejected") throw verdict.reason;
  if (previewed.status === "rejected") throw previewed.reason;
  const runs = previewed.value;
  refuseAny(
    session,
    runs.flatMap(({ steps }) => takenFromTenants(steps)),
    "the plan is refused, since the tenants' files are still there",
  );
  for (const { stack } of prepared.former)
    screen.say(`${stack.name}: is destroyed, its tenants are not declared any more`);
  const base = runs.find(({ stack }) => stack === environment.base.name);
  return { runs, onlyTells: base === undefined || base.plan.size === 0, tellers };
}

/** `npm run preview` for an environment with several stacks, or one that is not the local cluster's. */
export function previewEnvironment(
  environment: EnvironmentStacks,
  args: readonly string[],
  output: Output = process.stdout,
): Promise<void> {
  return withSession(environment, output, async (session) => {
    await previewParts(session, await prepare(session, args), args);
  });
}

/** `npm run up` for such an environment: the platform's stack first, then the tenants' several at once. */
export function updateEnvironment(
  environment: EnvironmentStacks,
  args: readonly string[],
  output: Output = process.stdout,
): Promise<void> {
  return withSession(environment, output, async (session) => {
    const prepared = await prepare(session, args);
    const hasToJudge = environment.parts.length > 1 && prepared.changed.length > 0;
    const [previews, others] = await Promise.all([
      previewParts(session, prepared, args),
      hasToJudge ? judgeAhead(session, prepared) : [],
    ]);
    const expected = new Map(previews.runs.map((run) => [run.stack, run]));
    const own = withoutAnswers(args);
    const policiesOf = policies(session);
    // Objects that do not change have been judged when they came, and are again with the whole plan and with all states.
    const packOf = (part: PartStack) => (previews.tellers.includes(part) ? [] : policiesOf(part));
    const argsOf = (part: PartStack) => ["--yes", "--skip-preview", ...packOf(part), ...own];
    const isFirst = ({ stack }: PartStack) => stack.name === environment.base.name;
    const rounds = previews.onlyTells
      ? [prepared.changed]
      : [prepared.changed.filter(isFirst), prepared.changed.filter((part) => !isFirst(part))];
    for (const parts of rounds) await runRound(session, { parts, command: "up", argsOf, expected });
    await destroyParts(session, prepared.former);
    if (hasToJudge) await judgeStates(session, prepared, others);
    // With an option, such as --target, the stacks may hold less than is declared.
    if (own.length === 0) await removeUndeclared(session);
  });
}

/**
 * What the stacks that do not change have, judged by itself: what the pack's rules have found out of each object they remember, and judging all
 * stacks together in the end takes half as long.
 */
async function judgeAhead({ environment }: Session, { changed, saved, gate }: Prepared): Promise<SourceObject[]> {
  const others = environment.parts.filter((part) => !changed.includes(part)).map(({ stack }) => stack.name);
  const sources: SourceObject[] = [];
  for (const part of saved.filter(({ stack }) => others.includes(stack))) {
    // An engine that waits to be started goes first.
    await setImmediate();
    sources.push(...objectsOfState(part));
  }
  await gate.violationsOfStates(sources);
  return sources;
}

/** The states of all stacks together are judged as one, since no stack's own run has seen the others. */
async function judgeStates(
  session: Session,
  { changed, gate }: Prepared,
  others: readonly SourceObject[],
): Promise<void> {
  const { environment, screen } = session;
  const sources = [...(await savedParts(changed, session)).flatMap(objectsOfState), ...others];
  const broken = await gate.violationsOfStates(sources);
  for (const line of broken) screen.say(`  ${line}`);
  if (broken.length > 0) {
    screen.say("error: the policy pack refuses what the stacks hold together");
    throw new EngineFailure(1);
  }
  screen.say(`The policy pack has judged all ${environment.parts.length} stacks together: no rule is broken.`);
}

/** Of what a killed first update made, no state knows. */
async function removeUndeclared(session: Session): Promise<void> {
  const existing = await stacksThatExist(session.environment);
  const held = async () => (await savedParts(existing, session)).flatMap(({ resources }) => resources);
  const stacks = existing.map(({ stack }) => stack);
  for (const line of await removeLeftovers(stacks, held)) session.screen.say(line);
}

function destroyParts(session: Session, parts: readonly PartStack[]): Promise<PartRun[]> {
  return runRound(session, { parts, command: "destroy", argsOf: () => ["--yes", "--skip-preview"] });
}

/** `npm run down` for such an environment: the tenants' stacks first, the platform's last. */
export function destroyEnvironment(environment: EnvironmentStacks, output: Output = process.stdout): Promise<void> {
  return withSession(environment, output, async (session) => {
    const existing = await stacksThatExist(environment);
    await prepareStacks(
      environment.base,
      existing.map(({ stack }) => stack.name),
    );
    const isLast = ({ stack }: PartStack) => stack.name === environment.base.name;
    const others = existing.filter((part) => !isLast(part));
    await destroyParts(session, others);
    // The guard is in the platform's stack, and stays until no tenant is left.
    if (others.length > 0) await removeUndeclared(session);
    await destroyParts(session, existing.filter(isLast));
    await removeUndeclared(session);
  });
}

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Component, StartContext, Step } from "./component";
import { readIfPresent, tailOf } from "./files";
import { findFreePort, isPortFree } from "./ports";
import {
  clusterProcesses,
  type ClusterProcess,
  endProcesses,
  isAlive,
  mainProcess,
  startInBackground,
} from "./processes";
import { type ClusterState, writeState } from "./state";

/** What starting needs beside the components' descriptions. */
export interface StartPlan {
  context: StartContext;
  /** Changed in place and written whenever a port moves. */
  state: ClusterState;
  /** Components and steps; each comes after those that it starts after. */
  entries: readonly (Component | Step)[];
  /** Told one line for each thing that was done. */
  report: (line: string) => void;
  /** Longest time for one component to become ready, in seconds. */
  timeoutSeconds: number;
}

/** How often a start is tried when another program takes a port in the moment between choosing and using it. */
const portAttempts = 3;

const programPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const isComponent = (entry: Component | Step): entry is Component => "executable" in entry;

/**
 * Brings every entry to where it should be, those that do not wait for each other at the same time. What already runs as wanted stays; where
 * that is every component, none waits for another. Waits for all before it throws the first failure, so that nothing goes on in the background afterwards.
 */
export async function startAll(plan: StartPlan): Promise<void> {
  const areAllReady = await everyComponentIsReady(plan);
  const begun = new Map<string, Promise<void>>();
  for (const entry of plan.entries) {
    const before = entry.startsAfter.map((name) => {
      const prerequisite = begun.get(name);
      if (prerequisite === undefined)
        throw new Error(`component ${entry.name} starts after ${name}, which does not come before it`);
      return prerequisite;
    });
    const bring = () => (isComponent(entry) ? ensureRunning(plan, entry) : entry.run(plan.context));
    begun.set(entry.name, isComponent(entry) && areAllReady ? Promise.resolve() : Promise.all(before).then(bring));
  }
  const outcomes = await Promise.allSettled(begun.values());
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/**
 * Whether every component runs with the wanted configuration and is ready at this moment. All are asked at the same time: on a cluster that
 * runs, each one's turn after those that it starts after takes most of a start. One that is not, for whatever reason, is left to its turn.
 */
async function everyComponentIsReady(plan: StartPlan): Promise<boolean> {
  const processes = clusterProcesses(plan.context.layout.directory);
  const each = plan.entries.filter(isComponent).map((component) => ({
    component,
    running: mainProcess(processes, component.name),
  }));
  if (each.some(({ running }) => running === undefined)) return false;
  const asked = each.map(async ({ component, running }) => {
    if (running === undefined || !(await hasWantedConfiguration(plan, component, running))) return false;
    await component.ready(plan.context);
    return isAlive(running);
  });
  const answers = await Promise.allSettled(asked);
  return answers.every((answer) => answer.status === "fulfilled" && answer.value);
}

/** Leaves a component alone that runs with the wanted configuration and is ready; restarts it otherwise. */
async function ensureRunning(plan: StartPlan, component: Component): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const own = clusterProcesses(plan.context.layout.directory).filter((found) => found.component === component.name);
    const running = mainProcess(own, component.name);
    if (running !== undefined && (await isAsWanted(plan, component, running))) return;
    if (own.length > 0) {
      plan.report(`${component.name} runs with another configuration or is not ready: restarting it`);
      await endProcesses(own);
    }
    await choosePorts(plan, component);
    const failure = await startAndWait(plan, component);
    if (failure === undefined) return;
    const stolen = await anyPortTaken(plan, component);
    if (!stolen || attempt === portAttempts) throw failure;
    plan.report(`a port of ${component.name} was taken by another program meanwhile: trying another`);
  }
}

async function isAsWanted(plan: StartPlan, component: Component, running: ClusterProcess): Promise<boolean> {
  if (!(await hasWantedConfiguration(plan, component, running))) return false;
  // It may have been started a moment ago by a command that died: it gets the time that a fresh one gets.
  return (await waitUntilReady(plan, component, running)) === undefined;
}

async function hasWantedConfiguration(
  plan: StartPlan,
  component: Component,
  running: ClusterProcess,
): Promise<boolean> {
  const missingPort = component.ports.some((name) => plan.state.ports[name] === undefined);
  return !missingPort && running.configuration === (await configurationDigest(plan.context, component));
}

async function startAndWait(plan: StartPlan, component: Component): Promise<Error | undefined> {
  const { context, state } = plan;
  const begin = Date.now();
  const configuration = await configurationDigest(context, component);
  const logFile = context.layout.log(component.name);
  const started = await startInBackground({
    executable: component.executable(context),
    args: component.args(context),
    environment: environmentOf(context, component),
    logFile,
    identity: { directory: context.layout.directory, clusterId: state.id, component: component.name, configuration },
  });
  const failure = await waitUntilReady(plan, component, started);
  if (failure === undefined) {
    plan.report(`${component.name} ready after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    return undefined;
  }
  await endProcesses(isAlive(started) ? [started] : []);
  return new Error(
    `${component.name} did not start: ${failure.message}\nThe end of ${logFile}:\n${tailOf(logFile, 15)}`,
  );
}

/** Undefined when the component became ready, else why it did not. */
async function waitUntilReady(
  plan: StartPlan,
  component: Component,
  process: ClusterProcess,
): Promise<Error | undefined> {
  const deadline = Date.now() + plan.timeoutSeconds * 1000;
  for (;;) {
    if (!isAlive(process)) return new Error("its process ended");
    try {
      await component.ready(plan.context);
      // Someone else's server on the port must not be taken for the component.
      if (isAlive(process)) return undefined;
    } catch (error) {
      if (Date.now() > deadline)
        return new Error(`not ready after ${plan.timeoutSeconds} s: ${(error as Error).message}`);
    }
    await sleep(100);
  }
}

function environmentOf(context: StartContext, component: Component): Record<string, string> {
  return { PATH: programPath, HOME: context.layout.directory, ...component.environment?.(context) };
}

/** Changes whenever the program, its command line, its environment or a file that it reads changes. */
async function configurationDigest(context: StartContext, component: Component): Promise<string> {
  const files = (await component.prepare?.(context)) ?? [];
  const configuration = [
    component.executable(context),
    component.args(context),
    environmentOf(context, component),
    files.map((file) => [file, readIfPresent(file) ?? ""]),
  ];
  return createHash("sha256").update(JSON.stringify(configuration)).digest("hex").slice(0, 32);
}

/** Keeps the remembered ports that are free and replaces the others. The component must not be running. */
async function choosePorts(plan: StartPlan, component: Component): Promise<void> {
  const { state, context } = plan;
  for (const name of component.ports) {
    const remembered = state.ports[name];
    if (remembered !== undefined && (await isPortFree(remembered))) continue;
    const port = await findFreePort(context.layout.directory, new Set(Object.values(state.ports)));
    if (remembered !== undefined)
      plan.report(`port ${remembered} of ${component.name} is taken: using ${port} instead`);
    state.ports[name] = port;
    writeState(context.layout, state);
  }
}

async function anyPortTaken(plan: StartPlan, component: Component): Promise<boolean> {
  const free = await Promise.all(component.ports.map((name) => isPortFree(plan.state.ports[name] ?? 0)));
  return free.includes(false);
}

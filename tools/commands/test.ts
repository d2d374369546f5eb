import { availableParallelism } from "node:os";
import { ensureDebianPackages, whyNoInstallation } from "../build/debian";
import { ensureTools, TOOL_NAMES, ToolError } from "../install";
import { formatTable } from "../local/table";
import { bundleMonitor } from "../monitor/bundle";
import { runCommand } from "./context";
import { addCounts, allSteps, runSideBySide, runSilently, runStep, type Counts, type Step } from "./suites";

interface Result {
  name: string;
  counts: Counts;
  seconds: number;
}

/** More suites at once have not been tried: they share the machine's memory too. */
const mostCores = 2;

/** All suites, side by side, or those named on the command line; the last printed line sums them up. */
async function test(): Promise<void> {
  const named = process.argv.slice(2);
  const unknown = named.filter((name) => !allSteps.some((step) => step.name === name));
  if (unknown.length > 0) {
    throw new Error(`no such suite: ${unknown.join(", ")}; suites are ${allSteps.map(({ name }) => name).join(", ")}`);
  }
  const steps = allSteps.filter(({ name }) => named.length === 0 || named.includes(name));
  bundleMonitor();
  // The guard's unit tests run on it; where it cannot be installed they are skipped and say so.
  if (whyNoInstallation() === undefined)
    await ensureDebianPackages([{ name: "luajit", provides: "luajit" }], process.stderr);
  if (named.length === 0) await buildTools();
  const cores = Math.min(availableParallelism(), mostCores);
  report(await runSideBySide(steps, cores, (step) => runAndReport(step, steps.length === 1)));
}

/** Tools that a suite lacks are built before the first begins: the time limits of tests are meant for tests. */
async function buildTools(): Promise<void> {
  try {
    await ensureTools(TOOL_NAMES);
  } catch (error) {
    // The suites that need what could not be built fail, and the others tell what they find.
    if (!(error instanceof ToolError)) throw error;
    console.error(`error: ${error.message}`);
  }
}

/** Runs a step; unless it is the only one its output is printed when it ends, so that suites do not speak at once. */
async function runAndReport(step: Step, isOnly: boolean): Promise<Result> {
  const begin = Date.now();
  console.log(isOnly ? `\n== ${step.name}` : `-- ${step.name} begins`);
  const { counts, output } = isOnly ? { counts: await runStep(step), output: "" } : await runSilently(step);
  if (!isOnly) console.log(`\n== ${step.name}\n${output}`);
  return { name: step.name, counts, seconds: (Date.now() - begin) / 1000 };
}

function report(results: Result[]): void {
  const rows = results.map(({ name, counts, seconds }) => [
    name,
    ...[counts.passed, counts.failed, counts.skipped].map(String),
    `${seconds.toFixed(0)} s`,
  ]);
  console.log(`\n${formatTable(["suite", "passed", "failed", "skipped", "time"], rows)}\n`);
  const total = addCounts(results.map(({ counts }) => counts));
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  if (total.failed > 0) process.exitCode = 1;
}

runCommand(test);

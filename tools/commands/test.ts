import { ensureDebianPackages, whyNoInstallation } from "../build/debian";
import { formatTable } from "../local/table";
import { bundleMonitor } from "../monitor/bundle";
import { runCommand } from "./context";
import { addCounts, runStep, staticSteps, suiteSteps, unitStep, type Counts } from "./suites";

/** All suites, or those named on the command line; the last printed line sums them up. */
async function test(): Promise<void> {
  const all = [...staticSteps, unitStep, ...suiteSteps];
  const named = process.argv.slice(2);
  const unknown = named.filter((name) => !all.some((step) => step.name === name));
  if (unknown.length > 0) {
    throw new Error(`no such suite: ${unknown.join(", ")}; suites are ${all.map((step) => step.name).join(", ")}`);
  }
  bundleMonitor();
  // The guard's unit tests run on it; where it cannot be installed they are skipped and say so.
  if (whyNoInstallation() === undefined)
    await ensureDebianPackages([{ name: "luajit", provides: "luajit" }], process.stderr);
  const results: { name: string; counts: Counts; seconds: number }[] = [];
  for (const step of all.filter(({ name }) => named.length === 0 || named.includes(name))) {
    console.log(`\n== ${step.name}`);
    const begin = Date.now();
    const counts = await runStep(step);
    results.push({ name: step.name, counts, seconds: (Date.now() - begin) / 1000 });
  }
  report(results);
}

function report(results: { name: string; counts: Counts; seconds: number }[]): void {
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

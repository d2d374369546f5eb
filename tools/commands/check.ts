import { bundleMonitor } from "../monitor/bundle";
import { runCommand } from "./context";
import { addCounts, runSilently, staticSteps, unitStep, type Step } from "./suites";

/** Format, lint, types and unit tests, side by side; the output of each step is printed when it ends. */
async function check(): Promise<void> {
  bundleMonitor();
  const results = await Promise.all([...staticSteps, unitStep].map(runAndReport));
  if (addCounts(results).failed > 0) process.exitCode = 1;
}

async function runAndReport(step: Step) {
  const { counts, output } = await runSilently(step);
  console.log(`== ${step.name}: ${counts.failed === 0 ? "ok" : "FAILED"}\n${output}`);
  return counts;
}

runCommand(check);

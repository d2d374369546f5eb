import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { repositoryRoot } from "../local/paths";

/** Numbers of tests with each outcome. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A step of `npm test`: a program whose exit code is one test, or a mocha suite that counts its own. */
export interface Step {
  name: string;
  /** Script that Node runs. */
  script: string;
  args: string[];
  counts: "exit-code" | "mocha";
  /** Processor cores that it keeps busy. Default: 1. */
  cores?: number;
}

const bin = (name: string) => path.join(repositoryRoot, "node_modules", name);

/**
 * A mocha suite of one folder below test/.
 *
 * @param timeout Of each test, in seconds.
 * @param jobs Number of its files that run side by side, for a suite whose files share nothing. Default: 1.
 */
export function mochaSuite(folder: string, timeout: number, jobs = 1): Step {
  const reporter = path.join(repositoryRoot, "tools", "commands", "mocha-reporter.ts");
  const parallel = jobs > 1 ? ["--parallel", "--jobs", `${jobs}`] : [];
  const args = [...parallel, "--reporter", reporter, "--timeout", `${timeout * 1000}`, `test/${folder}/**/*.test.ts`];
  return { name: folder, script: bin("mocha/bin/mocha.js"), args, counts: "mocha", cores: jobs };
}

/** Where checkers remember what they found in files that have not changed since. */
const cache = (name: string) => path.join(repositoryRoot, "node_modules", ".cache", name);

/** Places with sources that the layers are checked in. */
const sources = ["components", "policy-pack", "verifier", "tools", "bench", "program.ts", "index.ts"];

/** Format, lint, layers and types. */
export const staticSteps: Step[] = [
  {
    name: "format",
    script: bin("prettier/bin/prettier.cjs"),
    args: ["--check", "--log-level", "warn", "--cache", "--cache-location", cache("prettier-checked"), "."],
    counts: "exit-code",
  },
  {
    name: "lint",
    script: bin("eslint/bin/eslint.js"),
    args: ["--max-warnings", "0", "--cache", "--cache-location", cache("eslint-checked"), "."],
    counts: "exit-code",
  },
  {
    name: "layers",
    script: bin("dependency-cruiser/bin/dependency-cruiser.mjs"),
    args: ["--config", ".dependency-cruiser.cjs", "--output-type", "err-long", ...sources],
    counts: "exit-code",
  },
  { name: "types", script: bin("typescript/bin/tsc"), args: ["--noEmit", "-p", "tsconfig.json"], counts: "exit-code" },
];

/** Unit tests: everything that needs neither a tool nor a cluster. */
export const unitStep = mochaSuite("unit", 60);

/** Suites on real parts, in the order in which a fault is easiest to understand. */
export const suiteSteps: Step[] = [
  mochaSuite("tools", 180),
  mochaSuite("engine", 300, 2),
  mochaSuite("operations", 600, 2),
  mochaSuite("cluster", 300),
  mochaSuite("verifier", 300),
  mochaSuite("gateway", 300),
  mochaSuite("backends", 300),
  mochaSuite("differential", 600),
  mochaSuite("mutation", 300),
  mochaSuite("judges", 300),
  mochaSuite("guard", 300),
  mochaSuite("report", 120),
  mochaSuite("store", 300),
  mochaSuite("node", 900),
];

/**
 * Every step. The suite that takes longest, and mostly waits, comes first: no other is left to wait for its end, and it
 * has compared what a node leaves on the machine long before others make control groups and namespaces.
 */
export const allSteps: Step[] = [
  ...suiteSteps.filter(({ name }) => name === "node"),
  ...staticSteps,
  unitStep,
  ...suiteSteps.filter(({ name }) => name !== "node"),
];

/**
 * Runs steps side by side, as many as there are cores for: whenever one ends, the first of the list that fits begins.
 *
 * @param cores Cores to keep busy; a step that wants more than there are runs alone.
 * @returns What `run` returned for each step, in the order of `steps`.
 */
export async function runSideBySide<T>(
  steps: readonly Step[],
  cores: number,
  run: (step: Step) => Promise<T>,
): Promise<T[]> {
  const results = new Map<Step, T>();
  const waiting = [...steps];
  const running = new Set<Promise<void>>();
  let free = cores;
  const begin = async (step: Step, taken: number): Promise<void> => {
    free -= taken;
    results.set(step, await run(step));
    free += taken;
  };
  while (waiting.length > 0 || running.size > 0) {
    const index = waiting.findIndex((step) => wantedCores(step, cores) <= free);
    const [next] = index < 0 ? [] : waiting.splice(index, 1);
    if (next === undefined) await Promise.race(running);
    else {
      const end = begin(next, wantedCores(next, cores)).then(() => void running.delete(end));
      running.add(end);
    }
  }
  return steps.map((step) => results.get(step) as T);
}

const wantedCores = (step: Step, cores: number): number => Math.min(step.cores ?? 1, cores);

/** Runs a step; output goes to the terminal, and to `onOutput` instead where given. */
export async function runStep(step: Step, onOutput?: (text: string) => void): Promise<Counts> {
  const scratch = mkdtempSync(path.join(tmpdir(), "ollama-platform-test-"));
  const countsFile = path.join(scratch, "counts");
  try {
    const code = await runNode([step.script, ...step.args], countsFile, onOutput);
    if (step.counts === "exit-code")
      return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
    return readCounts(countsFile, code);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs a step and keeps what it prints, for a time when no other speaks. */
export async function runSilently(step: Step): Promise<{ counts: Counts; output: string }> {
  const output: string[] = [];
  const counts = await runStep(step, (text) => output.push(text));
  return { counts, output: output.join("") };
}

function runNode(args: string[], countsFile: string, onOutput?: (text: string) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: repositoryRoot,
      stdio: ["ignore", onOutput === undefined ? "inherit" : "pipe", onOutput === undefined ? "inherit" : "pipe"],
      env: { ...process.env, OLLAMA_PLATFORM_TEST_COUNTS: countsFile },
    });
    child.stdout?.on("data", (data: Buffer) => onOutput?.(data.toString()));
    child.stderr?.on("data", (data: Buffer) => onOutput?.(data.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** A suite that ended without writing its counts, or that failed outside a test, is one failure. */
function readCounts(file: string, code: number): Counts {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const { passes, failures, pending } = JSON.parse(text.trim()) as {
    passes: number;
    failures: number;
    pending: number;
  };
  return { passed: passes, failed: code !== 0 && failures === 0 ? 1 : failures, skipped: pending };
}

/** Sum of counts. */
export function addCounts(all: Counts[]): Counts {
  const sum = (pick: (counts: Counts) => number) => all.reduce((total, counts) => total + pick(counts), 0);
  return { passed: sum((c) => c.passed), failed: sum((c) => c.failed), skipped: sum((c) => c.skipped) };
}

/** Makes the monitor's program: one file of plain JavaScript, compressed, that needs nothing but Node.js. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { gzipSync } from "fflate";
import { MONITOR_PROGRAM } from "../../components/monitor/program";
import { parse } from "yaml";
import { record } from "../../policy-pack/model/json";
import { repositoryRoot } from "../local/paths";

/** Source of the monitor's program; whoever has the package and no checkout has the program alone. */
const ENTRY = "verifier/monitor/main.ts";

/**
 * Makes the program where a stack declares the monitor: the names of its files tell their content, so that whoever plans the stack needs it.
 *
 * @param stackFile The stack's file. One that cannot be read declares nothing; whoever loads it says why.
 */
export function bundleDeclaredMonitor(stackFile: string): void {
  if (existsSync(path.join(repositoryRoot, ENTRY)) && declaresMonitor(stackFile)) bundleMonitor();
}

function declaresMonitor(stackFile: string): boolean {
  try {
    const { config } = record(parse(readFileSync(stackFile, "utf8")));
    return record(record(config)["ollama-platform:cluster"])["monitor"] !== undefined;
  } catch {
    return false;
  }
}

/**
 * Makes the program from the sources of this checkout, which takes less than a second; writes it when it is another one.
 *
 * @returns Its size in bytes.
 */
export function bundleMonitor(): number {
  const program = Buffer.from(gzipSync(bundled(ENTRY), { level: 9, mtime: 0 }));
  if (existsSync(MONITOR_PROGRAM) && readFileSync(MONITOR_PROGRAM).equals(program)) return program.length;
  mkdirSync(path.dirname(MONITOR_PROGRAM), { recursive: true });
  // Others may be reading it, or making it at the same time.
  const scratch = `${MONITOR_PROGRAM}.${process.pid}`;
  writeFileSync(scratch, program);
  renameSync(scratch, MONITOR_PROGRAM);
  return program.length;
}

/**
 * A program of this checkout with all that it imports, as one file of plain JavaScript.
 *
 * @param entry Its source, for example `verifier/cli.ts`.
 */
export function bundled(entry: string): Uint8Array {
  // The compiler is loaded where there is something to compile: whoever has the package and no checkout does not have it.
  const { buildSync } = createRequire(__filename)("esbuild") as typeof import("esbuild");
  const { outputFiles } = buildSync({
    absWorkingDir: repositoryRoot,
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node22",
    minify: true,
    // Names of functions and classes are what stack traces are read by.
    keepNames: true,
    legalComments: "none",
    logLevel: "silent",
    write: false,
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

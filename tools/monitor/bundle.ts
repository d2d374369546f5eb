/** Makes the monitor's program: one file of plain JavaScript, compressed, that needs nothing but Node.js. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { buildSync } from "esbuild";
import { gzipSync } from "fflate";
import { MONITOR_PROGRAM } from "../../components/monitor/program";
import { repositoryRoot } from "../local/paths";

/**
 * Makes the program from the sources of this checkout, which takes less than a second; writes it when it is another one.
 *
 * @returns Its size in bytes.
 */
export function bundleMonitor(): number {
  const { outputFiles } = buildSync({
    absWorkingDir: repositoryRoot,
    entryPoints: ["verifier/monitor/main.ts"],
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
  const program = Buffer.from(gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9, mtime: 0 }));
  if (existsSync(MONITOR_PROGRAM) && readFileSync(MONITOR_PROGRAM).equals(program)) return program.length;
  mkdirSync(path.dirname(MONITOR_PROGRAM), { recursive: true });
  // Others may be reading it, or making it at the same time.
  const scratch = `${MONITOR_PROGRAM}.${process.pid}`;
  writeFileSync(scratch, program);
  renameSync(scratch, MONITOR_PROGRAM);
  return program.length;
}

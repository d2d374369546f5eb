/** The monitor's program, as a ConfigMap carries it. */
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";

/** File with the program, compressed by gzip; `npm run bundle` makes it. */
export const MONITOR_PROGRAM = path.join(__dirname, "bin", "monitor.cjs.gz");

/**
 * The program, compressed by gzip.
 *
 * @throws Error when it has not been made.
 */
export function monitorProgram(): Buffer {
  if (!existsSync(MONITOR_PROGRAM))
    throw new Error("cluster.monitor is declared, and the monitor's program has not been made: run `npm run bundle`");
  return readFileSync(MONITOR_PROGRAM);
}

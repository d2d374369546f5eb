import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";

/** Files that are kept. */
const filesKept = 30;

/** A file with the whole output of one run of the engine. */
export interface LogFile {
  file: string;
  append(text: string): void;
}

/**
 * Makes a new log below `directory` that only this user can read, and removes the oldest ones.
 *
 * @param command Command of the engine.
 * @param time When it begins.
 */
export function makeLogFile(directory: string, command: string, time = new Date()): LogFile {
  const folder = path.join(directory, "logs");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Their names begin with the time of their making.
  for (const old of readdirSync(folder)
    .sort()
    .slice(0, -(filesKept - 1)))
    rmSync(path.join(folder, old), { force: true });
  const file = path.join(folder, `${time.toISOString().replace(/[:.]/g, "-")}-${command}.log`);
  writeFileSync(file, "", { mode: 0o600 });
  return { file, append: (text) => appendFileSync(file, text) };
}

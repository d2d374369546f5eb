import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";

/** Files of the cluster are readable by their owner only: keys, kubeconfigs and the encryption key are among them. */
const privateFile = 0o600;
const privateDirectory = 0o700;

/** Creates a directory and its parents, readable by the owner only. */
export function ensureDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: privateDirectory });
}

/**
 * Writes a file of mode 0600 in one step: a reader, or a start after a crash, sees the old content or the new, never half.
 * An unchanged file keeps its time stamp.
 */
export function writePrivateFile(file: string, content: string): void {
  if (readIfPresent(file) === content) {
    restrictFile(file);
    return;
  }
  ensureDirectory(path.dirname(file));
  const temporary = `${file}.${process.pid}.new`;
  writeFileSync(temporary, content, { mode: privateFile });
  renameSync(temporary, file);
}

/** Content of a file, or undefined when there is none. */
export function readIfPresent(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Takes away the rights of group and others, should someone have given them. */
export function restrictFile(file: string): void {
  if ((statSync(file).mode & 0o777) !== privateFile) chmodSync(file, privateFile);
}

/** Last lines of a log, for error messages. Empty when there is no log. */
export function tailOf(file: string, lines: number): string {
  return (readIfPresent(file) ?? "").trimEnd().split("\n").slice(-lines).join("\n");
}

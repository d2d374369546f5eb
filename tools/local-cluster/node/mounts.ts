import { readFileSync } from "node:fs";
import { ensureDirectory } from "../files";
import { command } from "./command";

/** Mount points at or below one of the folders, deepest first: the order in which they can be unmounted. */
export function mountsBelow(folders: readonly string[]): string[] {
  return parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8"))
    .filter((point) => folders.some((folder) => point === folder || point.startsWith(`${folder}/`)))
    .reverse();
}

/** Mount points of a mountinfo file, in the order in which they were mounted. */
export function parseMountPoints(mountinfo: string): string[] {
  return mountinfo
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => unescape(line.split(" ")[4] ?? ""));
}

/** Blanks, tabs, line ends and backslashes are written as octal numbers (proc_pid_mountinfo(5)). */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));

/**
 * Shows a folder at another place too, unless it is there already. What is mounted in it later is seen there only, and
 * below it as containers are promised it (`mountPropagation`).
 */
export async function mountShared(folder: string, place: string): Promise<void> {
  if (mountsBelow([place]).includes(place)) return;
  ensureDirectory(place);
  await command("mount", ["--rbind", folder, place]);
  await command("mount", ["--make-rprivate", place]);
  await command("mount", ["--make-rshared", place]);
}

/** Unmounts everything at or below the folders. */
export async function unmountBelow(folders: readonly string[]): Promise<void> {
  // With one mount others may go that show the same.
  for (;;) {
    const [point] = mountsBelow(folders);
    if (point === undefined) return;
    await command("umount", [point]).catch(() => command("umount", ["--lazy", point]));
  }
}

import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import type { PathCheck, Tool } from "./types";

const run = promisify(execFile);

/** A program that does not answer within this time is not the one that is looked for. */
const VERSION_TIMEOUT_MS = 10_000;

/** What was found on PATH (or in the Pulumi plug-in cache), and why it was not good enough. */
export interface PathSearch {
  /** Absolute path of the program to use, if one was accepted. */
  readonly accepted?: string;
  /** Whether the accepted program lies on PATH, so that everybody finds it without help. */
  readonly onPath?: boolean;
  /** One sentence about each program that was found and refused. */
  readonly refused: readonly string[];
}

/**
 * Looks for an acceptable program: first in the Pulumi plug-in cache, where the version is part of the folder's name, then
 * on PATH, in PATH's order. Programs below one of the `ignored` folders (our own builds) do not count.
 */
export async function findOnPath(
  name: string,
  tool: Pick<Tool, "onPath" | "pluginFolder">,
  env: NodeJS.ProcessEnv,
  ignored: readonly string[],
): Promise<PathSearch> {
  if (tool.pluginFolder) {
    const home = env.PULUMI_HOME || path.join(os.homedir(), ".pulumi");
    const plugin = path.join(home, "plugins", tool.pluginFolder, name);
    if (await isExecutable(plugin)) return { accepted: plugin, refused: [] };
  }
  const refused: string[] = [];
  if (!tool.onPath) return { refused };
  for (const folder of (env.PATH ?? "").split(path.delimiter)) {
    const candidate = path.resolve(folder, name);
    if (!path.isAbsolute(folder) || isBelow(candidate, ignored) || !(await isExecutable(candidate))) continue;
    if (tool.onPath === "any") return { accepted: candidate, onPath: true, refused };
    const version = await versionOf(candidate, tool.onPath, env);
    if (version && isWithin(version, tool.onPath)) return { accepted: candidate, onPath: true, refused };
    refused.push(
      `${candidate} is version ${version ?? "unknown"}; needed: ${tool.onPath.atLeast} or later, below ${tool.onPath.below}`,
    );
  }
  return { refused };
}

/** Whether a version `1.2.3` lies within the accepted range. Pre-release suffixes do not matter. */
export function isWithin(version: string, range: Pick<PathCheck, "atLeast" | "below">): boolean {
  return compareVersions(version, range.atLeast) >= 0 && compareVersions(version, range.below) < 0;
}

/** Compares `1.2.3` with `1.10.0` by numbers: negative, zero or positive. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string): number[] => version.replace(/^v/, "").split(/[.+-]/).slice(0, 3).map(Number);
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] || 0) - (right[i] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

async function versionOf(program: string, check: PathCheck, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const options = { env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "1" }, timeout: VERSION_TIMEOUT_MS };
    const { stdout, stderr } = await run(program, [...check.versionArguments], options);
    return check.pattern.exec(`${stdout}\n${stderr}`)?.[1];
  } catch {
    return undefined;
  }
}

function isBelow(file: string, folders: readonly string[]): boolean {
  return folders.some((folder) => file.startsWith(folder + path.sep));
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await fs.access(file, fs.constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}

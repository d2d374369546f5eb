import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "./cache";
import { ToolError } from "./errors";
import { withLock } from "./lock";
import { showProgress, type Output } from "./progress";

const run = promisify(execFile);

/** A Debian package and how one sees that it is not needed any more. */
export interface DebianPackage {
  readonly name: string;
  /** A program that it brings, looked for on PATH and in the system's folders, or an absolute path. */
  readonly provides: string;
}

const systemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Whether what a package brings is there, from whichever source: a machine may have the program without the package. */
export function isProvided({ provides }: DebianPackage, env: NodeJS.ProcessEnv = process.env): boolean {
  return path.isAbsolute(provides) ? existsSync(provides) : lookUp(provides, env) !== undefined;
}

/** Absolute path of a program of the system. Throws when there is none. */
export function findProgram(name: string): string {
  const found = lookUp(name, process.env);
  if (found === undefined) throw new ToolError(`Missing on this machine: ${name}.`);
  return found;
}

function lookUp(program: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = [...(env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== ""), ...systemFolders];
  return folders.map((folder) => path.join(folder, program)).find((file) => existsSync(file));
}

/** Why packages cannot be installed on this machine, or undefined when they can. */
export function whyNoInstallation(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (!isProvided({ name: "apt", provides: "apt-get" }, env)) return "this system has no apt-get";
  return process.getuid?.() === 0 ? undefined : "only root may install packages";
}

/**
 * Installs the packages whose content is missing; does nothing, without a word, when all is there. Packages that others
 * depend on are never removed for it.
 *
 * @throws ToolError naming what is missing when it cannot be installed, or with apt's last lines when apt fails.
 */
export async function ensureDebianPackages(wanted: readonly DebianPackage[], output: Output): Promise<void> {
  const missing = wanted.filter((one) => !isProvided(one));
  if (missing.length === 0) return;
  const names = [...new Set(missing.map(({ name }) => name))];
  const obstacle = whyNoInstallation();
  if (obstacle !== undefined) {
    const provided = missing.map(({ provides }) => provides).join(", ");
    throw new ToolError(
      `Missing on this machine: ${provided}; ${obstacle}.\nFix: install what holds them (Debian: apt-get install ${names.join(" ")}).`,
    );
  }
  // apt-get does not wait for another that has the package lists.
  const lock = path.join(cacheRoot(), "locks", "apt.lock");
  await showProgress(output, `installing Debian packages ${names.join(", ")}`, () =>
    withLock(
      lock,
      () => undefined,
      () => install(names),
    ),
  );
}

async function install(names: readonly string[]): Promise<void> {
  const args = ["install", "--yes", "--quiet", "--no-install-recommends", "--no-remove", ...names];
  try {
    await aptGet(args);
  } catch {
    // A fresh machine has no package lists, an old one lists that name files which are gone.
    await aptGet(["update", "--quiet"]);
    await aptGet(args);
  }
}

async function aptGet(args: readonly string[]): Promise<void> {
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", [...args], { env, maxBuffer: 1 << 24 });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const said = (stderr ?? message).trim().split("\n").slice(-10).join("\n  ");
    throw new ToolError(`apt-get ${args.join(" ")} failed:\n  ${said}\nFix: correct what apt says, and run again.`);
  }
}

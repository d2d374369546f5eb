import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { cacheRoot, exists } from "./cache";
import { ToolError } from "./errors";

const run = promisify(execFile);

/**
 * Provides a virtual environment with the packages that a `requirements.txt` names: from the cache, else made with pip.
 *
 * @param requirements Folder with the file `requirements.txt`.
 * @returns absolute path of the environment's folder.
 * @throws ToolError when there is no Python 3 with `venv`, or pip fails; the message says what to do.
 */
export async function providePythonEnvironment(requirements: string): Promise<string> {
  const file = path.join(requirements, "requirements.txt");
  const version = await python("--version");
  const wanted = `${version}\n${await fs.readFile(file, "utf8")}`;
  const key = createHash("sha256").update(wanted).digest("hex").slice(0, 16);
  const folder = path.join(cacheRoot(), "python", key);
  // Scripts of a virtual environment hold its path, so it is made in its place; the mark says that it is whole.
  const mark = path.join(folder, "complete");
  if (await exists(mark)) return folder;
  await fs.rm(folder, { recursive: true, force: true });
  await python("-m", "venv", folder);
  const pip = path.join(folder, "bin", "python");
  await attempt(pip, ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--requirement", file]);
  await fs.writeFile(mark, "");
  return folder;
}

const python = (...args: string[]): Promise<string> => attempt("python3", args);

async function attempt(program: string, args: string[]): Promise<string> {
  try {
    return (await run(program, args)).stdout.trim();
  } catch (error) {
    throw new ToolError(
      `Cannot make a virtual environment of Python: ${(error as Error).message}\n` +
        "Fix: install Python 3 with venv and pip, check that pip reaches its package index, and run again.",
    );
  }
}

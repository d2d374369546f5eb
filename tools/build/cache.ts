import * as crypto from "node:crypto";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

/**
 * The folder that holds built tools: `OLLAMA_PLATFORM_CACHE`, else `ollama-platform` in the user's cache folder
 * (`XDG_CACHE_HOME`, else `~/.cache`). It lies outside the checkout, so that a fresh checkout finds what another built.
 */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  if (env.OLLAMA_PLATFORM_CACHE) return path.resolve(env.OLLAMA_PLATFORM_CACHE);
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "ollama-platform");
}

/** All regular files below a folder, as sorted relative paths. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * A key (16 hexadecimal digits) that changes whenever the content of a file below `folder`, a file's name, or one of the
 * `settings` changes, and never otherwise.
 */
export async function contentKey(folder: string, settings: unknown): Promise<string> {
  const hash = crypto.createHash("sha256");
  // Lengths first: without them two different sequences of parts could read the same.
  const add = (part: string | Buffer): void => void hash.update(`${part.length}:`).update(part);
  add(JSON.stringify(settings));
  for (const file of await listFiles(folder)) {
    add(file);
    add(await fs.readFile(path.join(folder, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Whether a file or folder exists. */
export async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}

/** A new empty folder inside the cache, so that what is made in it can be renamed to its final place. */
export async function workFolder(root: string): Promise<string> {
  const parent = path.join(root, "work");
  await fs.mkdir(parent, { recursive: true });
  return fs.mkdtemp(path.join(parent, `${process.pid}-`));
}

/**
 * Moves a finished folder to its place in the cache in one step: nobody ever sees half of it. If the place is taken, another
 * build of the same content was faster, and its result stays.
 */
export async function publish(finished: string, destination: string): Promise<void> {
  await fs.mkdir(path.dirname(destination), { recursive: true });
  try {
    await fs.rename(finished, destination);
  } catch (error) {
    if (!(await exists(destination))) throw error;
    await fs.rm(finished, { recursive: true, force: true });
  }
}

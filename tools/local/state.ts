import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { readIfPresent } from "../local-cluster/files";

/** Parts of the local commands' folder that hold what the engine knows of a cluster. */
const engineParts = ["state", "stacks"];

/** What the engine knew of the cluster before; one generation is kept. */
const previous = "previous-state";

/** File that names the cluster that the state is about. */
const ownerFile = (directory: string) => path.join(directory, "state", "cluster-identity");

/**
 * Puts the engine's state aside when it is about another cluster than the one that runs: nothing of what it says exists any more.
 * The state that is put aside stays in `previous-state` until the next time.
 *
 * @param directory Folder of the local commands.
 * @param identity UID of the running cluster's namespace `kube-system`.
 * @returns Whether a state was put aside.
 */
export function claimState(directory: string, identity: string): boolean {
  const owner = readIfPresent(ownerFile(directory))?.trim();
  const isForeign = owner !== undefined && owner !== identity;
  if (isForeign) {
    const aside = path.join(directory, previous);
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { recursive: true });
    for (const part of engineParts.filter((name) => existsSync(path.join(directory, name))))
      renameSync(path.join(directory, part), path.join(aside, part));
  }
  if (owner !== identity) {
    mkdirSync(path.join(directory, "state"), { recursive: true });
    writeFileSync(ownerFile(directory), `${identity}\n`);
  }
  return isForeign;
}

/** Files of each kind that a stack keeps: the engine writes two or three for each update, and removes none. */
const filesKept = 30;

/** Removes the oldest records of former updates and the oldest backups of every stack in the state folder of `directory`. */
export function pruneState(directory: string): void {
  for (const kind of ["history", "backups"]) {
    const root = path.join(directory, "state", ".pulumi", kind);
    for (const stack of foldersWithFiles(root)) {
      // Their names end in the time of their making, all with the same number of digits.
      for (const old of readdirSync(stack).sort().slice(0, -filesKept)) rmSync(path.join(stack, old), { force: true });
    }
  }
}

function foldersWithFiles(root: string): string[] {
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return [...new Set(files.map(({ parentPath }) => parentPath))];
}

/** A resource in the state of a stack. */
export interface SavedResource {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
}

/** What the engine keeps of a stack, as far as it is looked at here. */
export interface Deployment {
  resources?: SavedResource[];
  /** What was under way when an engine died. */
  pending_operations?: object[];
}

/** A state as the engine's backend writes it. */
interface SavedStack {
  version?: number;
  checkpoint?: { latest?: Deployment | null };
}

/** How the file backend compresses states, by the endings of their files: when `PULUMI_DIY_BACKEND_ZSTD` or `…_GZIP` was set. */
const COMPRESSIONS: Record<string, (bytes: Buffer) => Buffer> = { ".zst": zstdDecompressSync, ".gz": gunzipSync };

/** File of a stack in the state folder of `directory`; see `stackFileIn`. */
export const stackFile = (directory: string, project: string, stack: string): string =>
  stackFileIn(path.join(directory, "state"), project, stack);

/**
 * Where the engine's file backend keeps a stack of a project, compressed or not; where it would make it when there is none.
 *
 * @param folder Folder of the backend.
 */
export function stackFileIn(folder: string, project: string, stack: string): string {
  const plain = path.join(folder, ".pulumi", "stacks", project, `${stack}.json`);
  const files = [plain, ...Object.keys(COMPRESSIONS).map((ending) => `${plain}${ending}`)].filter((file) =>
    existsSync(file),
  );
  // An engine that was killed while it changed from one to the other left two: it takes the later one itself.
  const madeAt = (file: string): number => statSync(file).mtimeMs;
  return files.sort((one, other) => madeAt(other) - madeAt(one))[0] ?? plain;
}

/** The text of a file of `stackFile`. */
export function readState(file: string): string {
  const bytes = readFileSync(file);
  return (COMPRESSIONS[path.extname(file)]?.(bytes) ?? bytes).toString("utf8");
}

/** Form of the file backend's states that is read here. */
const KNOWN_VERSION = 3;

/**
 * Reads a state in a folder without an engine, which takes longer to start than to tell. Undefined when there is none, or it has another form
 * or is being written: then the engine is asked.
 *
 * @param folder Folder of the backend.
 */
export function savedDeployment(folder: string, project: string, stack: string): Deployment | undefined {
  try {
    const { version, checkpoint } = JSON.parse(readState(stackFileIn(folder, project, stack))) as SavedStack;
    return version === KNOWN_VERSION && checkpoint !== undefined ? (checkpoint.latest ?? {}) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Names of the stacks of a project in the folder of a file backend. The engine reads the whole state of each to list them. Undefined when it
 * has to be asked, since there is no such project in the folder.
 */
export function stackNames(folder: string, project: string): string[] | undefined {
  const stacks = path.join(folder, ".pulumi", "stacks", project);
  if (!existsSync(stacks)) return undefined;
  const endings = ["", ...Object.keys(COMPRESSIONS)].map((ending) => `.json${ending}`);
  const names = readdirSync(stacks).flatMap((file) => {
    const ending = endings.find((each) => file.endsWith(each));
    return ending === undefined ? [] : [file.slice(0, -ending.length)];
  });
  return [...new Set(names)].sort();
}

/** Whether an engine, or one that died and was not noticed yet, has a stack of a project. */
export function isLocked(directory: string, project: string, stack: string): boolean {
  const folder = path.join(directory, "state", ".pulumi", "locks", "organization", project, stack);
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(".json"));
}

/** What is saved of a stack: the number of its resources, and of the operations that were under way when its engine died. */
export function savedStack(directory: string, project: string, stack: string): { resources: number; pending: number } {
  const file = stackFile(directory, project, stack);
  let saved: SavedStack;
  try {
    saved = JSON.parse(existsSync(file) ? readState(file) : "{}") as SavedStack;
  } catch (error) {
    throw new Error(
      `${file}: not valid JSON (${(error as Error).message}); put back the newest copy of ` +
        path.join(directory, "state", ".pulumi", "backups", project, stack),
    );
  }
  const { resources = [], pending_operations: pending = [] } = saved.checkpoint?.latest ?? {};
  return { resources: resources.length, pending: pending.length };
}

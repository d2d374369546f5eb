import * as fs from "node:fs/promises";
import * as path from "node:path";
import { contentKey, exists, publish, workFolder } from "./cache";
import { dependencyFolder, goBuild, goMissing, requiredGo, type Toolchain, toolchains } from "./go";
import { withLock } from "./lock";
import { type Output, showProgress } from "./progress";
import type { DataFiles, GoModule, GoSource } from "./types";

/** Where builds go and what they see. */
export interface BuildContext {
  /** Cache folder. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Receives the progress. */
  readonly output: Output;
  /** Folder with one Go module per folder. */
  readonly goModules: string;
}

/** A program that is to be provided from a Go module. */
export interface WantedProgram {
  readonly name: string;
  readonly source: GoSource;
  /** Why programs of that name on PATH were refused; told to users who have no Go. */
  readonly refused: readonly string[];
}

/** Place in the cache of one program. */
interface Place extends WantedProgram {
  readonly folder: string;
}

/**
 * Provides programs of Go modules: from the cache, else built, all missing programs of a module in one run.
 *
 * @returns absolute path of each program by its name.
 * @throws ToolError if Go is missing or too old, or a build fails.
 */
export async function provideGoPrograms(
  wanted: readonly WantedProgram[],
  modules: Readonly<Record<string, GoModule>>,
  context: BuildContext,
): Promise<Map<string, string>> {
  const placed = await locateAll(wanted, modules, context);
  const missing = placed.filter((group) => group.missing.length > 0);
  announce(missing, context.output);
  for (const [index, group] of missing.entries()) {
    await buildGroup(group, `[${index + 1}/${missing.length}]`, context);
  }
  return new Map(placed.flatMap((group) => group.places.map(({ name, folder }) => [name, path.join(folder, name)])));
}

/** Names of those programs of Go modules that are not in the cache. */
export async function unbuiltGoPrograms(
  wanted: readonly WantedProgram[],
  modules: Readonly<Record<string, GoModule>>,
  context: BuildContext,
): Promise<string[]> {
  return (await locateAll(wanted, modules, context)).flatMap(({ missing }) => missing.map(({ name }) => name));
}

interface Group {
  readonly moduleName: string;
  readonly module: GoModule;
  /** The module's folder. */
  readonly sources: string;
  readonly places: readonly Place[];
  readonly missing: readonly Place[];
}

function locateAll(
  wanted: readonly WantedProgram[],
  modules: Readonly<Record<string, GoModule>>,
  context: BuildContext,
): Promise<Group[]> {
  const groups = new Map<string, WantedProgram[]>();
  for (const program of wanted) {
    groups.set(program.source.module, [...(groups.get(program.source.module) ?? []), program]);
  }
  const toolchain = toolchains(context.env);
  return Promise.all([...groups].map(([name, programs]) => locate(name, modules[name], programs, context, toolchain)));
}

async function locate(
  moduleName: string,
  module: GoModule | undefined,
  programs: readonly WantedProgram[],
  context: BuildContext,
  toolchainOf: (sources: string) => Promise<Toolchain | undefined>,
): Promise<Group> {
  if (!module) throw new Error(`the catalogue names no Go module ${moduleName}`);
  const sources = path.join(context.goModules, moduleName);
  const toolchain = await toolchainOf(sources);
  const places: Place[] = [];
  for (const program of programs) {
    const settings = {
      package: program.source.package,
      ldflags: module.ldflags,
      env: module.env,
      prepare: module.prepare?.toString(),
    };
    const key = await contentKey(sources, settings);
    const parent = path.join(context.root, "programs", program.name);
    const folder = toolchain
      ? path.join(parent, `${key}-${toolchain.version}-${toolchain.platform}`)
      : await builtByAnyGo(parent, key);
    if (!folder) throw goMissing(programs, await requiredGo(sources));
    places.push({ ...program, folder });
  }
  const present = await Promise.all(places.map(({ folder }) => exists(folder)));
  return { moduleName, module, sources, places, missing: places.filter((_, index) => !present[index]) };
}

/** Without Go, a build of the same content by whatever Go there was serves as well: a restored cache needs no compiler. */
async function builtByAnyGo(parent: string, key: string): Promise<string | undefined> {
  const entries = await fs.readdir(parent).catch(() => [] as string[]);
  const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const entry = entries.find((name) => name.startsWith(`${key}-`) && name.endsWith(`-${platform}`));
  return entry && path.join(parent, entry);
}

function announce(missing: readonly Group[], output: Output): void {
  const programs = missing.flatMap((group) => group.missing.map(({ name }) => name));
  if (programs.length === 0) return;
  const sources = missing.flatMap((group) => group.missing.map(({ source }) => source));
  const minutes = Math.ceil(sources.reduce((sum, source) => sum + source.minutes, 0));
  output.write(
    `Building ${programs.length} tool${programs.length === 1 ? "" : "s"} once (${programs.join(", ")}): ` +
      `about ${minutes} min on two cores with nothing compiled yet.\n`,
  );
}

async function buildGroup(group: Group, counter: string, context: BuildContext): Promise<void> {
  const { moduleName, missing } = group;
  const lock = path.join(context.root, "locks", `${moduleName}.lock`);
  const waiting = (pid: number): void =>
    void context.output.write(`${counter} waiting for process ${pid}, which builds the same\n`);
  await withLock(lock, waiting, async () => {
    // Whoever held the lock before may have built them.
    const programs: Place[] = [];
    for (const place of missing) if (!(await exists(place.folder))) programs.push(place);
    if (programs.length === 0) return;
    const title = `${counter} building ${programs.map(({ name }) => name).join(", ")}`;
    await showProgress(context.output, title, () => build(group, programs, context));
  });
}

async function build(group: Group, programs: Place[], context: BuildContext): Promise<void> {
  const { module, sources } = group;
  const work = await workFolder(context.root);
  try {
    const { folder, env } = await prepared(sources, module, work, context.env);
    const output = path.join(work, "out");
    await fs.mkdir(output);
    const packages = new Map(programs.map(({ name, source }) => [name, source.package]));
    await goBuild(folder, { ...module, env: { ...module.env, ...env } }, packages, output, context.env);
    for (const { name, folder: destination } of programs) {
      const finished = path.join(work, `done-${name}`);
      await fs.mkdir(finished);
      await fs.rename(path.join(output, name), path.join(finished, name));
      await publish(finished, destination);
    }
  } finally {
    await fs.rm(work, { recursive: true, force: true });
  }
}

/** The folder to compile in: the module's own, or a copy of it that its `prepare` step has completed; and what that step adds to `env`. */
async function prepared(
  source: string,
  module: GoModule,
  work: string,
  env: NodeJS.ProcessEnv,
): Promise<{ folder: string; env: Readonly<Record<string, string>> }> {
  if (!module.prepare) return { folder: source, env: {} };
  const copy = path.join(work, "module");
  await copyInto(source, copy);
  const added = await module.prepare(copy, (modulePath) => dependencyFolder(source, modulePath, env));
  return { folder: copy, env: added ?? {} };
}

/**
 * Provides data files that lie in a Go module, copied into the cache.
 *
 * @returns absolute path of the folder with the files.
 */
export async function provideDataFiles(name: string, files: DataFiles, context: BuildContext): Promise<string> {
  const sources = path.join(context.goModules, files.module);
  const key = await contentKey(sources, { from: files.from, paths: files.paths });
  const destination = path.join(context.root, "files", name, key);
  if (await exists(destination)) return destination;
  const module = await dependencyFolder(sources, files.from, context.env);
  const work = await workFolder(context.root);
  try {
    const finished = path.join(work, "files");
    await fs.mkdir(finished);
    for (const inside of files.paths) await copyInto(path.join(module, inside), finished);
    await publish(finished, destination);
  } finally {
    await fs.rm(work, { recursive: true, force: true });
  }
  return destination;
}

/** Copies by content: files of Go's module cache are read-only, and a read-only folder could not be replaced later. */
async function copyInto(from: string, to: string): Promise<void> {
  await fs.mkdir(to, { recursive: true });
  for (const entry of await fs.readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyInto(source, target);
    else await fs.writeFile(target, await fs.readFile(source));
  }
}

import * as fs from "node:fs/promises";
import * as path from "node:path";
import { cacheRoot } from "./build/cache";
import { catalogue, type DataFilesName, type ToolName } from "./build/catalogue";
import { GO_MODULES } from "./build/go";
import {
  type BuildContext,
  provideDataFiles,
  provideGoPrograms,
  unbuiltGoPrograms,
  type WantedProgram,
} from "./build/go-tools";
import { NODE_PROGRAMS, provideNodeProgram } from "./build/node-program";
import { findOnPath } from "./build/on-path";
import type { NodeSource, Tool } from "./build/types";

export { ToolError } from "./build/errors";
export type { DataFilesName, ToolName } from "./build/catalogue";

/** Tools that are ready to run. */
export interface Tools {
  /** Absolute path of a tool's executable. Throws for a tool that was not asked for. */
  path(name: ToolName): string;
  /** Absolute path of a folder of data files that belong to one of the tools. Throws if none of the tools has them. */
  files(name: DataFilesName): string;
  /** The folders of all executables but plug-ins, for PATH, without repetition. */
  binDirs(): string[];
  /** The Pulumi plug-ins that are not on PATH anyway, to be linked into the engine's plug-in cache. */
  plugins(): Plugin[];
}

/** A Pulumi plug-in and its place in the engine's plug-in cache. */
export interface Plugin {
  /** Folder below `plugins` in the engine's home, for example `resource-kubernetes-v4.25.0`. */
  readonly folder: string;
  /** Absolute path of the executable, whose own name is the one that the engine looks for. */
  readonly executable: string;
}

/** All names that `ensureTools` knows. */
export const TOOL_NAMES = Object.keys(catalogue.tools) as ToolName[];

/**
 * Provides tools: each from PATH when the version there is right, else from the cache, else built into the cache.
 * Progress goes to standard error. Safe to call in several processes at once; a second call takes milliseconds.
 *
 * @param names tools to provide; see `build/catalogue.ts`.
 * @param context cache folder, environment and place for progress, for tests; by default the process' own.
 * @throws ToolError when Go is missing or too old, the network fails, or a build fails; the message says what to do.
 */
export async function ensureTools(names: readonly ToolName[], context: Partial<BuildContext> = {}): Promise<Tools> {
  const build = buildContext(context);
  const wanted = [...new Set(names)];
  const { accepted: paths, foundOnPath, fromNode, fromGo } = await searchTools(wanted, build);
  for (const { name, source } of fromNode) paths.set(name, await provideNodeProgram(name, source));
  for (const [name, file] of await provideGoPrograms(fromGo, catalogue.modules, build))
    paths.set(name as ToolName, file);
  const [engine, host] = [paths.get("pulumi"), paths.get("pulumi-language-nodejs")];
  if (engine?.startsWith(build.root) && host?.startsWith(NODE_PROGRAMS)) {
    paths.set("pulumi", await besideLanguageHost(engine, host));
  }
  const files = await provideAllDataFiles(wanted, build);
  const pathOf = (name: ToolName): string => required(paths.get(name), `tool ${name}`);
  const isLinked = (name: ToolName): boolean => toolOf(name).pluginFolder !== undefined && !foundOnPath.has(name);
  return {
    path: pathOf,
    files: (name) => required(files.get(name), `data files ${name}`),
    binDirs: () => [...new Set(wanted.filter((name) => !isLinked(name)).map((name) => path.dirname(pathOf(name))))],
    plugins: () =>
      wanted.filter(isLinked).map((name) => ({ folder: toolOf(name).pluginFolder ?? "", executable: pathOf(name) })),
  };
}

/**
 * The tools that are neither on PATH nor in the cache: those that `ensureTools` would build.
 *
 * @param names tools to look for.
 * @param context cache folder and environment; by default the process' own.
 */
export async function missingTools(
  names: readonly ToolName[],
  context: Partial<BuildContext> = {},
): Promise<ToolName[]> {
  const build = buildContext(context);
  const { fromGo } = await searchTools(names, build);
  return (await unbuiltGoPrograms(fromGo, catalogue.modules, build)) as ToolName[];
}

/** Where tools come from. */
interface Search {
  /** Executables on PATH that will do, by the tool's name. */
  accepted: Map<ToolName, string>;
  /** Tools that the engine finds on PATH by itself. */
  foundOnPath: Set<ToolName>;
  /** Programs of our own, which are compiled for Node.js. */
  fromNode: { name: ToolName; source: NodeSource }[];
  fromGo: WantedProgram[];
}

async function searchTools(names: readonly ToolName[], { env, root }: BuildContext): Promise<Search> {
  const search: Search = { accepted: new Map(), foundOnPath: new Set(), fromNode: [], fromGo: [] };
  const results = await Promise.all(names.map((name) => findOnPath(name, toolOf(name), env, [root, NODE_PROGRAMS])));
  for (const [index, name] of names.entries()) {
    const { source } = toolOf(name);
    const { accepted, onPath, refused } = results[index] ?? { refused: [] };
    if (onPath) search.foundOnPath.add(name);
    if (accepted) search.accepted.set(name, accepted);
    else if (source.kind === "node") search.fromNode.push({ name, source });
    else search.fromGo.push({ name, source, refused });
  }
  return search;
}

/**
 * Provides data files that belong to no tool: definitions of foreign projects that tests judge by.
 *
 * @returns Absolute path of the folder, by name.
 * @throws ToolError when Go is missing or the network fails; the message says what to do.
 */
export async function ensureDataFiles(
  names: readonly DataFilesName[],
  context: Partial<BuildContext> = {},
): Promise<Map<DataFilesName, string>> {
  const build = buildContext(context);
  const result = new Map<DataFilesName, string>();
  for (const name of names) result.set(name, await provideDataFiles(name, catalogue.dataFiles[name], build));
  return result;
}

function buildContext(context: Partial<BuildContext>): BuildContext {
  const env = context.env ?? process.env;
  return { env, root: cacheRoot(env), output: process.stderr, goModules: GO_MODULES, ...context };
}

/**
 * The engine, hard-linked into the language host's folder: it takes a language host beside it for its own, as in an official
 * installation, and warns about one from elsewhere in every command. Where no hard link can be made, the warning stays.
 */
async function besideLanguageHost(engine: string, host: string): Promise<string> {
  const neighbour = path.join(path.dirname(host), path.basename(engine));
  const [wanted, present] = await Promise.all([fs.stat(engine), fs.stat(neighbour).catch(() => undefined)]);
  if (present?.ino === wanted.ino && present.dev === wanted.dev) return neighbour;
  const fresh = `${neighbour}.${process.pid}`;
  try {
    await fs.link(engine, fresh);
    await fs.rename(fresh, neighbour);
    return neighbour;
  } catch {
    return engine;
  } finally {
    await fs.rm(fresh, { force: true });
  }
}

async function provideAllDataFiles(names: readonly ToolName[], context: BuildContext): Promise<Map<string, string>> {
  const result = new Map<string, string>();
  for (const name of names) {
    for (const files of toolOf(name).dataFiles ?? []) {
      const source = catalogue.dataFiles[files as DataFilesName];
      result.set(files, await provideDataFiles(files, source, context));
    }
  }
  return result;
}

const toolOf = (name: ToolName): Tool => catalogue.tools[name];

function required(value: string | undefined, what: string): string {
  if (value === undefined) throw new Error(`${what} was not asked for: pass its name to ensureTools`);
  return value;
}

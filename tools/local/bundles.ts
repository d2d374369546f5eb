/** Programs that the engine starts for the local commands, each as one file: the sources take a second to load, twice in each update. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import type * as esbuild from "esbuild";
import { version as esbuildVersion } from "esbuild/package.json";
import { stampOf, wasSettled } from "../build/stamp";
import { BUNDLES, bundleFile } from "../language-host/bundle";
import { readIfPresent, writePrivateFile } from "../local-cluster/files";

const load = createRequire(__filename);
const { clientBundle } = load("../kubernetes-client/bundle.cjs") as { clientBundle: (root: string) => string };

/** Says of what a bundle was made. */
interface BundleRecord {
  /** Changes with what is not a file of the sources: the bundler, its settings, the installed packages. */
  settings: string;
  /** Stamp of each file of the sources by its path. */
  inputs: Record<string, string>;
}

/** A program and where its bundle goes. */
interface Target {
  /** Absolute path of the source that is loaded first. */
  entry: string;
  /** The bundle. */
  file: string;
}

/**
 * Makes bundles of a project's program and policy pack, and makes them again when a source has changed.
 *
 * @param project Folder with Pulumi.yaml.
 * @param folder Folder for the bundles. Default: one below the project's `node_modules`, where the SDK finds the project's package.json.
 * @param begin The present time in milliseconds since 1970: what was written a moment before it may still be changing.
 * @returns What the engine's environment needs for them: nothing where a source cannot be compiled, or changes at this moment; then the engine
 *   loads the sources and says what is wrong with them.
 */
export async function bundledPrograms(
  project: string,
  folder = path.join(project, "node_modules", ".cache", "ollama-platform", "bundles"),
  begin = Date.now(),
): Promise<NodeJS.ProcessEnv> {
  const pack = path.join(project, "policy-pack");
  const targets: Target[] = [
    { entry: path.join(project, "index.ts"), file: bundleFile(folder, project) },
    { entry: path.join(pack, "index.ts"), file: bundleFile(folder, pack) },
  ];
  mkdirSync(folder, { recursive: true });
  const settings = settingsOf(project);
  const client = clientBundle(project);
  const made = [
    ensureClient(project, client),
    ...targets.map((target) => ensureBundle(target, settings, client, begin)),
  ];
  try {
    return (await Promise.all(made)).every(Boolean) ? { [BUNDLES]: folder } : {};
  } finally {
    await endBundler();
  }
}

/** Installed packages are those of the lock file: their own files are not looked at. */
function settingsOf(project: string): string {
  const files = ["package-lock.json", "tsconfig.json", "policy-pack/tsconfig.json"];
  const texts = [...files.map((file) => path.join(project, file)), __filename].map(readIfPresent);
  return createHash("sha256")
    .update(JSON.stringify([project, esbuildVersion, texts]))
    .digest("hex");
}

/** Returns whether the bundle is there and is that of the sources as they are. */
async function ensureBundle(
  target: Target,
  settings: string,
  kubernetesClient: string,
  begin: number,
): Promise<boolean> {
  const record = `${target.file}.json`;
  if (existsSync(target.file) && isFresh(readRecord(record), settings)) return true;
  const inputs = await build(target, kubernetesClient).catch(() => undefined);
  if (inputs === undefined || !inputs.every((file) => wasSettled(file, begin))) return false;
  const stamps = inputs.map((file) => [file, stampOf(file)] as const);
  writePrivateFile(record, JSON.stringify({ settings, inputs: Object.fromEntries(stamps) }));
  return true;
}

function readRecord(record: string): BundleRecord | undefined {
  try {
    return JSON.parse(readFileSync(record, "utf8")) as BundleRecord;
  } catch {
    return undefined;
  }
}

const isFresh = (record: BundleRecord | undefined, settings: string): boolean =>
  record?.settings === settings && Object.entries(record.inputs).every(([file, stamp]) => stampOf(file) === stamp);

/** What all bundles have in common: errors and objects tell the names that the sources have. */
const common = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node22",
  keepNames: true,
  legalComments: "none",
  logLevel: "silent",
} satisfies esbuild.BuildOptions;

/** Makes one bundle and returns the absolute paths of its sources, those of installed packages left out. */
async function build({ entry, file }: Target, kubernetesClient: string): Promise<string[]> {
  const folder = path.dirname(entry);
  // Made beside and renamed: an engine that runs meanwhile finds the old one or the new one, never half of one.
  const scratch = `${file}.${process.pid}`;
  const { metafile } = await bundler().build({
    ...common,
    absWorkingDir: folder,
    entryPoints: [entry],
    // Errors are told by the places of the sources.
    sourcemap: "inline",
    sourcesContent: false,
    metafile: true,
    outfile: scratch,
    plugins: [programPlugin(kubernetesClient)],
  });
  renameSync(scratch, file);
  return Object.keys(metafile.inputs)
    .filter((input) => !/(^|\/)node_modules\//.test(input))
    .map((input) => path.resolve(folder, input));
}

/** Makes Kubernetes' client one file, for the program and for the commands that are started after this one. Returns whether it is there. */
async function ensureClient(project: string, file: string): Promise<boolean> {
  if (existsSync(file)) return true;
  const scratch = `${file}.${process.pid}`;
  const options = { ...common, minify: true, absWorkingDir: project, outfile: scratch };
  const made = await bundler()
    .build({ ...options, stdin: { contents: 'export * from "@kubernetes/client-node";', resolveDir: project } })
    .then(
      () => true,
      () => false,
    );
  if (made) renameSync(scratch, file);
  return made;
}

let loaded: typeof esbuild | undefined;

/** The bundler is loaded where there is something to bundle. */
const bundler = (): typeof esbuild => (loaded ??= load("esbuild") as typeof esbuild);

/** It is a process of its own, which would take its memory until the command ends. */
async function endBundler(): Promise<void> {
  await loaded?.stop();
}

/** Pulumi's packages stay the ones that the engine's start-up has loaded, and sources know where they lie. */
const programPlugin = (kubernetesClient: string): esbuild.Plugin => ({
  name: "program",
  setup: (building) => {
    building.onResolve({ filter: /^@pulumi\// }, ({ path: name, resolveDir }) => ({
      path: createRequire(path.join(resolveDir, "importer")).resolve(name),
      external: true,
    }));
    building.onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({ path: kubernetesClient, external: true }));
    building.onLoad({ filter: /\.ts$/ }, ({ path: source }) => {
      const contents = readFileSync(source, "utf8").replaceAll(/\b__dirname\b/g, JSON.stringify(path.dirname(source)));
      return { contents, loader: "ts" };
    });
  },
});

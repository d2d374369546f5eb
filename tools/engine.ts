import { spawn } from "node:child_process";
import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import * as path from "node:path";
import type { Plugin, Tools } from "./install";

/**
 * Address of the file backend for a folder. The files with attributes that the backend would keep beside each file tell nothing, are written in
 * two steps, and one that is empty because its engine was killed between them makes the state unreadable: it keeps none.
 */
const stateUrl = (folder: string): string => `file://${folder}?metadata=skip`;

/** Folder of the state of an engine with this environment; undefined when its state is not in a folder. */
export function stateFolder({ PULUMI_BACKEND_URL: url }: NodeJS.ProcessEnv): string | undefined {
  return /^file:\/\/([^?]*)/.exec(url ?? "")?.[1];
}

/** What a run of the engine needs to know of its surroundings. */
export interface EngineOptions {
  /** Folder for the state (`state`) and the engine's own home (`pulumi-home`); made if missing. */
  readonly directory: string;
  /** Tools whose folders go in front of PATH, and plug-ins that the engine finds in its home. */
  readonly tools: Pick<Tools, "binDirs" | "plugins">;
  /**
   * Passphrase that encrypts the secrets in the state. Default: `PULUMI_CONFIG_PASSPHRASE` of the environment, else empty,
   * which suits only states of throw-away clusters.
   */
  readonly passphrase?: string;
}

const CHECKOUT = path.resolve(__dirname, "..");

/** Environment of every engine: programs and policy packs are compiled by Node.js once, which saves each run most of a second. */
export const compiledOnce: NodeJS.ProcessEnv = {
  NODE_COMPILE_CACHE: path.join(CHECKOUT, "node_modules", ".cache", "ollama-platform", "compiled"),
};

/**
 * The environment for a Pulumi engine that keeps its state in a local folder and downloads nothing.
 *
 * PATH begins with the tools' folders and the project's own Node.js. The limits of the Kubernetes client are raised, since
 * the default of a few requests a second, meant for shared clusters, is what a large update would wait for.
 */
export function engineEnvironment(options: EngineOptions): NodeJS.ProcessEnv {
  const state = path.join(options.directory, "state");
  const home = path.join(options.directory, "pulumi-home");
  for (const folder of [state, home]) mkdirSync(folder, { recursive: true });
  for (const plugin of options.tools.plugins()) linkPlugin(plugin, path.join(home, "plugins"));
  const inherited = Object.entries(process.env).filter(([name]) => !isForeign(name));
  const bin = path.join(CHECKOUT, "node_modules", ".bin");
  return {
    ...compiledOnce,
    ...Object.fromEntries(inherited),
    PATH: [...options.tools.binDirs(), bin, process.env.PATH ?? ""].join(path.delimiter),
    PULUMI_BACKEND_URL: stateUrl(state),
    PULUMI_HOME: home,
    PULUMI_CONFIG_PASSPHRASE: options.passphrase ?? process.env.PULUMI_CONFIG_PASSPHRASE ?? "",
    ...compression(process.env),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // Types are checked by the project's own check; doing it again at every start of a program takes longer than the program.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    // What is declared wins: what an engine had made that died before it wrote that down is owned under a name that nobody knows any more.
    PULUMI_K8S_ENABLE_PATCH_FORCE: process.env.PULUMI_K8S_ENABLE_PATCH_FORCE ?? "true",
    PULUMI_K8S_CLIENT_QPS: process.env.PULUMI_K8S_CLIENT_QPS ?? "1000",
    PULUMI_K8S_CLIENT_BURST: process.env.PULUMI_K8S_CLIENT_BURST ?? "2000",
  };
}

/** States are an eighth of their size in Zstandard's form; the engine refuses to be told of two forms. */
function compression(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isTold = Object.keys(env).some((name) => /^PULUMI_(DIY_BACKEND|SELF_MANAGED_STATE)_(GZIP|ZSTD)$/.test(name));
  return isTold ? {} : { PULUMI_DIY_BACKEND_ZSTD: "true" };
}

/**
 * Puts a plug-in where the engine looks for installed ones. On PATH it would be found too, but then each command warns that
 * it is not the installed one.
 */
function linkPlugin(plugin: Plugin, plugins: string): void {
  const folder = path.join(plugins, plugin.folder);
  mkdirSync(folder, { recursive: true });
  const link = path.join(folder, path.basename(plugin.executable));
  if (linkTarget(link) === plugin.executable) return;
  // Made beside and renamed: an engine that runs meanwhile finds the old link or the new one, never none.
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(plugin.executable, fresh);
  renameSync(fresh, link);
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

/** Settings of an enclosing run of Pulumi (a program that starts an engine, a policy pack's tests) would be taken for this one's. */
function isForeign(name: string): boolean {
  return /^PULUMI_(NODEJS_|CONFIG$|CONFIG_SECRET_KEYS$|STACK$|ACCESS_TOKEN$|CONFIG_PASSPHRASE_FILE$)/.test(name);
}

/** How a run of the Pulumi command line ended. */
export interface PulumiResult {
  /** Exit code; 128 plus the signal's number (130 for SIGINT) if a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a run of the Pulumi command line. */
export interface PulumiOptions {
  /** From `engineEnvironment`, possibly extended. */
  readonly env: NodeJS.ProcessEnv;
  /** Working folder: that of the project. */
  readonly cwd: string;
  /** Receives what the command prints while it runs, from standard output and error alike. */
  readonly onOutput?: (text: string) => void;
  /** Aborting it sends SIGINT, as Ctrl-C does: the engine finishes what is under way and saves the state. */
  readonly signal?: AbortSignal;
  /** Aborting it ends the engine at once, by SIGKILL. */
  readonly killSignal?: AbortSignal;
}

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/**
 * Runs `pulumi` with the given arguments. A failing command is a result, not an exception.
 *
 * It runs in a process group of its own: the terminal's Ctrl-C is not for the engine and its plug-ins, each of which would end in its own
 * way, but for the caller, who passes it on by `signal`.
 *
 * @throws the system's error if the program cannot be started at all.
 */
export function runPulumi(args: readonly string[], options: PulumiOptions): Promise<PulumiResult> {
  return new Promise((resolve, reject) => {
    const { cwd, env } = options;
    const child = spawn("pulumi", args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const collected = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        collected[stream] += text;
        options.onOutput?.(text);
      });
    }
    const interrupt = (): void => void child.kill("SIGINT");
    const kill = (): void => void child.kill("SIGKILL");
    options.signal?.addEventListener("abort", interrupt, { once: true });
    options.killSignal?.addEventListener("abort", kill, { once: true });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      options.signal?.removeEventListener("abort", interrupt);
      options.killSignal?.removeEventListener("abort", kill);
      resolve({ code: code ?? 128 + (SIGNAL_NUMBERS[signal ?? "SIGKILL"] ?? 0), ...collected });
    });
  });
}

import { execFile, spawn } from "node:child_process";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { ToolError } from "./errors";
import type { GoModule } from "./types";

const run = promisify(execFile);

/** Folder with one Go module per folder. */
export const GO_MODULES = path.resolve(__dirname, "..", "go");

/** How many of the compiler's last lines a failed build shows. */
const SHOWN_LINES = 15;

/** The environment of every call of Go: the user's, without what would change the result. */
export function goEnvironment(module: GoModule | undefined, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // A workspace around the checkout, or build flags meant for another project, must not leak into these builds.
  return { ...env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "", ...module?.env };
}

/** A compiler that may use less than this collects as Go's defaults say: it would do little else. */
const LEAST_WITHOUT_COLLECTION = 2 * 2 ** 30;

/**
 * How the compilers of a build collect garbage: each only when it reaches an eighth of the memory, which hardly any does. A fifth to a third of their
 * processor time goes into collections otherwise. What the user has set for Go's memory goes before it.
 *
 * @param memory Bytes that there are for all. Default: those of the machine, or of the container.
 */
export function collectorEnvironment(env: NodeJS.ProcessEnv, memory = availableMemory()): NodeJS.ProcessEnv {
  const limit = Math.floor(memory / 8);
  if (env["GOGC"] !== undefined || env["GOMEMLIMIT"] !== undefined || limit < LEAST_WITHOUT_COLLECTION) return {};
  return { GOGC: "off", GOMEMLIMIT: `${limit}` };
}

function availableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, os.totalmem()) : os.totalmem();
}

/** The Go toolchain that builds a module. */
export interface Toolchain {
  /** For example `go1.26.8`. */
  readonly version: string;
  /** For example `linux-amd64`. */
  readonly platform: string;
}

/**
 * Asks Go which toolchain it uses for the module in a folder. Returns undefined where Go is not installed.
 *
 * @throws ToolError if Go is there but refuses the module, which happens when it is too old and may not fetch a newer one.
 */
export async function toolchainFor(folder: string, env: NodeJS.ProcessEnv): Promise<Toolchain | undefined> {
  try {
    const options = { cwd: folder, env: goEnvironment(undefined, env) };
    const { stdout } = await run("go", ["env", "-json", "GOVERSION", "GOOS", "GOARCH"], options);
    const answer = JSON.parse(stdout) as { GOVERSION: string; GOOS: string; GOARCH: string };
    return { version: answer.GOVERSION, platform: `${answer.GOOS}-${answer.GOARCH}` };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const said = `${(error as { stderr?: string }).stderr ?? error}`.trim();
    throw new ToolError(
      `Go cannot build the module in ${folder}: ${said}\n` +
        `Fix: install Go ${await requiredGo(folder)} or later (https://go.dev/dl) and put it first on PATH.`,
    );
  }
}

/**
 * Asks Go for the toolchains of several modules, once for all that ask for the same: each question starts a program.
 *
 * @returns See `toolchainFor`.
 */
export function toolchains(env: NodeJS.ProcessEnv): (folder: string) => Promise<Toolchain | undefined> {
  const asked = new Map<string, Promise<Toolchain | undefined>>();
  return async (folder) => {
    const text = await fs.readFile(path.join(folder, "go.mod"), "utf8");
    // All of a go.mod that the choice of a toolchain rests on.
    const wanted = (text.match(/^(go|toolchain|godebug) .*$/gm) ?? []).join("\n");
    const answer = asked.get(wanted) ?? toolchainFor(folder, env);
    asked.set(wanted, answer);
    return answer;
  };
}

/** The Go version that the go.mod in a folder asks for. */
export async function requiredGo(folder: string): Promise<string> {
  const text = await fs.readFile(path.join(folder, "go.mod"), "utf8");
  return /^go (\S+)$/m.exec(text)?.[1] ?? "1.26";
}

/**
 * Folder of the sources of a module that the Go module in `folder` depends on, at the version that its go.mod pins;
 * downloaded if need be.
 */
export async function dependencyFolder(folder: string, modulePath: string, env: NodeJS.ProcessEnv): Promise<string> {
  const options = { cwd: folder, env: goEnvironment(undefined, env), maxBuffer: 1 << 24 };
  try {
    const { stdout } = await run("go", ["mod", "download", "-json", modulePath], options);
    return (JSON.parse(stdout) as { Dir: string }).Dir;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw goMissing([{ name: modulePath }], await requiredGo(folder));
    const failed = error as { stdout?: string; stderr?: string };
    throw new ToolError(
      `Cannot download the Go module ${modulePath}:\n${lastLines(`${failed.stdout ?? ""}${failed.stderr ?? ""}`)}\n` +
        "Fix: check the network and the Go proxy (`go env GOPROXY`), then run again.",
    );
  }
}

/** The error for a machine without Go: what cannot be built, and which programs on PATH were not good enough. */
export function goMissing(
  programs: readonly { readonly name: string; readonly refused?: readonly string[] }[],
  version: string,
): ToolError {
  return new ToolError(
    [
      `Go is needed to build ${programs.map(({ name }) => name).join(", ")}, and there is no \`go\` on PATH.`,
      `Fix: install Go ${version} or later (https://go.dev/dl) and run again, or put these programs on PATH.`,
      ...programs.flatMap(({ refused }) => refused ?? []).map((reason) => `Found, but not usable: ${reason}.`),
    ].join("\n"),
  );
}

/** The name that `go build -o <folder>/` gives to the program of a package. */
export function executableName(packagePath: string): string {
  const parts = packagePath.split("/");
  const last = parts.at(-1) ?? packagePath;
  return /^v\d+$/.test(last) ? (parts.at(-2) ?? last) : last;
}

/**
 * Compiles programs of one module in one run, so that what they share is compiled once.
 *
 * @param folder the module's folder, or the prepared copy of it.
 * @param programs file name of each program and the package it is made of.
 * @param output folder for the programs.
 * @throws ToolError with the compiler's last lines.
 */
export async function goBuild(
  folder: string,
  module: GoModule,
  programs: ReadonlyMap<string, string>,
  output: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { ldflags } = module;
  // What the linker would only throw away is not made: a tenth of the time.
  const compilers = ldflags.includes("-w") ? ["-gcflags", "all=-dwarf=false"] : [];
  const flags = ["build", "-trimpath", ...compilers, "-ldflags", ldflags.join(" ")];
  const settings = { ...goEnvironment(module, env), ...collectorEnvironment(env) };
  for (const run of runsOf(programs)) {
    const [first] = run;
    // Go names the programs itself when it builds several; with one, the name can be given.
    const alone = run.size === 1 && first !== undefined;
    const target = alone ? path.join(output, first[0]) : output + path.sep;
    await compile([...flags, "-o", target, ...run.values()], folder, settings, [...run.keys()]);
    if (alone) continue;
    for (const [name, packagePath] of run) {
      await fs.rename(path.join(output, executableName(packagePath)), path.join(output, name));
    }
  }
}

/** Programs that can be made in one run, since Go gives each a name of its own. */
function runsOf(programs: ReadonlyMap<string, string>): Map<string, string>[] {
  const runs: Map<string, string>[] = [];
  for (const [name, packagePath] of programs) {
    const own = executableName(packagePath);
    let run = runs.find((each) => [...each.values()].every((other) => executableName(other) !== own));
    if (run === undefined) runs.push((run = new Map()));
    run.set(name, packagePath);
  }
  return runs;
}

async function compile(args: string[], folder: string, env: NodeJS.ProcessEnv, names: string[]): Promise<void> {
  const child = spawn("go", args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const keep = (chunk: Buffer): void => void (said = (said + chunk.toString()).slice(-20_000));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code === 0) return;
  throw new ToolError(
    `Building ${names.join(", ")} failed (go build, exit code ${code ?? "none: killed"}). The compiler's last lines:\n` +
      `${lastLines(said)}\n${adviceFor(said)}`,
  );
}

/** What to do about the failures that happen on healthy sources: no network, no space, too little memory. */
function adviceFor(said: string): string {
  if (/dial tcp|no such host|proxyconnect|connection refused|i\/o timeout/.test(said)) {
    return "Fix: the Go proxy cannot be reached; check the network and `go env GOPROXY`, then run again.";
  }
  if (/no space left on device/.test(said)) {
    return "Fix: the disk is full; a build of all tools needs about 8 GB in Go's build cache (`go env GOCACHE`).";
  }
  if (/signal: killed|cannot allocate memory/.test(said)) {
    return "Fix: the machine ran out of memory; close other programs, or set GOMAXPROCS=1, and run again.";
  }
  return "Fix: correct what the compiler says, and run again; programs already built are kept.";
}

function lastLines(text: string): string {
  return text
    .trim()
    .split("\n")
    .slice(-SHOWN_LINES)
    .map((line) => `  ${line}`)
    .join("\n");
}

import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import * as path from "node:path";
import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";

/** Time between asking a process to end and ending it. */
const GRACE_MS = 2_000;

/** Asks a process to end, and ends it if it does not. */
export function terminate(child: ChildProcess): void {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  child.once("exit", () => clearTimeout(timer));
}

/** How a process ended, in words: `exit code 3`, `signal SIGKILL`. */
export function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal ? `signal ${signal}` : `exit code ${code}`;
}

/** The user's message when the program's packages are not installed. */
export class SdkMissingError extends Error {
  constructor(folder: string) {
    super(
      `The package @pulumi/pulumi cannot be found from ${folder}. ` +
        "Fix: run `npm install` in the folder that holds its package.json.",
    );
  }
}

/**
 * Path of one of the SDK's own start scripts, in the copy of the SDK that the program itself uses.
 *
 * @throws SdkMissingError if the program has none.
 */
export function sdkScript(folder: string, script: "run" | "run-plugin" | "run-policy-pack"): string {
  try {
    return createRequire(path.join(folder, "package.json")).resolve(`@pulumi/pulumi/cmd/${script}`);
  } catch {
    throw new SdkMissingError(folder);
  }
}

/** The part of the `runtime.options` of Pulumi.yaml that this host knows. */
export interface RuntimeOptions {
  /** Whether the SDK compiles TypeScript while loading. Default true. */
  readonly typescript: boolean;
  /** Arguments for Node.js, in front of the program's. */
  readonly nodeArguments: readonly string[];
  /** `npm` (default), `pnpm`, `yarn` or `bun`. */
  readonly packageManager: string;
}

/** Reads the runtime options of a program. */
export function runtimeOptions(info: ProgramInfo | undefined): RuntimeOptions {
  const options = (info?.getOptions()?.toJavaScript() ?? {}) as Record<string, unknown>;
  const words = typeof options.nodeargs === "string" ? options.nodeargs.split(/\s+/).filter(Boolean) : [];
  return {
    typescript: options.typescript !== false,
    nodeArguments: words,
    packageManager: typeof options.packagemanager === "string" ? options.packagemanager : "npm",
  };
}

/** Environment that makes the SDK load TypeScript sources, or not. */
export function sdkEnvironment(options: RuntimeOptions): NodeJS.ProcessEnv {
  return { PULUMI_NODEJS_TYPESCRIPT: String(options.typescript) };
}

import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";

/** How a command ended, and all that it printed. */
export interface CommandResult {
  code: number;
  text: string;
}

/** A command that runs. */
export interface RunningCommand {
  /** Resolves when the command has printed what matches; rejects when it ends without having done so. */
  said(what: RegExp): Promise<void>;
  ended: Promise<CommandResult>;
}

/**
 * Starts one of the npm commands as its entry does.
 *
 * @param script Its file, for example `tools/drift/cli.ts`.
 * @param environment The whole environment.
 * @param checkout Checkout that the command belongs to. Default: this one.
 */
export function startScript(
  script: string,
  args: string[],
  environment: NodeJS.ProcessEnv,
  checkout = repositoryRoot,
): RunningCommand {
  const command = ["-r", "ts-node/register/transpile-only", path.join(checkout, script), ...args];
  const child = spawn(process.execPath, command, {
    cwd: checkout,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = new EventEmitter();
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      output.emit("text");
    });
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, text }));
  });
  const said = (what: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!what.test(text)) return;
        output.off("text", look);
        resolve();
      };
      output.on("text", look);
      look();
      void ended.then(() => reject(new Error(`it ended without having said ${what.source}:\n${text}`)));
    });
  return { said, ended };
}

/** Runs one of the npm commands to its end; parameters as for `startScript`. */
export const runScript = (...command: Parameters<typeof startScript>): Promise<CommandResult> =>
  startScript(...command).ended;

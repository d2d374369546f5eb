import { execFile } from "node:child_process";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";

/** How a command ended, and all that it printed. */
export interface CommandResult {
  code: number;
  text: string;
}

/**
 * Runs one of the npm commands as its entry does.
 *
 * @param script Its file, for example `tools/drift/cli.ts`.
 * @param environment The whole environment.
 * @param checkout Checkout that the command belongs to. Default: this one.
 */
export function runScript(
  script: string,
  args: string[],
  environment: NodeJS.ProcessEnv,
  checkout = repositoryRoot,
): Promise<CommandResult> {
  const command = ["-r", "ts-node/register/transpile-only", path.join(checkout, script), ...args];
  return new Promise((resolve) => {
    const options = { cwd: checkout, env: environment, maxBuffer: 64 << 20 };
    execFile(process.execPath, command, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), text: stdout + stderr }),
    );
  });
}

import { spawn } from "node:child_process";
import { EngineFailure } from "./run";

/**
 * Runs a program on the terminal of this command and waits for its end.
 *
 * @throws EngineFailure with the program's exit code unless it is 0.
 */
export async function passOn(program: string, args: string[], env: NodeJS.ProcessEnv, cwd?: string): Promise<void> {
  // The terminal sends Ctrl-C to the program too, which decides what to do.
  process.on("SIGINT", () => undefined);
  const child = spawn(program, args, { cwd, env, stdio: "inherit" });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
  if (code !== 0) throw new EngineFailure(code);
}

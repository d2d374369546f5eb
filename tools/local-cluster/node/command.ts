import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Runs a program of the system and returns its standard output.
 *
 * @throws Error with the command and what it wrote to standard error.
 */
export async function command(program: string, args: readonly string[], input?: string): Promise<string> {
  try {
    const env = { PATH: systemPath, LC_ALL: "C" };
    const running = run(program, [...args], { env, maxBuffer: 1 << 26 });
    if (input !== undefined) running.child.stdin?.end(input);
    return (await running).stdout;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`${program} ${args.join(" ")}: ${(stderr ?? "").trim() || message}`);
  }
}

/** Runs a program of which it does not matter whether it succeeds, as the removal of what may be gone already. */
export async function attempt(program: string, args: readonly string[], input?: string): Promise<string> {
  return command(program, args, input).catch(() => "");
}

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Standard output of a judge, which ends with 1 when it has findings. Any other end, or no output, is an error. */
export async function judgeOutput(program: string, args: readonly string[]): Promise<string> {
  // Nothing of the user's own settings: a judge must find the same on every machine.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR };
  try {
    return (await run(program, [...args], { env, maxBuffer: 1 << 28 })).stdout;
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code?: number; stdout?: string; stderr?: string };
    if (code === 1 && stdout.trim() !== "") return stdout;
    throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${stderr}${stdout}`);
  }
}

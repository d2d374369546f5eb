import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestEnvironment } from "../../support/environment";
import { commandEnvironment } from "./checkout";

/** Ctrl-C, as a terminal sends it to the programs in its foreground. */
const interrupt = "\u0003";

/** When a key is pressed: so long after something was said. */
export interface Press {
  after: RegExp;
  milliseconds: number;
}

/**
 * Runs an npm command of the environment's checkout in a terminal, and presses Ctrl-C.
 *
 * @returns Exit code of the command, and all that the terminal showed.
 */
export function inTerminal(
  environment: TestEnvironment,
  command: string,
  press: Press,
): Promise<{ code: number; text: string }> {
  // `script` gives the command a terminal of its own and ends with its exit code.
  const child = spawn("script", ["--quiet", "--return", "--command", `npm run --silent ${command}`, "/dev/null"], {
    cwd: environment.project,
    env: commandEnvironment(environment),
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  let isPressed = false;
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    if (isPressed || !press.after.test(text)) return;
    isPressed = true;
    void sleep(press.milliseconds).then(() => child.stdin.write(interrupt));
  });
  // It may have ended before.
  child.stdin.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, text }));
  });
}

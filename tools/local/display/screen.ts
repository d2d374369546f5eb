import type { Screen } from "./display";

/** A screen that can be given back to the shell. */
export interface OpenScreen extends Screen {
  /** Takes the live line away. */
  close(): void;
}

/** What a screen needs of a terminal, or of a file or pipe that stands for one. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Where nobody sees a line being renewed, one is written when nothing else was for so long. */
const silenceMilliseconds = 10_000;
const clearLine = "\r\u001b[K";

/**
 * A screen on a terminal, whose last line is renewed, or on a log, which is told from time to time.
 *
 * @param now Clock in milliseconds.
 */
export function openScreen(output: Output, now: () => number = Date.now): OpenScreen {
  const isTerminal = output.isTTY === true;
  let last = now();
  let isLive = false;
  const clear = (): void => {
    if (isLive) output.write(clearLine);
    isLive = false;
  };
  return {
    say: (line) => {
      clear();
      output.write(`${line}\n`);
      last = now();
    },
    live: (line) => {
      if (isTerminal) {
        output.write(`${clearLine}${line.slice(0, (output.columns ?? 80) - 1)}`);
        isLive = true;
      } else if (now() - last >= silenceMilliseconds) {
        output.write(`${line}\n`);
        last = now();
      }
    },
    close: clear,
  };
}

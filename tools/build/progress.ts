/** Where progress is written: standard error, so that standard output stays for results. */
export type Output = Pick<NodeJS.WriteStream, "write"> & { readonly isTTY?: boolean };

const TERMINAL_TICK_MS = 1_000;
const LOG_TICK_MS = 30_000;

/** Elapsed time as people say it: `42s`, `3m07s`. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}s`;
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}

/**
 * Shows that a long step is alive while `work` runs: on a terminal one line whose clock ticks, elsewhere a line at the start,
 * every thirty seconds and at the end.
 *
 * @param title what is being done and which of how many it is, for example `[2/5] building kwok`.
 */
export async function showProgress<T>(output: Output, title: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const line = (state: string): string => `${title} ${state}`;
  const elapsed = (): string => formatElapsed(Date.now() - start);
  const tick = (): void => void output.write(output.isTTY ? `\r\x1b[K${line(elapsed())}` : `${line(elapsed())}\n`);
  output.write(output.isTTY ? line("...") : `${line("...")}\n`);
  const timer = setInterval(tick, output.isTTY ? TERMINAL_TICK_MS : LOG_TICK_MS);
  const finish = (state: string): void => {
    clearInterval(timer);
    output.write(`${output.isTTY ? "\r\x1b[K" : ""}${line(state)}\n`);
  };
  try {
    const result = await work();
    finish(`done in ${elapsed()}`);
    return result;
  } catch (error) {
    finish(`failed after ${elapsed()}`);
    throw error;
  }
}

import type { PulumiOptions } from "../engine";

/** What an engine is told of the signals that this process gets. */
export interface Interrupts extends Required<Pick<PulumiOptions, "signal" | "killSignal">> {
  /** Gives the signals back to their defaults. */
  release(): void;
}

/** A press of Ctrl-C can arrive twice: from the terminal, and from npm, which passes it on. */
const sameMilliseconds = 500;

const watched: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Takes Ctrl-C and the other polite signals from this process: the first asks the engine to stop, a second one ends it.
 *
 * @param say Told what the signal does, one line.
 * @param now Clock in milliseconds.
 */
export function watchInterrupts(say: (line: string) => void, now: () => number = Date.now): Interrupts {
  const stop = new AbortController();
  const end = new AbortController();
  let first: number | undefined;
  const onSignal = (): void => {
    if (first === undefined) {
      first = now();
      say("\nStopping: the engine finishes what is under way and saves the state. Ctrl-C again ends it at once.");
      stop.abort();
    } else if (!end.signal.aborted && now() - first > sameMilliseconds) {
      say("\nEnding the engine at once; the next run recovers.");
      end.abort();
    }
  };
  for (const name of watched) process.on(name, onSignal);
  return {
    signal: stop.signal,
    killSignal: end.signal,
    release: () => watched.forEach((name) => process.off(name, onSignal)),
  };
}

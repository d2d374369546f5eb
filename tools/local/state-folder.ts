import { rmSync, statfsSync, writeFileSync } from "node:fs";
import * as path from "node:path";

/** The engine writes its whole state again for each step, beside the old one: this much is needed at least. */
const leastBytes = 16 * 2 ** 20;

/**
 * Why the engine cannot save its state in a folder; undefined when it can.
 *
 * @param free Bytes that the folder's volume has left. Default: as the system says.
 */
export function stateFolderFault(folder: string, free = freeBytes(folder)): string | undefined {
  if (free < leastBytes)
    return `${folder}: the volume has ${Math.floor(free / 2 ** 20)} MiB left, and the state needs ${leastBytes / 2 ** 20} MiB: make room there`;
  const probe = path.join(folder, `.writable-${process.pid}`);
  try {
    writeFileSync(probe, "");
    rmSync(probe, { force: true });
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `${folder}: the state cannot be written (${code}): give the folder back its permissions, or its volume its write access`;
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** What a watch over a state folder tells the engine. */
export interface StateFolderWatch {
  /** Aborted when the state cannot be saved any more: whatever is begun would be forgotten. */
  stop: AbortSignal;
  /** Aborted some time later: the engine tries each save for half a minute before it gives up. */
  kill: AbortSignal;
  /** Looks at once: an engine that has failed may have done so before the next look. */
  lookAgain(): void;
  /** Ends the watch. */
  end(): void;
}

/** Milliseconds between two looks, and until an engine that was asked to stop is ended. */
const usualTimes = { interval: 1_000, patience: 5_000 };

/**
 * Looks, while the engine works, whether it can save its state.
 *
 * @param say Told the fault, and what to do.
 * @param look What is looked at. Default: the folder.
 * @param times Default: a second, and five.
 */
export function watchStateFolder(
  folder: string,
  say: (line: string) => void,
  look: () => string | undefined = () => stateFolderFault(folder),
  times = usualTimes,
): StateFolderWatch {
  const stop = new AbortController();
  const kill = new AbortController();
  let patience: NodeJS.Timeout | undefined;
  const lookAgain = (): void => {
    const fault = stop.signal.aborted ? undefined : look();
    if (fault === undefined) return;
    say(`error: ${fault}`);
    say("Stopping: nothing that exists is lost; once that is put right, `npm run up` finds what was made and goes on.");
    stop.abort();
    patience = setTimeout(() => kill.abort(), times.patience);
  };
  const timer = setInterval(lookAgain, times.interval);
  return {
    stop: stop.signal,
    kill: kill.signal,
    lookAgain,
    end: () => {
      clearInterval(timer);
      clearTimeout(patience);
    },
  };
}

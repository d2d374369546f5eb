import { availableParallelism } from "node:os";

/** What is done with one of several things at a time. */
export interface Several<Item, Result> {
  items: readonly Item[];
  /** Name of a thing, for the line that says what is under way. */
  nameOf: (item: Item) => string;
  /** Does it; `progress` tells where it is, in one line. */
  work: (item: Item, progress: (line: string) => void) => Promise<Result>;
  /** Whether others are still begun after this result. Those that are under way come to their end either way. Default: they are. */
  isGood?: (result: Result) => boolean;
  /** Told each result when it is there. Default: nobody is. */
  onDone?: (result: Result, done: number) => void;
  /** The line that is renewed while the work goes on. Default: there is none. */
  live?: (line: string) => void;
  /** Aborted when nothing more is to be begun. */
  signal?: AbortSignal;
  /** Most that are done at once. Default: see `stacksAtOnce`. */
  atOnce?: number;
}

/**
 * Number of stacks that are worked on at once: an engine waits for its program, its provider and the API server more than it computes, and takes
 * about half a gigabyte with all of these.
 */
export const stacksAtOnce = (cores = availableParallelism()): number => Math.min(8, Math.max(3, cores));

/** Does a work for several things, some at once, in their order. A failure ends it when what is under way has ended. */
export async function doSeveral<Item, Result>(several: Several<Item, Result>): Promise<Result[]> {
  const { items, nameOf, work, isGood = () => true, onDone, live, signal, atOnce = stacksAtOnce() } = several;
  const begin = Date.now();
  const waiting = [...items];
  const underWay = new Map<string, string>();
  const results: Result[] = [];
  let isStopped = false;
  const tell = (): void => {
    const seconds = Math.round((Date.now() - begin) / 1000);
    const where = [...underWay].map(([name, line]) => `${name}${line === "" ? "" : ` (${line.trim()})`}`);
    live?.(`  ${results.length} of ${items.length} stacks, ${seconds} s; under way: ${where.join(", ")}`);
  };
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = isStopped ? undefined : waiting.shift()) {
      if (signal?.aborted === true) return;
      const name = nameOf(item);
      underWay.set(name, "");
      try {
        const result = await work(item, (line) => {
          underWay.set(name, line);
          tell();
        });
        results.push(result);
        isStopped ||= !isGood(result);
        onDone?.(result, results.length);
      } catch (error) {
        isStopped = true;
        throw error;
      } finally {
        underWay.delete(name);
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  const failure = ended.find((one) => one.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return results;
}

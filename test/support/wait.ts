import { setTimeout as sleep } from "node:timers/promises";

/** Waits until `probe` gives a value; after `seconds` it fails and says what it waited for and what it saw last. */
export async function eventually<T>(what: string, seconds: number, probe: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(250);
  }
  throw new Error(`waited ${seconds} s for ${what}${last === undefined ? "" : `; last: ${String(last)}`}`);
}

/** Collects the answers for all items in order, asking for `size` of them at a time. */
export async function inBatches<T, R>(items: T[], size: number, ask: (item: T) => Promise<R[]>): Promise<R[]> {
  const answers: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    answers.push(...(await Promise.all(items.slice(start, start + size).map(ask))).flat());
  }
  return answers;
}

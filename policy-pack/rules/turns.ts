/** Work in steps of some milliseconds, for programs that have other things to do between them. */
import { setImmediate } from "node:timers/promises";

/** Work that may be left for a while after each of its steps. */
export type Turns<T> = Generator<void, T>;

/** Does the work without a pause. */
export function atOnce<T>(work: Turns<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Does the work, and before each of its steps whatever else waits for its turn in this process. */
export async function inTurns<T>(work: Turns<T>): Promise<T> {
  for (;;) {
    await setImmediate();
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

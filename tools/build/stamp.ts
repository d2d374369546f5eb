import { statSync } from "node:fs";

/** A file that was written a moment ago may be written again without another time stamp. */
const settledMilliseconds = 2000;

/**
 * What changes with each change of a file: the kernel sets the time of the last change (ctime) with each write, each rename and each change of
 * the other times. Undefined for a file that is not there.
 */
export function stampOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs } = found;
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

/**
 * Whether the stamp of a file tells the content that was read of it since `begin`: a later write gives another stamp.
 *
 * @param begin When the reading began, in milliseconds since 1970.
 */
export function wasSettled(file: string, begin: number): boolean {
  const changed = statSync(file, { throwIfNoEntry: false })?.ctimeMs;
  return changed !== undefined && changed < begin - settledMilliseconds;
}

import { readFileSync, statSync } from "node:fs";
import { writePrivateFile } from "../local-cluster/files";
import { digestOf } from "./archive";

/** What is remembered of a file whose content was read once. */
interface Remembered {
  /** What changes with each change of the file, see `stampOf`. */
  stamp: string;
  /** SHA-256 of the content in hexadecimal digits. */
  digest: string;
}

/** A file that was written a moment ago may be written again without another time stamp. */
const settledMilliseconds = 2000;

/**
 * SHA-256 of files that seldom change, by their paths: the content of a file is read again only where the file is another one, or was
 * written since. Programs of images have hundreds of megabytes, and reading them takes a second.
 *
 * @param record File that remembers the digests; one that is missing or damaged remembers nothing.
 */
export function rememberedDigests(record: string): (file: string) => Promise<string> {
  const known = readRecord(record);
  return async (file) => {
    const stamp = stampOf(file);
    const before = known[file];
    if (before?.stamp === stamp) return before.digest;
    const digest = await digestOf(file);
    if (stampOf(file) === stamp && isSettled(file)) {
      known[file] = { stamp, digest };
      writePrivateFile(record, JSON.stringify(known, undefined, 2));
    }
    return digest;
  };
}

function readRecord(record: string): Record<string, Remembered | undefined> {
  try {
    return JSON.parse(readFileSync(record, "utf8")) as Record<string, Remembered>;
  } catch {
    return {};
  }
}

/** The kernel sets the time of the last change (ctime) with each write, each rename and each change of the other times. */
function stampOf(file: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

const isSettled = (file: string): boolean => Date.now() - statSync(file).ctimeMs > settledMilliseconds;

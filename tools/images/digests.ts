import { readFileSync } from "node:fs";
import { stampOf, wasSettled } from "../build/stamp";
import { writePrivateFile } from "../local-cluster/files";
import { digestOf } from "./archive";

/** What is remembered of a file whose content was read once. */
interface Remembered {
  /** See `stampOf`. */
  stamp: string;
  /** SHA-256 of the content in hexadecimal digits. */
  digest: string;
}

/**
 * SHA-256 of files that seldom change, by their paths: the content of a file is read again only where the file is another one, or was
 * written since. Programs of images have hundreds of megabytes, and reading them takes a second.
 *
 * @param record File that remembers the digests; one that is missing or damaged remembers nothing.
 */
export function rememberedDigests(record: string): (file: string) => Promise<string> {
  const known = readRecord(record);
  return async (file) => {
    const begin = Date.now();
    const stamp = stampOf(file);
    const before = known[file];
    if (stamp !== undefined && before?.stamp === stamp) return before.digest;
    const digest = await digestOf(file);
    if (stamp !== undefined && stamp === stampOf(file) && wasSettled(file, begin)) {
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

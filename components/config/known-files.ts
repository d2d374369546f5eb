/**
 * Tenant files that were found without a fault by the command that started this program: with hundreds of tenants, reading and checking them takes
 * most of the time before the first resource is registered, and a command starts several programs.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/**
 * Variable of the environment that names a JSON file with the values of such tenant files, by the SHA-256 of their bytes. A file that has changed
 * since is read as any other. Whoever sets it has loaded these files with the same version of this package.
 */
export const KNOWN_FILES = "OLLAMA_PLATFORM_KNOWN_FILES";

/** Values of tenant files without a fault, by the SHA-256 of their bytes as lower-case hexadecimal digits. */
export type KnownFiles = Record<string, unknown>;

/** The last list that was read. */
let read: { place: string; files: KnownFiles } | undefined;

/** The list that the environment names; empty when it names none, or none that can be read. */
function knownFiles(): KnownFiles {
  const place = process.env[KNOWN_FILES] ?? "";
  if (read?.place !== place) read = { place, files: place === "" ? {} : readList(place) };
  return read.files;
}

function readList(place: string): KnownFiles {
  try {
    return JSON.parse(readFileSync(place, "utf8")) as KnownFiles;
  } catch {
    return {};
  }
}

/** SHA-256 of a file's bytes, by which it is known. */
export const digestOfFile = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** The value of a file that is known to have no fault; undefined for every other one. */
export function knownValue(digest: string): unknown {
  const files = knownFiles();
  return Object.hasOwn(files, digest) ? files[digest] : undefined;
}

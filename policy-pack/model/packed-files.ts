/** What compressed data holds: rules judge a file in an archive as they judge one that lies open. */
import { gunzipSync } from "node:zlib";

/** A text in an archive. */
export interface PackedFile {
  /** Name in the archive; empty for data that is compressed by itself. */
  name: string;
  text: string;
}

/** More than any configuration holds, and far from what would fill the memory. */
const MOST_BYTES = 8 * 1024 * 1024;
const BLOCK = 512;
const REGULAR_FILE = ["0", "\0"];
const FOLDER = "5";

/** Whether data is compressed by gzip. */
export const isCompressed = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The texts in gzip-compressed data, an archive or a single one.
 *
 * @returns undefined when any part of it cannot be read: who cannot see it cannot judge it.
 */
export function unpacked(bytes: Buffer): PackedFile[] | undefined {
  let content: Buffer;
  try {
    content = gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch {
    return undefined;
  }
  const files = content.toString("latin1", 257, 262) === "ustar" ? entriesOf(content) : [{ name: "", content }];
  const texts = files?.map((file) => ({ name: file.name, text: textOf(file.content) }));
  return texts?.every((file): file is PackedFile => file.text !== undefined) ? texts : undefined;
}

/** Data as text; undefined when it is none. */
export function textOf(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Regular files of a tar archive; undefined when it has anything that is neither one nor a folder. */
function entriesOf(tar: Buffer): { name: string; content: Buffer }[] | undefined {
  const files: { name: string; content: Buffer }[] = [];
  let position = 0;
  while (position + BLOCK <= tar.length) {
    const header = tar.subarray(position, position + BLOCK);
    if (header.every((byte) => byte === 0))
      return tar.subarray(position).every((byte) => byte === 0) ? files : undefined;
    const field = (from: number, length: number) =>
      header.toString("latin1", from, from + length).replace(/\0.*$/s, "");
    const kind = header.toString("latin1", 156, 157);
    const size = /^[0-7]+ ?$/.test(field(124, 12)) ? parseInt(field(124, 12), 8) : NaN;
    const end = position + BLOCK + size;
    if (!(end <= tar.length) || !(REGULAR_FILE.includes(kind) || (kind === FOLDER && size === 0))) return undefined;
    if (kind !== FOLDER) {
      files.push({ name: field(0, 100), content: tar.subarray(position + BLOCK, end) });
    }
    position += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

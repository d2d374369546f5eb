/** Files packed into one archive, as `tar -xzf` unpacks them: the same bytes for the same files on every machine. */
import { gzipSync } from "fflate";

const BLOCK = 512;
/** Length of an entry's name in the `ustar` form; longer ones would have to be split. */
const LONGEST_NAME = 100;

/**
 * Packs text files. Node's own compression gives other bytes on other processors, and the archive's digest would change
 * with the machine that deploys.
 *
 * @param files Texts by file name, names of at most 100 bytes.
 * @returns A gzip-compressed tar archive.
 */
export function packed(files: Record<string, string>): Buffer {
  const entries = Object.keys(files)
    .sort()
    .map((name) => entry(name, Buffer.from(files[name] ?? "", "utf8")));
  const tar = Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
  return Buffer.from(gzipSync(tar, { level: 9, mtime: 0 }));
}

function entry(name: string, content: Buffer): Buffer {
  if (Buffer.byteLength(name) > LONGEST_NAME) throw new Error(`${name}: the name is too long for the archive`);
  const size = Math.ceil(content.length / BLOCK) * BLOCK;
  return Buffer.concat([header(name, content.length), content], BLOCK + size);
}

/** The block before a file's content: owned by nobody in particular, readable, without a time. */
function header(name: string, length: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const write = (text: string, offset: number) => block.write(text, offset, "latin1");
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  block.write(name, 0, "utf8");
  write(octal(0o644, 7), 100);
  write(octal(0, 7), 108);
  write(octal(0, 7), 116);
  write(octal(length, 11), 124);
  write(octal(0, 11), 136);
  // The sum is taken with its own field full of spaces.
  write(" ".repeat(8), 148);
  write("0", 156);
  write("ustar\0" + "00", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

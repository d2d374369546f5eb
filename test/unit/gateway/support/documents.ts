/** Documents for comparing the guard's JSON reader with others: valid ones, and ones with small damage. */

/** Seed of generated documents: another one in each run; a suite names it, and DOCUMENTS_SEED repeats it. */
export const SEED = Number(process.env["DOCUMENTS_SEED"] ?? Date.now() % 2 ** 31);

/** A source of numbers that gives the same ones for the same seed (Mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const SCALARS = [
  "0",
  "1",
  "-1",
  "1.5",
  "1e300",
  "-0",
  "true",
  "false",
  "null",
  '""',
  '"é"',
  '"\\u2028"',
  '"😀"',
  '"\x7f"',
  '"a\\"b\\\\c\\/"',
  '"\\ud83d"',
  '"\\udc00\\ud83d\\ude00"',
];
const KEYS = [
  "model",
  "MODEL",
  "m\\u006fdel",
  "name",
  "options",
  "messages",
  "stream",
  "keep_alive",
  "a",
  "é",
  "\u017f",
  "x y",
];
const MODELS = [
  '"llama3:8b"',
  '"LLAMA3:8B"',
  '"secret"',
  '"library/llama3:8b"',
  '"llama3:8b:local"',
  '" llama3:8b"',
  "null",
  "5",
];
const DAMAGE = '{}[]",:\\ \n\t0123456789eE+-.tfnu';
const DAMAGE_BYTES = [0, 1, 0x1f, 0x80, 0xc0, 0xc3, 0xe2, 0xed, 0xa0, 0xf0, 0xf4, 0xf5, 0xff, 0xef, 0xbb, 0xbf];

/** Generates one document. */
export function document(random: () => number): Buffer {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const space = (): string => (random() < 0.1 ? pick([" ", "\n", "\t", "\r\n"]) : "");
  const list = (depth: number, item: () => string): string =>
    Array.from({ length: Math.floor(random() * (4 - depth / 2)) }, item).join(`${space()},${space()}`);
  const member = (depth: number): string => {
    const key = pick(KEYS);
    return `"${key}"${space()}:${space()}${key.startsWith("m") && random() < 0.7 ? pick(MODELS) : value(depth + 1)}`;
  };
  function value(depth: number): string {
    const kind = random();
    if (depth > 4 || kind < 0.4) return random() < 0.05 ? `"${"long text ".repeat(9)}"` : pick(SCALARS);
    return kind < 0.65 ? `[${list(depth, () => value(depth + 1))}]` : `{${list(depth, () => member(depth))}}`;
  }
  const rest = list(0, () => member(0));
  const text = random() < 0.7 ? `{"model":${pick(MODELS)}${rest ? `,${rest}` : ""}}` : value(0);
  return random() < 0.6 ? damaged(Buffer.from(text), random, pick) : Buffer.from(text);
}

function damaged(text: Buffer, random: () => number, pick: <T>(list: readonly T[]) => T): Buffer {
  let bytes = text;
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) {
    const at = Math.floor(random() * (bytes.length + 1));
    const byte = random() < 0.7 ? Buffer.from(pick([...DAMAGE])) : Buffer.from([pick(DAMAGE_BYTES)]);
    const kind = random();
    const cut = kind < 0.3 ? at + 1 : at;
    const inserted =
      kind < 0.5 ? byte : kind < 0.7 ? Buffer.alloc(0) : bytes.subarray(at, at + Math.floor(random() * 8));
    bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(cut)]);
  }
  return bytes;
}

/**
 * Whether a document is what the guard calls strict JSON, found in another way: V8's parser, plus what V8 lets pass.
 */
export function isStrictJson(bytes: Buffer): boolean {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  // In a valid document a string before a colon is a key; a key that is there twice leaves one property only. Every
  // string is matched, not only keys: else the end of one string and the beginning of the next look like a key.
  const keys = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gs)].filter(([, colon]) => colon !== undefined);
  return properties(value) === keys.length;
}

/** Number of properties at all levels; NaN if any key is not well-formed. */
function properties(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + properties(item), 0);
  const named = (key: string): number => (/\p{Surrogate}/u.test(key) ? NaN : 1);
  return Object.entries(value).reduce((sum, [key, item]) => sum + named(key) + properties(item), 0);
}

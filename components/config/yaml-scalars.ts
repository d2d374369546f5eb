/** A plain scalar that two readers of YAML take for different values, and how to write each so that they do not. */
export interface Misreading {
  problem: string;
  /** The number that may be meant, as all readers understand it. Absent when there is none. */
  number?: string;
  /** The text that may be meant, without the quotes that it needs. */
  text: string;
}

/**
 * Judges a plain scalar: one without quotes. The engine reads stack files with a YAML library of Go (`gopkg.in/yaml.v3`),
 * which still knows much of YAML 1.1; this program and most editors know YAML 1.2 only. What they read differently is
 * refused in every file, so that a line means the same wherever it is copied. So are numbers that only look the same in
 * both: with leading zeros, beyond what a number holds exactly, and without end.
 *
 * @param text The scalar as it is written.
 * @param value What YAML 1.2 makes of it.
 * @returns Undefined when all readers agree.
 */
export function misreadingOf(text: string, value: unknown): Misreading | undefined {
  if (typeof value === "number") return misreadNumber(text, value);
  if (typeof value !== "string") return undefined;
  if (isTimestamp(text)) return { problem: "is a date to the engine and a text to others", text };
  const number = engineNumber(text);
  if (number === undefined) return undefined;
  const problem = `is the number ${number} to the engine and a text to others`;
  return misreadNumber(number, Number(number)) === undefined ? { problem, number, text } : { problem, text };
}

/** Whether the engine takes a plain scalar for a text, which the key of a mapping has to be. */
export function isTextToEngine(text: string, value: unknown): boolean {
  return typeof value === "string" && !isTimestamp(text) && engineNumber(text) === undefined;
}

const leadingZeros = /^([-+]?)0+(?=[0-9])/;

function misreadNumber(text: string, value: number): Misreading | undefined {
  if (leadingZeros.test(text)) {
    const number = text.replace(leadingZeros, "$1");
    const problem = /^[-+]?[0-7]+$/.test(text)
      ? "has a leading zero: it counts in eights to the engine and in tens to others"
      : "has a leading zero, which makes it another number to some readers";
    return { problem, number, text };
  }
  if (!Number.isFinite(value)) return { problem: "is no finite number", text };
  if (isInteger(text) && !Number.isSafeInteger(value)) {
    const problem = `is larger than a number can be without losing digits, which is ${Number.MAX_SAFE_INTEGER}`;
    return { problem, text };
  }
  return undefined;
}

/** Says how to write what was misread. `accepted` are those of its number and its text that are allowed in its place. */
export function fixOfMisreading(
  { number, text }: Misreading,
  accepted: readonly ("number" | "text")[] = ["number", "text"],
): string | undefined {
  const ways = [
    ...(number !== undefined && accepted.includes("number") ? [number] : []),
    ...(accepted.includes("text") ? [JSON.stringify(text)] : []),
  ];
  return ways.length === 0 ? undefined : `write ${ways.join(" or ")}`;
}

const bases = [
  { base: "0x", digits: /^0[xX]([0-9a-fA-F]+)$/ },
  { base: "0b", digits: /^0[bB]([01]+)$/ },
  { base: "0o", digits: /^0[oO]?([0-7]+)$/ },
];
/** The engine strips the prefix before it looks at the sign. */
const innerSign = /^(0[bo])([-+])([0-7]+)$/;
const decimalInteger = /^[-+]?[0-9]+$/;
const decimal = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

function isInteger(text: string): boolean {
  return decimalInteger.test(text) || bases.some(({ digits }) => digits.test(text));
}

/** A fraction without anything before its point may have underscores too, but only between digits. */
const pointFirst = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/;

/** The number that the engine reads where YAML 1.2 reads a text, as people write it. */
function engineNumber(text: string): string | undefined {
  if (!/^[-+0-9]/.test(text) && !pointFirst.test(text)) return undefined;
  const plain = text.replaceAll("_", "");
  const [, prefix = "", inner = "", rest = ""] = innerSign.exec(plain) ?? [];
  const outward = rest === "" ? plain : `${inner}${prefix}${rest}`;
  const [sign, unsigned] = /^[-+]/.test(outward) ? [outward[0], outward.slice(1)] : ["", outward];
  for (const { base, digits } of bases) {
    const [, found] = digits.exec(unsigned) ?? [];
    if (found !== undefined) return inRange(sign === "-" ? -BigInt(base + found) : BigInt(base + found));
  }
  if (rest !== "" || !decimal.test(plain)) return undefined;
  const number = Number(plain);
  return Number.isFinite(number) ? String(number) : undefined;
}

/** The engine takes integers of 64 bits for numbers, and larger ones for texts. */
function inRange(number: bigint): string | undefined {
  return number >= -(2n ** 63n) && number < 2n ** 64n ? String(number) : undefined;
}

const timestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d))|(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/;

/** Whether the engine reads a date, or a date with a time, of a day that the calendar has. */
function isTimestamp(text: string): boolean {
  const found = timestamp.exec(text);
  if (found === null) return false;
  const numbers = found.slice(1).map((part) => (part === undefined ? 0 : Number(part)));
  const [year = 0, month = 0, day = 0] = numbers;
  const [hour, minute, second] = [3, 4, 5].map((index) => (numbers[index] ?? 0) + (numbers[index + 3] ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isDay && (hour ?? 0) < 24 && (minute ?? 0) < 60 && (second ?? 0) < 60;
}

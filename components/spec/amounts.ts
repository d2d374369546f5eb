import { UnreadableError } from "../models/problem";
import { MIB, formatBytes, formatMilliCpu, milliCpu, parseBytes } from "../models/quantity";

const TIB = 2 ** 40;

/** Least memory or storage that can be meant: below it a suffix was forgotten (`64`) or mistaken (`512m`). */
const LEAST_BYTES = MIB;

/** More than any machine has: what is above it has a wrong suffix. */
const MOST_OF_A_NODE = { cpuMillis: 10_000_000, bytes: 128 * TIB };
/** More than any environment has. Sums of amounts up to here stay exact numbers. */
const MOST_OF_ALL = { cpuMillis: 10_000_000_000, bytes: 4096 * TIB };

const CORES = "cores such as `4`, or thousandths of a core such as `500m`";
const BYTES = "bytes with a unit, for example `16Gi` or `512Mi`";

/**
 * Reads CPU of one replica or one node, in thousandths of a core.
 *
 * @throws UnreadableError for what is not an amount of CPU.
 */
export const readNodeCpu = (text: string): number => readCpu(text, MOST_OF_A_NODE.cpuMillis);

/** The same for CPU of many pods together. */
export const readTotalCpu = (text: string): number => readCpu(text, MOST_OF_ALL.cpuMillis);

/**
 * Reads memory or ephemeral storage of one replica or one node, in bytes.
 *
 * @throws UnreadableError for what is not an amount of memory or storage.
 */
export const readNodeBytes = (text: string): number => readBytes(text, MOST_OF_A_NODE.bytes);

/** The same for memory or storage of many pods together. */
export const readTotalBytes = (text: string): number => readBytes(text, MOST_OF_ALL.bytes);

function readCpu(text: string, most: number): number {
  const { number, suffix } = partsOf(text);
  if (/^[KMGTPE]i?$/.test(suffix)) {
    const problem = `has the unit \`${suffix}\`, and CPU is counted in cores`;
    throw new UnreadableError(text, { problem, allowed: CORES, fix: `did you mean \`${number}\`?` });
  }
  const millis = milliCpu(text);
  if (millis === 0) {
    const problem = "is no CPU at all";
    throw new UnreadableError(text, { problem, allowed: CORES, fix: "write the CPU that is needed" });
  }
  if (millis > most) {
    const problem = "is more CPU than there can be";
    const fix = suffix === "" ? `did you mean \`${number}m\`?` : "write the number of cores";
    throw new UnreadableError(text, { problem, allowed: `at most ${formatMilliCpu(most)} cores`, fix });
  }
  return millis;
}

function readBytes(text: string, most: number): number {
  const { number, suffix } = partsOf(text);
  const bytes = parseBytes(text);
  if (bytes === 0) {
    const problem = "is nothing";
    throw new UnreadableError(text, { problem, allowed: BYTES, fix: "write the amount that is needed" });
  }
  if (bytes < LEAST_BYTES) {
    const problem = `is ${bytes} ${bytes === 1 ? "byte" : "bytes"}, which is too little to be meant`;
    const fix = `did you mean \`${number}${suffix === "m" ? "Mi" : "Gi"}\`?`;
    throw new UnreadableError(text, { problem, allowed: BYTES, fix });
  }
  if (bytes > most) {
    const problem = "is more than there can be";
    const fix = `did you mean \`${number}Gi\`?`;
    throw new UnreadableError(text, { problem, allowed: `at most \`${formatBytes(most)}\``, fix });
  }
  return bytes;
}

/** The number of a quantity without sign, and its suffix. */
function partsOf(text: string): { number: string; suffix: string } {
  const [, number = "", suffix = ""] = /^\+?([0-9.]+)(.*)$/.exec(text) ?? [];
  return { number, suffix };
}

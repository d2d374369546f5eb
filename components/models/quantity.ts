/**
 * Kubernetes quantities, read and written without rounding.
 *
 * The grammar is that of `k8s.io/apimachinery/pkg/api/resource.ParseQuantity`: a sign, a decimal number, and one of
 * the binary suffixes `Ki Mi Gi Ti Pi Ei`, the decimal suffixes `n u m k M G T P E`, or an exponent `e3` / `E3`.
 * Blanks are not part of it. Where the API server is silently lenient (a text without digits counts as zero, numbers
 * beyond 2^63-1 are capped) the text is refused here, because it is a slip whenever a person writes it.
 */

import { UnreadableError } from "./problem";

export const KIB = 2 ** 10;
export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

const NANO_EXPONENT = 9;
const NANOS_PER_UNIT = 10n ** BigInt(NANO_EXPONENT);
const NANOS_PER_MILLI = 10n ** 6n;
const MAX_UNITS = 2n ** 63n - 1n;

/** Longest text that is looked at; a longer one cannot be a quantity that anybody meant. */
const MAX_LENGTH = 64;

const BINARY_EXPONENT = new Map([
  ["Ki", 10],
  ["Mi", 20],
  ["Gi", 30],
  ["Ti", 40],
  ["Pi", 50],
  ["Ei", 60],
]);

const DECIMAL_EXPONENT = new Map([
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
]);

const QUANTITY = /^([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))([KMGTPE]i|[numkMGTPE]?|[eE][+-]?[0-9]{1,3})$/;

/** A text that is not a Kubernetes quantity, or not one that a resource may have. */
export class QuantityError extends UnreadableError {}

const ALLOWED = "a Kubernetes quantity, for example `500m`, `4` or `16Gi`";

/**
 * Reads a quantity of any sign exactly.
 *
 * @param text For example `1.5Gi`, `500m`, `2e3`.
 * @returns The value in billionths of the base unit; smaller fractions are rounded away from zero, as the API server does.
 * @throws QuantityError when the text does not follow the grammar or exceeds 2^63-1 base units.
 */
export function quantityNanos(text: string): bigint {
  const match = text.length <= MAX_LENGTH ? QUANTITY.exec(text) : null;
  if (!match) {
    throw new QuantityError(text, {
      problem: "is not a quantity",
      allowed: ALLOWED,
      fix: "write a number and one of the suffixes Ki, Mi, Gi, Ti, Pi, Ei, n, u, m, k, M, G, T, P, E",
    });
  }
  const [, sign = "", whole = "", fractionAfterWhole, fractionAlone, suffix = ""] = match;
  const fraction = fractionAfterWhole ?? fractionAlone ?? "";
  const digits = BigInt(whole + fraction);
  const binary = BINARY_EXPONENT.get(suffix);
  const decimal = binary === undefined ? (DECIMAL_EXPONENT.get(suffix) ?? Number(suffix.slice(1))) : 0;
  const magnitude = scale(digits << BigInt(binary ?? 0), decimal - fraction.length + NANO_EXPONENT);
  if (magnitude > MAX_UNITS * NANOS_PER_UNIT) {
    throw new QuantityError(text, {
      problem: "is more than a quantity can hold",
      allowed: `at most ${MAX_UNITS}`,
      fix: "write the amount that is meant",
    });
  }
  return sign === "-" ? -magnitude : magnitude;
}

/**
 * Reads a quantity of a resource: bytes, cores, or a count.
 *
 * @param text For example `6Gi` or `500m`.
 * @returns The value in base units (bytes, cores); exact for whole numbers.
 * @throws QuantityError when the text is not a quantity, is negative, or is above 2^53-1, where whole numbers stop
 * being exact.
 */
export function parseQuantity(text: string): number {
  const nanos = nonNegativeNanos(text);
  return toSafeNumber(text, nanos / NANOS_PER_UNIT) + Number(nanos % NANOS_PER_UNIT) / Number(NANOS_PER_UNIT);
}

/**
 * Reads an amount of memory or storage.
 *
 * @param text For example `6Gi`.
 * @returns Whole bytes, rounded up as the API server does.
 * @throws QuantityError as `parseQuantity`.
 */
export function parseBytes(text: string): number {
  return toSafeNumber(text, divideRoundingUp(nonNegativeNanos(text), NANOS_PER_UNIT));
}

/**
 * Reads an amount of CPU.
 *
 * @param text For example `1.5` or `1500m`.
 * @returns Whole thousandths of a core, rounded up as the API server does.
 * @throws QuantityError as `parseQuantity`.
 */
export function milliCpu(text: string): number {
  return toSafeNumber(text, divideRoundingUp(nonNegativeNanos(text), NANOS_PER_MILLI));
}

/**
 * Writes bytes with the largest binary suffix that loses nothing, which is the API server's canonical form.
 *
 * @param bytes Whole bytes. Sums above 2^53 are what a number holds of them, exact to sixteen digits.
 * @returns For example `6Gi` for 6442450944, `1536Mi` for one and a half gibibytes, `100` for one hundred.
 * @throws RangeError when `bytes` is not such a number.
 */
export function formatBytes(bytes: number): string {
  requireWhole(bytes);
  for (const [suffix, exponent] of [...BINARY_EXPONENT].reverse()) {
    const unit = 2 ** exponent;
    if (bytes >= unit && bytes % unit === 0) {
      return `${bytes / unit}${suffix}`;
    }
  }
  return String(bytes);
}

/**
 * Writes an amount of CPU in the API server's canonical form.
 *
 * @param millis Whole thousandths of a core.
 * @returns Whole cores without suffix, for example `2`; anything else in thousandths, for example `1500m`.
 * @throws RangeError when `millis` is not such a number.
 */
export function formatMilliCpu(millis: number): string {
  requireWhole(millis);
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`;
}

/** Multiplies by a power of ten; a negative power divides and rounds up. */
function scale(value: bigint, exponent: number): bigint {
  return exponent >= 0 ? value * 10n ** BigInt(exponent) : divideRoundingUp(value, 10n ** BigInt(-exponent));
}

function divideRoundingUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function nonNegativeNanos(text: string): bigint {
  const nanos = quantityNanos(text);
  if (nanos < 0n) {
    throw new QuantityError(text, { problem: "is negative", allowed: ALLOWED, fix: "write 0 or more" });
  }
  return nanos;
}

function toSafeNumber(text: string, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new QuantityError(text, {
      problem: "is too large to be meant",
      allowed: `at most ${Number.MAX_SAFE_INTEGER}`,
      fix: "write the amount that is meant",
    });
  }
  return Number(value);
}

function requireWhole(value: number): void {
  if (!Number.isInteger(value) || value < 0) {
    throw new RangeError(`${value} cannot be written as a quantity: a whole number from 0 is needed`);
  }
}

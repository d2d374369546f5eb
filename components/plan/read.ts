/** Reading of single fields: each function reports what is wrong and then goes on with a harmless value. */
import { milliCpu, parseBytes, QuantityError } from "../models/quantity";
import { CidrError, parseCidr, type Cidr } from "../spec/cidr";
import type { Report } from "./faults";
import { isDnsLabel } from "../spec/names";

/** Reads memory or storage as bytes. Returns undefined when it is absent or malformed. */
export function readBytes(report: Report, path: string, text: string | undefined): number | undefined {
  return readQuantity(report, path, text, parseBytes);
}

/** Reads CPU as thousandths of a core. Returns undefined when it is absent or malformed. */
export function readMilliCpu(report: Report, path: string, text: string | undefined): number | undefined {
  return readQuantity(report, path, text, milliCpu);
}

function readQuantity(report: Report, path: string, text: string | undefined, parse: (text: string) => number) {
  if (text === undefined) return undefined;
  try {
    const value = parse(text);
    if (value > 0) return value;
    report(path, `${JSON.stringify(text)} is nothing: write more than 0`);
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    report(path, error.message);
  }
  return undefined;
}

/** Reads a whole number between `minimum` and `maximum`. Returns `fallback` when it is absent or out of range. */
export function readWhole(
  report: Report,
  path: string,
  value: number | undefined,
  range: { minimum: number; maximum: number; fallback: number },
): number {
  if (value === undefined) return range.fallback;
  if (Number.isSafeInteger(value) && value >= range.minimum && value <= range.maximum) return value;
  report(path, `${value} is not allowed: write a whole number from ${range.minimum} to ${range.maximum}`);
  return range.fallback;
}

/** Reads ranges in CIDR notation; malformed ones are left out. */
export function readCidrs(report: Report, path: string, texts: string[]): Cidr[] {
  return texts.flatMap((text, index) => readCidr(report, `${path}[${index}]`, text) ?? []);
}

/** Reads one range in CIDR notation. Returns undefined when it is malformed. */
export function readCidr(report: Report, path: string, text: string): Cidr | undefined {
  try {
    return parseCidr(text);
  } catch (error) {
    if (!(error instanceof CidrError)) throw error;
    report(path, error.message);
    return undefined;
  }
}

/** Checks a name that becomes part of Kubernetes names and labels. */
export function checkName(report: Report, path: string, name: string, maxLength: number): void {
  if (isDnsLabel(name, maxLength)) return;
  report(
    path,
    `${JSON.stringify(name)} is not a name: write lower-case letters, digits and inner hyphens, at most ${maxLength} characters`,
  );
}

/** Checks that a value is one of those that are allowed; for callers whose types the compiler did not check. */
export function checkOneOf(report: Report, path: string, value: string, allowed: Record<string, string>): void {
  const values = Object.values(allowed);
  if (!values.includes(value))
    report(path, `${JSON.stringify(value)} is not allowed: write one of ${values.join(", ")}`);
}

/** Reports every name that occurs more than once, at the place of its second occurrence. */
export function checkUnique(names: string[], reportAt: (index: number, name: string) => void): void {
  names.forEach((name, index) => {
    if (names.indexOf(name) < index) reportAt(index, name);
  });
}

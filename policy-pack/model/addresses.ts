/** Address ranges of IPv4 and IPv6, read strictly, with difference and overlap. */
import { isIPv4, isIPv6 } from "node:net";

/** Addresses `first` to `last` of one family, both included. */
export interface AddressRange {
  family: 4 | 6;
  first: bigint;
  last: bigint;
}

/** Every address of both families. */
export const everyAddress: readonly AddressRange[] = [
  { family: 4, first: 0n, last: (1n << 32n) - 1n },
  { family: 6, first: 0n, last: (1n << 128n) - 1n },
];

/** IPv6 addresses that stand for IPv4 ones, `::ffff:0:0/96`. Network plugins disagree about them. */
const MAPPED = { first: 0xffffn << 32n, last: (0xffffn << 32n) + ((1n << 32n) - 1n) };

/**
 * Reads `10.0.0.0/8` or `fd00::/8`. Host bits are masked off, as Kubernetes does for objects that already exist.
 * Undefined for anything else: a single address, a prefix length with leading zeros, a zone, IPv4 within IPv6.
 */
export function parseCidr(text: unknown): AddressRange | undefined {
  if (typeof text !== "string") return undefined;
  const [address = "", prefix = "", ...rest] = text.split("/");
  if (rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  return rangeOf(address, Number(prefix));
}

/** Reads a single address, as `parseCidr` reads ranges. */
export function parseAddress(text: unknown): AddressRange | undefined {
  if (typeof text !== "string") return undefined;
  return rangeOf(text, isIPv4(text) ? 32 : 128);
}

function rangeOf(address: string, prefix: number): AddressRange | undefined {
  const family = isIPv4(address) ? 4 : isIPv6(address) && !/[.%]/.test(address) ? 6 : undefined;
  const bits = family === 4 ? 32 : 128;
  if (family === undefined || prefix > bits) return undefined;
  const size = 1n << BigInt(bits - prefix);
  const value = family === 4 ? ipv4Value(address) : ipv6Value(address);
  const first = value - (value % size);
  const last = first + size - 1n;
  if (family === 6 && first >= MAPPED.first && last <= MAPPED.last) return undefined;
  return { family, first, last };
}

/** Whether every address of `inner` lies in `outer`. */
export function contains(outer: AddressRange, inner: AddressRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** Whether two ranges have an address in common. */
export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** The addresses that both lists cover. */
export function intersectAddresses(a: readonly AddressRange[], b: readonly AddressRange[]): readonly AddressRange[] {
  return a.flatMap((x) =>
    b
      .filter((y) => overlaps(x, y))
      .map((y) => ({
        family: x.family,
        first: x.first > y.first ? x.first : y.first,
        last: x.last < y.last ? x.last : y.last,
      })),
  );
}

/** The addresses of `a` that `removed` does not cover. */
export function subtractAddresses(
  a: readonly AddressRange[],
  removed: readonly AddressRange[],
): readonly AddressRange[] {
  let rest = a;
  for (const hole of removed) rest = rest.flatMap((range) => cut(range, hole));
  return rest;
}

function cut(range: AddressRange, hole: AddressRange): AddressRange[] {
  if (!overlaps(range, hole)) return [range];
  const pieces: AddressRange[] = [];
  if (range.first < hole.first) pieces.push({ ...range, last: hole.first - 1n });
  if (hole.last < range.last) pieces.push({ ...range, first: hole.last + 1n });
  return pieces;
}

function ipv4Value(address: string): bigint {
  return address.split(".").reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function ipv6Value(address: string): bigint {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(zeros).fill("0"), ...after];
  return groups.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

/** Address ranges of IPv4 and IPv6 with difference and overlap, for ipBlocks and the ranges of a cluster. */
import { isIPv4, isIPv6 } from "node:net";

/** Addresses `first` to `last` of one family, both included. */
export interface AddressInterval {
  family: 4 | 6;
  first: bigint;
  last: bigint;
}

/** Every address of both families. */
export const everyAddress: readonly AddressInterval[] = [
  { family: 4, first: 0n, last: (1n << 32n) - 1n },
  { family: 6, first: 0n, last: (1n << 128n) - 1n },
];

/**
 * Reads `10.0.0.0/8`, `fd00::/8` or a single address. Host bits are masked off, as Kubernetes does for objects that
 * already exist. Undefined for anything else, IPv4-mapped IPv6 included: network plugins disagree about those.
 */
export function parseCidr(text: unknown): AddressInterval | undefined {
  if (typeof text !== "string") return undefined;
  const [address = "", prefixText, ...rest] = text.split("/");
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes(".") && !address.includes("%") ? 6 : 0;
  if (family === 0 || rest.length > 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^(0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits) return undefined;
  const size = 1n << BigInt(bits - prefix);
  const value = family === 4 ? ipv4Value(address) : ipv6Value(address);
  const first = value - (value % size);
  return { family, first, last: first + size - 1n };
}

/** Whether every address of `inner` lies in `outer`. */
export function contains(outer: AddressInterval, inner: AddressInterval): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** The addresses that both lists cover. */
export function intersectAddresses(
  a: readonly AddressInterval[],
  b: readonly AddressInterval[],
): readonly AddressInterval[] {
  return a.flatMap((x) =>
    b
      .filter((y) => x.family === y.family && x.first <= y.last && y.first <= x.last)
      .map((y) => ({
        family: x.family,
        first: x.first > y.first ? x.first : y.first,
        last: x.last < y.last ? x.last : y.last,
      })),
  );
}

/** The addresses of `a` that `removed` does not cover. */
export function subtractAddresses(
  a: readonly AddressInterval[],
  removed: readonly AddressInterval[],
): readonly AddressInterval[] {
  let rest = a;
  for (const hole of removed) rest = rest.flatMap((interval) => cut(interval, hole));
  return rest;
}

/** The first address of a non-empty list, to show as an example. */
export function exampleAddress(intervals: readonly AddressInterval[]): string {
  const interval = intervals[0];
  if (interval === undefined) return "no address";
  return interval.family === 4 ? formatIpv4(interval.first) : formatIpv6(interval.first);
}

function cut(interval: AddressInterval, hole: AddressInterval): AddressInterval[] {
  if (interval.family !== hole.family || hole.last < interval.first || interval.last < hole.first) return [interval];
  const pieces: AddressInterval[] = [];
  if (interval.first < hole.first) pieces.push({ ...interval, last: hole.first - 1n });
  if (hole.last < interval.last) pieces.push({ ...interval, first: hole.last + 1n });
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

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
}

function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  ).join(":");
  // The URL parser writes IPv6 addresses in their canonical short form.
  return new URL(`http://[${groups}]/`).hostname.slice(1, -1);
}

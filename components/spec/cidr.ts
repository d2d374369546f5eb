import { isIPv4, isIPv6 } from "node:net";
import { UnreadableError } from "../models/problem";

/** A network range. */
export interface Cidr {
  /** The range in canonical CIDR notation of the declaration. */
  text: string;
  family: 4 | 6;
  /** The network address as a number. */
  address: bigint;
  prefixLength: number;
}

/** A text that is not a range which the API server accepts. */
export class CidrError extends UnreadableError {}

const ALLOWED =
  "the first address of a range and the length of its prefix, for example `203.0.113.0/24` or `2001:db8::/32`";

const BITS = { 4: 32, 6: 128 } as const;
/** `::ffff:0:0/96`, IPv4 addresses in IPv6 form. */
const IPV4_MAPPED_PREFIX = 0xffffn;

/**
 * Reads a range in CIDR notation as strictly as the API server does for new objects.
 *
 * @param text For example `10.0.0.0/8` or `2001:db8::/32`.
 * @throws CidrError for anything else: no prefix length, host bits set, leading zeros, IPv4 in IPv6 form.
 */
export function parseCidr(text: string): Cidr {
  const refuse = (problem: string, fix: string) => new CidrError(text, { problem, allowed: ALLOWED, fix });
  const [address = "", prefix = "", ...rest] = text.split("/");
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes("%") ? 6 : undefined;
  if (family !== undefined && prefix === "" && rest.length === 0) {
    throw refuse("has no length of a prefix", `write \`${address}/${BITS[family]}\` for this address alone`);
  }
  if (family === undefined || rest.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(prefix)) {
    throw refuse("is not a range of addresses", "write an address and the length of a prefix");
  }
  const prefixLength = Number(prefix);
  if (prefixLength > BITS[family]) {
    throw refuse(`has a prefix longer than ${BITS[family]} bits`, "shorten the prefix");
  }
  const value = family === 4 ? parseIPv4(address) : parseIPv6(address);
  if (family === 6 && value >> 32n === IPV4_MAPPED_PREFIX) {
    throw refuse("is an IPv4 range in IPv6 form", "write it as IPv4");
  }
  const network = networkAddress(value, prefixLength, family);
  if (value !== network) {
    const range = `${formatAddress(network, family)}/${prefixLength}`;
    throw refuse("has host bits set, so it is an address and no range", `write \`${range}\`, the range that it is in`);
  }
  return { text, family, address: value, prefixLength };
}

/** Whether every address of `inner` is in `outer`; a range contains itself. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return (
    outer.family === inner.family &&
    outer.prefixLength <= inner.prefixLength &&
    networkAddress(inner.address, outer.prefixLength, outer.family) === outer.address
  );
}

/**
 * The ranges that no other of them contains, each once, in numeric order. Two ranges either nest or are disjoint, so
 * the result covers the same addresses.
 */
export function withoutNested(ranges: Cidr[]): Cidr[] {
  const unique = ranges.filter((range, index) => ranges.findIndex((other) => same(range, other)) === index);
  return unique
    .filter((range) => !unique.some((other) => !same(range, other) && contains(other, range)))
    .sort((a, b) => a.family - b.family || (a.address < b.address ? -1 : 1));
}

function same(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.address === b.address && a.prefixLength === b.prefixLength;
}

function networkAddress(address: bigint, prefixLength: number, family: 4 | 6): bigint {
  const hostBits = BigInt(BITS[family] - prefixLength);
  return (address >> hostBits) << hostBits;
}

function parseIPv4(text: string): bigint {
  return text.split(".").reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

function parseIPv6(text: string): bigint {
  const groups = text.replace(/[0-9.]+$/, (tail) => (tail.includes(".") ? ipv4AsGroups(tail) : tail));
  const [head = "", tail] = groups.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function ipv4AsGroups(text: string): string {
  const value = parseIPv4(text);
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

/** The shortest form of an address; of an IPv6 address the zeros at its end are left out. */
function formatAddress(value: bigint, family: 4 | 6): string {
  const [count, bits] = family === 4 ? [4, 8n] : [8, 16n];
  const parts = Array.from(
    { length: count },
    (_, index) => (value >> (BigInt(count - 1 - index) * bits)) & ((1n << bits) - 1n),
  );
  if (family === 4) return parts.join(".");
  const groups = parts.map((part) => part.toString(16)).join(":");
  return groups.replace(/(^|:)0(:0)+$/, "::");
}

/** Address ranges in CIDR notation. */
import { isIP } from "node:net";

/** Addresses from `first` to `last`, of IP version `version`. */
export interface AddressRange {
  version: 4 | 6;
  first: bigint;
  last: bigint;
}

/** Reads `10.0.0.0/8` or `fd00::/8`; host bits are ignored as Kubernetes does. Returns undefined for anything else. */
export function parseCidr(text: unknown): AddressRange | undefined {
  if (typeof text !== "string") return undefined;
  const [address = "", prefix = "", ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefix)) return undefined;
  const bits = version === 4 ? 32 : 128;
  const length = Number(prefix);
  if (length > bits) return undefined;
  const size = 1n << BigInt(bits - length);
  const value = version === 4 ? ipv4(address) : ipv6(address);
  const first = value - (value % size);
  return { version: version as 4 | 6, first, last: first + size - 1n };
}

/** The parts of `range` that none of `holes` covers. */
export function subtract(range: AddressRange, holes: readonly AddressRange[]): AddressRange[] {
  let parts = [range];
  for (const hole of holes) {
    if (hole.version !== range.version) continue;
    parts = parts.flatMap((part) => {
      if (hole.last < part.first || hole.first > part.last) return [part];
      const before = { ...part, last: hole.first - 1n };
      const after = { ...part, first: hole.last + 1n };
      return [before, after].filter((p) => p.first <= p.last);
    });
  }
  return parts;
}

/** Whether two ranges have an address in common. */
export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last;
}

function ipv4(address: string): bigint {
  return address.split(".").reduce((value, octet) => value * 256n + BigInt(octet), 0n);
}

function ipv6(address: string): bigint {
  const text = address.replace(/%.*$/, "").replace(/(\d+\.\d+\.\d+\.\d+)$/, (embedded) => {
    const value = ipv4(embedded);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [head = "", tail] = text.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(zeros).fill("0"), ...right].reduce(
    (value, group) => value * 65536n + BigInt(`0x${group}`),
    0n,
  );
}

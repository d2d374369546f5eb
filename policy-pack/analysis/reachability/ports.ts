/** Sets of ports per protocol, as sorted disjoint intervals, so that 65,535 ports need no enumeration. */
import { type Protocol, protocols } from "./network";

/** First and last port of an interval, both included. */
export type Interval = readonly [first: number, last: number];

/** Ports of each protocol. An immutable value. */
export type PortSet = Readonly<Record<Protocol, readonly Interval[]>>;

const everyPort: readonly Interval[] = [[1, 65535]];

export const noPorts: PortSet = { TCP: [], UDP: [], SCTP: [] };
export const allPorts: PortSet = { TCP: everyPort, UDP: everyPort, SCTP: everyPort };

/** The ports `first` to `last` of one protocol. */
export function portRange(protocol: Protocol, first: number, last: number): PortSet {
  return { ...noPorts, [protocol]: [[first, last]] };
}

export function isEmpty(set: PortSet): boolean {
  return protocols.every((protocol) => set[protocol].length === 0);
}

export function isEverything(set: PortSet): boolean {
  return protocols.every((protocol) => set[protocol][0]?.[0] === 1 && set[protocol][0]?.[1] === 65535);
}

export function hasPort(set: PortSet, protocol: Protocol, port: number): boolean {
  return set[protocol].some(([first, last]) => first <= port && port <= last);
}

export function union(a: PortSet, b: PortSet): PortSet {
  if (a === noPorts || b === allPorts) return b;
  if (b === noPorts || a === allPorts) return a;
  return combine((protocol) => merge([...a[protocol], ...b[protocol]]));
}

export function intersection(a: PortSet, b: PortSet): PortSet {
  if (a === allPorts) return b;
  if (b === allPorts) return a;
  return combine((protocol) => overlap(a[protocol], b[protocol]));
}

/** `TCP 443, 8000-8010; UDP 53`, `all ports`, or `no port`. */
export function formatPorts(set: PortSet): string {
  if (isEverything(set)) return "all ports";
  const parts = protocols
    .filter((protocol) => set[protocol].length > 0)
    .map((protocol) => `${protocol} ${set[protocol].map(formatInterval).join(", ")}`);
  return parts.length === 0 ? "no port" : parts.join("; ");
}

function formatInterval([first, last]: Interval): string {
  if (first === 1 && last === 65535) return "all ports";
  return first === last ? `${first}` : `${first}-${last}`;
}

function combine(of: (protocol: Protocol) => readonly Interval[]): PortSet {
  return { TCP: of("TCP"), UDP: of("UDP"), SCTP: of("SCTP") };
}

function merge(intervals: Interval[]): Interval[] {
  const merged: [number, number][] = [];
  for (const [first, last] of intervals.sort((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

function overlap(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  return a.flatMap(([first, last]) =>
    b
      .map(([start, end]): Interval => [Math.max(first, start), Math.min(last, end)])
      .filter(([start, end]) => start <= end),
  );
}

/** Every connection that crosses a tenant's border, found without looking at every pair of pods. */
import type { PodClass } from "./classes";
import { type Protocol, protocols } from "./network";
import type { Direction } from "./policies";
import { type PortSet, formatPorts, hasPort, intersection, isEmpty, noPorts, union } from "./ports";
import {
  type DirectionVerdict,
  type End,
  type NamedRange,
  type Network,
  decide,
  explain,
  isRange,
  standardRanges,
} from "./reachability";

/** Which border a path crosses; `other` is neither a tenant nor the platform. */
export type PathKind =
  | "tenant-to-tenant"
  | "tenant-to-platform"
  | "tenant-to-other"
  | "tenant-to-range"
  | "platform-to-tenant"
  | "other-to-tenant"
  | "range-to-tenant"
  | "same-tenant";

/** An allowed connection between two groups of pods, or between pods and a range of addresses. */
export interface NetworkPath {
  kind: PathKind;
  /** Identifiers of the pods that can open it, or the range's name. */
  from: readonly string[];
  /** Identifiers of the pods that it reaches, or the range's name. */
  to: readonly string[];
  /** Namespace of either end; undefined for a range. */
  fromNamespace?: string;
  toNamespace?: string;
  /** Tenant of either end; undefined where it is none. */
  fromTenant?: string;
  toTenant?: string;
  /** Ports that both ends allow. */
  ports: PortSet;
  /** One of these ports: a declared one where there is one. */
  example: { protocol: Protocol; port: number };
  egress: DirectionVerdict;
  ingress: DirectionVerdict;
  /** How many of the ends (0 to 2) are pods that someone could create, not declared ones. */
  hypotheticalEnds: number;
  /** The path in words, naming pods, ports and policies. */
  explanation: string;
}

/** The paths found. */
export interface PathReport {
  paths: NetworkPath[];
  /** Allowed pairs of pod groups, whether or not they are among `paths`. */
  total: number;
  /** Pairs left out of `paths` because of the limit. */
  omitted: number;
}

export interface PathOptions {
  /** Address ranges to ask about. Default: `standardRanges`. */
  ranges?: readonly NamedRange[];
  /** Most paths to describe; the rest is only counted. Default: 10000. */
  limit?: number;
  /** Also list paths between pods of one tenant. Default: false. */
  includeSameTenant?: boolean;
}

/**
 * All allowed connections between tenants, from tenants to the platform, to other namespaces and to ranges, and from
 * anything to tenants. Paths of hypothetical pods are listed only for ports that no declared pod of the same two
 * namespaces has.
 */
export function crossTenantPaths(network: Network, options: PathOptions = {}): PathReport {
  const { ranges = standardRanges(network), limit = 10_000, includeSameTenant = false } = options;
  const paths: NetworkPath[] = [];
  let total = 0;
  const consider = (from: End, to: End): void => {
    const kind = pathKind(from, to);
    if (kind === undefined || (kind === "same-tenant" && !includeSameTenant)) return;
    const { egress, ingress } = decide(network, from, to);
    if (!egress.allowed || !ingress.allowed) return;
    const ports = intersection(egress.ports, ingress.ports);
    if (isEmpty(ports)) return;
    total += 1;
    if (paths.length < limit) paths.push(describePath(kind, from, to, ports, egress, ingress));
  };
  const candidates = candidateFinder(network);
  for (const from of network.classes) for (const to of candidates(from)) consider(from, to);
  for (const podClass of network.classes) {
    if (podClass.namespace.source.tenant === undefined) continue;
    for (const range of ranges) {
      consider(podClass, range);
      consider(range, podClass);
    }
  }
  return { paths: dropImplied(paths), total, omitted: total - paths.length };
}

/** `TCP 11434` and the like, for tables. */
export function pathPorts(path: NetworkPath): string {
  return formatPorts(path.ports);
}

/**
 * For each source class, the classes that may be reachable: those its egress rules name, or, if its egress is open to
 * all, those whose ingress is open to all or names it.
 */
function candidateFinder(network: Network): (from: PodClass) => Iterable<PodClass> {
  const openToAll = network.classes.filter((podClass) => isOpen(network, podClass, "ingress"));
  const hostNetwork = network.classes.filter((podClass) => podClass.pod.hostNetwork === true);
  // Peer sets are shared between rules that say the same, so each distinct set is walked once.
  const admittedBy = new Map<ReadonlySet<PodClass>, Set<PodClass>>();
  for (const podClass of network.classes) {
    for (const set of peerSets(network, podClass, "ingress")) {
      const admitting = admittedBy.get(set);
      if (admitting === undefined) admittedBy.set(set, new Set([podClass]));
      else admitting.add(podClass);
    }
  }
  const setsWith = new Map<PodClass, ReadonlySet<PodClass>[]>();
  for (const set of admittedBy.keys()) {
    for (const member of set) {
      const sets = setsWith.get(member);
      if (sets === undefined) setsWith.set(member, [set]);
      else sets.push(set);
    }
  }
  const openAndHost = new Set([...openToAll, ...hostNetwork]);
  return (from) => {
    if (from.pod.hostNetwork === true) return network.classes;
    if (!isOpen(network, from, "egress"))
      return new Set([...peerSets(network, from, "egress").flatMap((set) => [...set]), ...hostNetwork]);
    const naming = (setsWith.get(from) ?? []).flatMap((set) => [...(admittedBy.get(set) ?? [])]);
    return naming.length === 0 ? openAndHost : new Set([...openAndHost, ...naming]);
  };
}

/** Whether some rule, or the absence of policies, admits every peer. */
function isOpen(network: Network, podClass: PodClass, direction: Direction): boolean {
  if (podClass.pod.hostNetwork === true) return true;
  const { isolatedBy, rules } = network.governance(podClass, direction);
  return isolatedBy.length === 0 || rules.some((rule) => rule.peers === undefined);
}

function peerSets(network: Network, podClass: PodClass, direction: Direction): ReadonlySet<PodClass>[] {
  const { rules } = network.governance(podClass, direction);
  return rules.flatMap((rule) => network.peersOf(rule, direction) ?? []);
}

function pathKind(from: End, to: End): PathKind | undefined {
  const source = zoneOf(from);
  const target = zoneOf(to);
  if (source === "tenant" && target === "tenant")
    return tenantOf(from) === tenantOf(to) ? "same-tenant" : "tenant-to-tenant";
  if (source === "tenant") return `tenant-to-${target as "platform" | "other" | "range"}`;
  return target === "tenant" ? `${source}-to-tenant` : undefined;
}

function zoneOf(end: End): "tenant" | "platform" | "other" | "range" {
  if (isRange(end)) return "range";
  const { tenant, platform } = end.namespace.source;
  if (tenant !== undefined) return "tenant";
  return platform === true ? "platform" : "other";
}

function tenantOf(end: End): string | undefined {
  return isRange(end) ? undefined : end.namespace.source.tenant;
}

function describePath(
  kind: PathKind,
  from: End,
  to: End,
  ports: PortSet,
  egress: DirectionVerdict,
  ingress: DirectionVerdict,
): NetworkPath {
  return {
    kind,
    from: names(from),
    to: names(to),
    fromNamespace: isRange(from) ? undefined : from.namespace.source.name,
    toNamespace: isRange(to) ? undefined : to.namespace.source.name,
    fromTenant: tenantOf(from),
    toTenant: tenantOf(to),
    ports,
    example: examplePort(ports, to),
    egress,
    ingress,
    hypotheticalEnds: Number(isHypothetical(from)) + Number(isHypothetical(to)),
    explanation: explain(names(from)[0] ?? "", names(to)[0] ?? "", formatPorts(ports), egress, ingress),
  };
}

function names(end: End): string[] {
  return isRange(end) ? [end.name] : end.pods.map((pod) => pod.id);
}

function isHypothetical(end: End): boolean {
  return !isRange(end) && end.pod.arbitrary === true;
}

function examplePort(ports: PortSet, to: End): { protocol: Protocol; port: number } {
  const declared = isRange(to) ? [] : to.pod.ports.map(({ port, protocol = "TCP" }) => ({ protocol, port }));
  const inSet = declared.find(({ protocol, port }) => hasPort(ports, protocol, port));
  if (inSet !== undefined) return inSet;
  const protocol = protocols.find((candidate) => ports[candidate].length > 0) ?? "TCP";
  return { protocol, port: ports[protocol][0]?.[0] ?? 0 };
}

/** Leaves out hypothetical paths whose ports the same two namespaces have open by pods that are less hypothetical. */
function dropImplied(paths: NetworkPath[]): NetworkPath[] {
  const key = (path: NetworkPath): string =>
    `${path.fromNamespace ?? path.from[0] ?? ""} ${path.toNamespace ?? path.to[0] ?? ""}`;
  const known = new Map<string, PortSet>();
  const implied = new Set<NetworkPath>();
  for (const rank of [0, 1, 2]) {
    for (const path of paths) {
      if (path.hypotheticalEnds !== rank) continue;
      const ports = known.get(key(path)) ?? noPorts;
      if (rank > 0 && isSubset(path.ports, ports)) implied.add(path);
      else known.set(key(path), union(ports, path.ports));
    }
  }
  return paths.filter((path) => !implied.has(path));
}

function isSubset(inner: PortSet, outer: PortSet): boolean {
  return formatPorts(intersection(inner, outer)) === formatPorts(inner);
}

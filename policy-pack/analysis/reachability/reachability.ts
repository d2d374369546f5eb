/**
 * NetworkPolicy v1 decided between pod classes and address ranges. Where the API leaves room, the answer is the one
 * that admits more: what is called unreachable is unreachable with every conforming network plugin.
 */
import {
  type AddressRange,
  everyAddress,
  intersectAddresses,
  parseAddress,
  parseCidr,
  subtractAddresses,
} from "../../model/addresses";
import type { Fault } from "../../model/fault";
import { matchSelector } from "../../model/selectors";
import { type NamespaceView, type PodClass, buildClasses } from "./classes";
import { type NetworkInput, type Protocol, ReachabilityRefusal } from "./network";
import { type ParsedRanges, type RangeName, soleRange, createPeerIndex, parseRanges } from "./peers";
import { type CompiledPolicy, type CompiledRule, type Direction, compilePolicy, isAddressPeer } from "./policies";
import { type PortSet, allPorts, hasPort, intersection, isEmpty, noPorts, portRange, union } from "./ports";

/** A network ready for questions. Build it once; every answer reads it. */
export interface Network {
  readonly namespaces: ReadonlyMap<string, NamespaceView>;
  readonly classes: readonly PodClass[];
  readonly ranges: ParsedRanges;
  /** The class of a pod. Throws for an unknown identifier. */
  classOf(podId: string): PodClass;
  /** What governs a class in one direction. */
  governance(podClass: PodClass, direction: Direction): Governance;
  /** Classes that a rule's peers may be; undefined when the rule admits every peer. */
  peersOf(rule: CompiledRule, direction: Direction): readonly ReadonlySet<PodClass>[] | undefined;
}

/** Policies on a class in one direction. */
export interface Governance {
  /** Policies that certainly select the class. None: the class is open in this direction. */
  isolatedBy: readonly CompiledPolicy[];
  /** Rules of all policies that may select the class; they add up. */
  rules: readonly CompiledRule[];
}

/** Addresses outside the pods, with a name for answers, for example `internet`. */
export interface NamedRange {
  name: string;
  addresses: readonly AddressRange[];
}

/** One end of a connection: the identifier of a pod, or a range of addresses. */
export type Endpoint = string | NamedRange;

/** Why one end allows or denies. */
export type ReasonKind =
  "same-pod" | "host-network" | "own-node" | "outside-cluster" | "no-policy" | "allowed-by" | "denied-by";

/** What one end of a connection says. */
export interface DirectionVerdict {
  direction: Direction;
  allowed: boolean;
  /** Ports that this end allows towards or from the other. */
  ports: PortSet;
  reason: ReasonKind;
  /** Range of the cluster by whose addresses alone the rules admit the other pod; undefined where they admit it by more. */
  onlyAt?: RangeName;
  /** Whether the configuration does not give that range, so that every address may be in it. */
  unset?: boolean;
  /** The rules that allow (`allowed-by`, as `namespace/name egress[0]`) or the policies that isolate (`denied-by`). */
  policies: readonly string[];
}

/** Answer to one question. */
export interface Verdict {
  /** Both ends allow the connection. */
  allowed: boolean;
  egress: DirectionVerdict;
  ingress: DirectionVerdict;
  /** The answer in words, naming pods, port and policies. */
  explanation: string;
}

/**
 * Compiles the input. Throws `ReachabilityRefusal` with every reason when a policy is invalid, a value is unknown, or
 * the input came with reasons of its own.
 */
export function buildNetwork(input: NetworkInput): Network {
  const faults: Fault[] = [...(input.refusals ?? [])];
  const namespaces = buildClasses(input, faults);
  const ranges = parseRanges(input.ranges ?? {}, faults);
  const policies = input.policies.map((policy) => compilePolicy(policy, faults));
  if (faults.length > 0) throw new ReachabilityRefusal(faults);

  const classes = [...namespaces.values()].flatMap((namespace) => namespace.classes);
  const byPod = new Map(classes.flatMap((podClass) => podClass.pods.map((pod) => [pod.id, podClass] as const)));
  const peerIndex = createPeerIndex(namespaces, ranges);
  const governance = {
    ingress: govern(namespaces, policies, "ingress"),
    egress: govern(namespaces, policies, "egress"),
  };
  const peers = new Map<CompiledRule, readonly ReadonlySet<PodClass>[]>();
  return {
    namespaces,
    classes,
    ranges,
    classOf(podId) {
      const podClass = byPod.get(podId);
      if (podClass === undefined)
        throw new Error(`No pod "${podId}" in the network; identifiers look like "Pod ns/name".`);
      return podClass;
    },
    governance: (podClass, direction) => governance[direction].get(podClass) ?? { isolatedBy: [], rules: [] },
    peersOf(rule, direction) {
      if (rule.peers === undefined) return undefined;
      let sets = peers.get(rule);
      if (sets === undefined)
        peers.set(rule, (sets = rule.peers.map((peer) => peerIndex.classesOf(peer, rule, direction))));
      return sets;
    },
  };
}

/** Whether `from` may open a connection to `to` on a port (1 to 65535) of a protocol. */
export function canReach(network: Network, from: Endpoint, to: Endpoint, port: number, protocol: Protocol): Verdict {
  const { egress, ingress } = decide(network, resolve(network, from), resolve(network, to));
  const judge = (verdict: DirectionVerdict): DirectionVerdict => narrow(network, verdict, from, to, port, protocol);
  const verdicts = { egress: judge(egress), ingress: judge(ingress) };
  return {
    allowed: verdicts.egress.allowed && verdicts.ingress.allowed,
    ...verdicts,
    explanation: explain(nameOf(from), nameOf(to), `${protocol} ${port}`, verdicts.egress, verdicts.ingress),
  };
}

/** An end of a connection, resolved. */
export type End = PodClass | NamedRange;

export function isRange(end: End): end is NamedRange {
  return "addresses" in end && "name" in end;
}

/** What both ends say, with the ports each allows. Two pods of one class count as different pods. */
export function decide(network: Network, from: End, to: End): { egress: DirectionVerdict; ingress: DirectionVerdict } {
  return { egress: oneEnd(network, "egress", from, to), ingress: oneEnd(network, "ingress", to, from) };
}

/** The rules of `subject` that admit `other`, each with the ports it admits. */
export function admittingRules(
  network: Network,
  direction: Direction,
  subject: PodClass,
  other: End,
): { rule: CompiledRule; ports: PortSet }[] {
  const destination = direction === "egress" ? other : subject;
  return network
    .governance(subject, direction)
    .rules.filter((rule) => admits(network, rule, direction, other))
    .map((rule) => ({ rule, ports: rulePorts(rule, destination) }))
    .filter(({ ports }) => !isEmpty(ports));
}

/** A range by CIDRs and single addresses, less exceptions. Throws for text that is neither. */
export function namedRange(name: string, cidrs: readonly string[], except: readonly string[] = []): NamedRange {
  const parse = (text: string): AddressRange => {
    const interval = parseCidr(text) ?? parseAddress(text);
    if (interval === undefined) throw new Error(`Range ${name}: "${text}" is no CIDR; write it as 10.0.0.0/8.`);
    return interval;
  };
  return { name, addresses: subtractAddresses(cidrs.map(parse), except.map(parse)) };
}

/** Addresses that are not on the internet: private use, shared, link-local, loopback, multicast and reserved. */
const notInternet = [
  ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ["192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/127", "fc00::/7", "fe80::/10", "ff00::/8"],
].flat();

/** The ranges that every report asks about: metadata, nodes, services, private and internet. */
export function standardRanges(network: Network): NamedRange[] {
  const { metadata, nodes, services } = network.ranges;
  return [
    { name: "metadata addresses", addresses: metadata },
    { name: "node addresses", addresses: nodes },
    { name: "service addresses", addresses: services },
    namedRange("private networks", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]),
    { name: "internet", addresses: subtractAddresses(everyAddress, namedRange("", notInternet).addresses) },
  ];
}

/** `A can open TCP 80 on B: egress ..., ingress ...`, or why it cannot. */
export function explain(
  from: string,
  to: string,
  port: string,
  egress: DirectionVerdict,
  ingress: DirectionVerdict,
): string {
  const can = egress.allowed && ingress.allowed ? "can" : "cannot";
  return `${from} ${can} open ${port} on ${to}: egress ${explainReason(egress)}; ingress ${explainReason(ingress)}`;
}

function explainReason({ reason, policies, direction, onlyAt, unset }: DirectionVerdict): string {
  const names = policies.join(", ");
  switch (reason) {
    case "same-pod":
      return "is allowed because a pod always reaches itself";
    case "host-network":
      return "is allowed because NetworkPolicies do not govern pods with hostNetwork";
    case "own-node":
      return "is allowed because a pod and the network of its node always reach each other";
    case "outside-cluster":
      return "is not governed outside the cluster";
    case "no-policy":
      return `is allowed because no NetworkPolicy selects the pod for ${direction}`;
    case "allowed-by":
      return `is allowed by NetworkPolicy ${names}${unset === true ? ` (by address: cluster.${onlyAt} is not configured, so any address may be in it)` : ""}`;
    case "denied-by":
      return `is denied: NetworkPolicy ${names} isolates the pod and no rule admits this`;
  }
}

type OpenReason = Exclude<ReasonKind, "allowed-by" | "denied-by">;

/** Verdicts that depend on nothing but their reason, made once: a network without policies asks for millions. */
const openVerdicts = { ingress: openVerdictsOf("ingress"), egress: openVerdictsOf("egress") };

function openVerdictsOf(direction: Direction): Record<OpenReason, DirectionVerdict> {
  const open = (reason: OpenReason): DirectionVerdict => ({
    direction,
    allowed: true,
    ports: allPorts,
    reason,
    policies: [],
  });
  return {
    "same-pod": open("same-pod"),
    "host-network": open("host-network"),
    "own-node": open("own-node"),
    "outside-cluster": open("outside-cluster"),
    "no-policy": open("no-policy"),
  };
}

function oneEnd(network: Network, direction: Direction, subject: End, other: End): DirectionVerdict {
  const open = (reason: OpenReason): DirectionVerdict => openVerdicts[direction][reason];
  if (isRange(subject)) return open("outside-cluster");
  if (subject.pod.hostNetwork === true) return open("host-network");
  if (!isRange(other) && other.pod.hostNetwork === true) return open("own-node");
  const { isolatedBy } = network.governance(subject, direction);
  if (isolatedBy.length === 0) return open("no-policy");
  const admitting = admittingRules(network, direction, subject, other);
  if (admitting.length === 0) {
    const policies = isolatedBy.map((policy) => policy.name);
    return { direction, allowed: false, ports: noPorts, reason: "denied-by", policies };
  }
  const ports = admitting.reduce((sum, { ports }) => union(sum, ports), noPorts);
  const policies = admitting.map(({ rule }) => rule.name);
  const onlyAt = rangeOf(network, admitting, direction, other);
  const unset = onlyAt !== undefined && network.ranges.unset.has(onlyAt);
  return { direction, allowed: true, ports, reason: "allowed-by", policies, onlyAt, unset };
}

/** The range by which alone every admitting rule admits the other pod. */
function rangeOf(
  network: Network,
  admitting: readonly { rule: CompiledRule }[],
  direction: Direction,
  other: End,
): RangeName | undefined {
  if (isRange(other)) return undefined;
  const [first, ...rest] = admitting.map(({ rule }) => soleRange(rule.peers ?? [], other, direction, network.ranges));
  return rest.every((range) => range === first) ? first : undefined;
}

/** Restricts a verdict on all ports to one port. */
function narrow(
  network: Network,
  verdict: DirectionVerdict,
  from: Endpoint,
  to: Endpoint,
  port: number,
  protocol: Protocol,
): DirectionVerdict {
  const ports = intersection(verdict.ports, portRange(protocol, port, port));
  if (typeof from === "string" && from === to)
    return { ...verdict, allowed: true, ports, reason: "same-pod", policies: [] };
  if (verdict.reason !== "allowed-by") return { ...verdict, ports };
  const subject = resolve(network, verdict.direction === "egress" ? from : to);
  const other = resolve(network, verdict.direction === "egress" ? to : from);
  if (isRange(subject)) return verdict;
  if (isEmpty(ports)) {
    const policies = network.governance(subject, verdict.direction).isolatedBy.map((policy) => policy.name);
    return { ...verdict, allowed: false, ports, reason: "denied-by", policies };
  }
  const policies = admittingRules(network, verdict.direction, subject, other)
    .filter((admitting) => hasPort(admitting.ports, protocol, port))
    .map(({ rule }) => rule.name);
  return { ...verdict, ports, policies };
}

function resolve(network: Network, endpoint: Endpoint): End {
  return typeof endpoint === "string" ? network.classOf(endpoint) : endpoint;
}

function nameOf(endpoint: Endpoint): string {
  return typeof endpoint === "string" ? endpoint : endpoint.name;
}

function govern(
  namespaces: ReadonlyMap<string, NamespaceView>,
  policies: readonly CompiledPolicy[],
  direction: Direction,
): Map<PodClass, Governance> {
  const result = new Map<PodClass, { isolatedBy: CompiledPolicy[]; rules: CompiledRule[] }>();
  for (const policy of policies) {
    const rules = policy[direction];
    if (rules === undefined) continue;
    for (const podClass of namespaces.get(policy.namespace)?.classes ?? []) {
      const match = matchSelector(policy.podSelector, podClass.labels);
      if (match === "never") continue;
      const governance = result.get(podClass) ?? { isolatedBy: [], rules: [] };
      result.set(podClass, governance);
      // A policy that may miss the pod isolates nothing for certain, but its rules may still apply.
      if (match === "always") governance.isolatedBy.push(policy);
      governance.rules.push(...rules);
    }
  }
  return result;
}

function admits(network: Network, rule: CompiledRule, direction: Direction, other: End): boolean {
  if (rule.peers === undefined) return true;
  if (!isRange(other)) return network.peersOf(rule, direction)?.some((classes) => classes.has(other)) ?? true;
  // What comes from outside may be translated to a node's address on its way in.
  const seenAt = direction === "ingress" ? [...other.addresses, ...network.ranges.nodes] : other.addresses;
  return rule.peers.some((peer) => isAddressPeer(peer) && intersectAddresses(peer.addresses, seenAt).length > 0);
}

/** Ports of a rule on a destination; named ports exist only on pods that declare them. */
function rulePorts(rule: CompiledRule, destination: End): PortSet {
  if (rule.ports === undefined) return allPorts;
  return rule.ports.reduce((sum, { protocol, first, last, portName }) => {
    if (portName !== undefined) return union(sum, namedPorts(portName, protocol, destination));
    return union(sum, first === undefined ? portRange(protocol, 1, 65535) : portRange(protocol, first, last ?? first));
  }, noPorts);
}

function namedPorts(portName: string, protocol: Protocol, destination: End): PortSet {
  if (isRange(destination)) return noPorts;
  if (destination.pod.arbitrary === true) return portRange(protocol, 1, 65535);
  return destination.pod.ports
    .filter((port) => port.name === portName && (port.protocol ?? "TCP") === protocol)
    .reduce((sum, { port }) => union(sum, portRange(protocol, port, port)), noPorts);
}

/**
 * NetworkPolicies compiled for matching. A policy that the API server would refuse, or that holds a value nobody knows
 * yet, is a fault: guessing what it does could hide a path.
 */
import type { NetworkPolicyPeer, NetworkPolicyPort } from "../../model/kubernetes";
import { type AddressRange, contains, parseCidr, subtractAddresses } from "../../model/addresses";
import { type Fault, type Report, reporter, show } from "../../model/fault";
import { type NetworkPolicySource, type Protocol, protocols } from "./network";
import { type CompiledSelector, compileSelector } from "../../model/selectors";

export type Direction = "ingress" | "egress";

/** A policy with its defaults filled in. */
export interface CompiledPolicy {
  /** `namespace/name`. */
  name: string;
  namespace: string;
  podSelector: CompiledSelector;
  /** Rules of each direction that the policy governs; undefined where it does not isolate. */
  ingress?: CompiledRule[];
  egress?: CompiledRule[];
}

/** One `ingress` or `egress` item: some peers, on some ports. */
export interface CompiledRule {
  /** `namespace/name ingress[0]`, for explanations. */
  name: string;
  namespace: string;
  /** Undefined: every peer, inside and outside the cluster. */
  peers?: CompiledPeer[];
  /** Undefined: every port of every protocol. */
  ports?: CompiledPort[];
}

/** Pods by selectors, or addresses. */
export type CompiledPeer = PodPeer | AddressPeer;

/** Without a namespace selector: pods of the policy's own namespace. Without a pod selector: all their pods. */
export interface PodPeer {
  namespaceSelector?: CompiledSelector;
  podSelector?: CompiledSelector;
}

/** An ipBlock less its exceptions. */
export interface AddressPeer {
  addresses: readonly AddressRange[];
  /** `10.0.0.0/8 except 10.1.0.0/16`, for explanations and to remember results. */
  text: string;
}

/** Ports of one protocol: `first` to `last`, those with a name, or all of them. */
export interface CompiledPort {
  protocol: Protocol;
  first?: number;
  last?: number;
  portName?: string;
}

export function isAddressPeer(peer: CompiledPeer): peer is AddressPeer {
  return "addresses" in peer;
}

/**
 * Compiles a policy. Directions follow the API's defaulting: without policyTypes a policy governs ingress, and egress
 * only if it has at least one egress rule. Faults are pushed to `faults`, each with object, path and remedy.
 */
export function compilePolicy(source: NetworkPolicySource, faults: Fault[]): CompiledPolicy {
  const name = `${source.namespace}/${source.name}`;
  const report = reporter(faults, { kind: "NetworkPolicy", namespace: source.namespace, name: source.name });
  const spec = object(source.spec, "spec", report);
  checkFields(spec, ["podSelector", "policyTypes", "ingress", "egress"], "spec", report);
  const rules = (direction: Direction) =>
    list(spec[direction], `spec.${direction}`, report).map((rule, index) =>
      compileRule(rule, direction, index, { name, namespace: source.namespace, report }),
    );
  const ingress = rules("ingress");
  const egress = rules("egress");
  const types = list(spec.policyTypes, "spec.policyTypes", report);
  for (const type of types) {
    if (type !== "Ingress" && type !== "Egress")
      report("spec.policyTypes", `contains ${show(type)}, which is no direction`, "List Ingress, Egress or both.");
  }
  const defaulted = types.length === 0;
  return {
    name,
    namespace: source.namespace,
    podSelector: compileSelector(spec.podSelector ?? {}, "spec.podSelector", report),
    ingress: defaulted || types.includes("Ingress") ? ingress : undefined,
    egress: defaulted ? (egress.length > 0 ? egress : undefined) : types.includes("Egress") ? egress : undefined,
  };
}

interface RuleOwner {
  name: string;
  namespace: string;
  report: Report;
}

function compileRule(rule: unknown, direction: Direction, index: number, owner: RuleOwner): CompiledRule {
  const { report } = owner;
  const path = `spec.${direction}[${index}]`;
  const peerField = direction === "ingress" ? "from" : "to";
  const fields = object(rule, path, report);
  checkFields(fields, [peerField, "ports"], path, report);
  const peers = list(fields[peerField], `${path}.${peerField}`, report);
  const ports = list(fields.ports, `${path}.ports`, report);
  return {
    name: `${owner.name} ${direction}[${index}]`,
    namespace: owner.namespace,
    // Absent and empty lists mean the same in a rule: no restriction.
    peers:
      peers.length === 0
        ? undefined
        : peers.map((peer, i) => compilePeer(peer as NetworkPolicyPeer, `${path}.${peerField}[${i}]`, report)),
    ports:
      ports.length === 0
        ? undefined
        : ports.map((port, i) => compilePort(port as NetworkPolicyPort, `${path}.ports[${i}]`, report)),
  };
}

function compilePeer(peer: NetworkPolicyPeer, path: string, report: Report): CompiledPeer {
  const fields = object(peer, path, report);
  checkFields(fields, ["podSelector", "namespaceSelector", "ipBlock"], path, report);
  const { podSelector, namespaceSelector, ipBlock } = fields as NetworkPolicyPeer;
  const selects = (podSelector ?? undefined) !== undefined || (namespaceSelector ?? undefined) !== undefined;
  if ((ipBlock ?? undefined) !== undefined) {
    if (selects)
      report(path, "has an ipBlock beside selectors, which the API server refuses", "Make them separate peers.");
    return compileAddressPeer(ipBlock, `${path}.ipBlock`, report);
  }
  if (!selects) report(path, "names nobody", "Give the peer a podSelector, a namespaceSelector or an ipBlock.");
  const compile = (selector: NetworkPolicyPeer["podSelector"] | null, field: string) =>
    selector === undefined || selector === null ? undefined : compileSelector(selector, `${path}.${field}`, report);
  return {
    namespaceSelector: compile(namespaceSelector, "namespaceSelector"),
    podSelector: compile(podSelector, "podSelector"),
  };
}

function compileAddressPeer(ipBlock: unknown, path: string, report: Report): AddressPeer {
  const fields = object(ipBlock, path, report);
  checkFields(fields, ["cidr", "except"], path, report);
  const cidr = parseCidr(fields.cidr);
  if (cidr === undefined) report(`${path}.cidr`, `is ${show(fields.cidr)}, which is no address range`, WRITE_CIDR);
  const excepts = list(fields.except, `${path}.except`, report);
  const holes = excepts.flatMap((except, index) => {
    const hole = parseCidr(except);
    const inside = hole !== undefined && cidr !== undefined && contains(cidr, hole) && !contains(hole, cidr);
    if (hole === undefined)
      report(`${path}.except[${index}]`, `is ${show(except)}, which is no address range`, WRITE_CIDR);
    else if (cidr !== undefined && !inside)
      report(
        `${path}.except[${index}]`,
        `is ${show(except)}, which does not lie strictly inside ${show(fields.cidr)}`,
        `Remove ${show(except)} from except, or write a part of ${show(fields.cidr)}.`,
      );
    return hole === undefined ? [] : [hole];
  });
  return {
    addresses: cidr === undefined ? [] : subtractAddresses([cidr], holes),
    text: excepts.length === 0 ? String(fields.cidr) : `${String(fields.cidr)} except ${excepts.join(", ")}`,
  };
}

const WRITE_CIDR = "Write address/prefix length, such as 203.0.113.0/24 or 2001:db8::/32.";
const WRITE_PORT = "Write a number from 1 to 65535, or the name of a container port.";

function compilePort(port: NetworkPolicyPort, path: string, report: Report): CompiledPort {
  const fields = object(port, path, report);
  checkFields(fields, ["port", "endPort", "protocol"], path, report);
  const protocol = (fields.protocol ?? "TCP") as Protocol;
  if (!protocols.includes(protocol))
    report(`${path}.protocol`, `is ${show(protocol)}, which is no protocol`, `Use ${protocols.join(", ")}.`);
  const first = fields.port ?? undefined;
  const last = fields.endPort ?? undefined;
  if (typeof first === "string") {
    if (!/^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(first))
      report(`${path}.port`, `is ${show(first)}, which is no port's name`, WRITE_PORT);
    if (last !== undefined) report(`${path}.endPort`, `is ${show(last)} beside a port by name`, "Remove endPort.");
    return { protocol, portName: first };
  }
  if (first !== undefined && !isPort(first)) report(`${path}.port`, `is ${show(first)}, which is no port`, WRITE_PORT);
  if (last !== undefined && (!isPort(last) || !isPort(first) || last < first))
    report(`${path}.endPort`, `is ${show(last)}, which is no port from ${show(first)} upwards`, "Remove endPort.");
  return { protocol, first: first as number | undefined, last: (last ?? first) as number | undefined };
}

function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65535;
}

const PLAIN = "Write the value out, so that the preview knows it.";

/** A list, empty for absent and null, as YAML authors write both. */
function list(value: unknown, path: string, report: Report): unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  report(path, `is ${show(value)}, which is no list that is known`, PLAIN);
  return [];
}

function object(value: unknown, path: string, report: Report): Record<string, unknown> {
  // An empty rule is often written as a bare dash, which YAML reads as null.
  if (value === null || value === undefined) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  report(path, `is ${show(value)}, which is no object that is known`, PLAIN);
  return {};
}

function checkFields(value: Record<string, unknown>, allowed: string[], path: string, report: Report): void {
  for (const field of Object.keys(value)) {
    if (!allowed.includes(field))
      report(`${path}.${field}`, "is not a field of the API", `Remove it, or use one of ${allowed.join(", ")}.`);
  }
}

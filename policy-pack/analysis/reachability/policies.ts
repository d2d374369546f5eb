/**
 * NetworkPolicies compiled for matching. A policy that the API server would refuse, or that holds a value nobody knows
 * yet, is a fault: guessing what it does could hide a path.
 */
import type { NetworkPolicyPeer, NetworkPolicyPort } from "../../model/kubernetes";
import { type AddressInterval, contains, parseCidr, subtractAddresses } from "./addresses";
import { type NetworkPolicySource, type Protocol, protocols } from "./network";
import { type CompiledSelector, compileSelector } from "./selectors";

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
  addresses: readonly AddressInterval[];
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
export function compilePolicy(source: NetworkPolicySource, faults: string[]): CompiledPolicy {
  const name = `${source.namespace}/${source.name}`;
  const place = `NetworkPolicy ${name}: spec`;
  const spec = object(source.spec, place, faults);
  checkFields(spec, ["podSelector", "policyTypes", "ingress", "egress"], place, faults);
  const rules = (direction: Direction) =>
    list(spec[direction], `${place}.${direction}`, faults).map((rule, index) =>
      compileRule(rule, direction, index, { name, namespace: source.namespace, place }, faults),
    );
  const ingress = rules("ingress");
  const egress = rules("egress");
  const types = list(spec.policyTypes, `${place}.policyTypes`, faults);
  for (const type of types) {
    if (type !== "Ingress" && type !== "Egress")
      faults.push(`${place}.policyTypes: ${JSON.stringify(type)} is neither Ingress nor Egress`);
  }
  const defaulted = types.length === 0;
  return {
    name,
    namespace: source.namespace,
    podSelector: compileSelector(spec.podSelector ?? {}, `${place}.podSelector`, faults),
    ingress: defaulted || types.includes("Ingress") ? ingress : undefined,
    egress: defaulted ? (egress.length > 0 ? egress : undefined) : types.includes("Egress") ? egress : undefined,
  };
}

interface RuleOwner {
  name: string;
  namespace: string;
  place: string;
}

function compileRule(
  rule: unknown,
  direction: Direction,
  index: number,
  owner: RuleOwner,
  faults: string[],
): CompiledRule {
  const path = `${owner.place}.${direction}[${index}]`;
  const peerField = direction === "ingress" ? "from" : "to";
  const fields = object(rule, path, faults);
  checkFields(fields, [peerField, "ports"], path, faults);
  const peers = list(fields[peerField], `${path}.${peerField}`, faults);
  const ports = list(fields.ports, `${path}.ports`, faults);
  return {
    name: `${owner.name} ${direction}[${index}]`,
    namespace: owner.namespace,
    // Absent and empty lists mean the same in a rule: no restriction.
    peers:
      peers.length === 0
        ? undefined
        : peers.map((peer, i) => compilePeer(peer as NetworkPolicyPeer, `${path}.${peerField}[${i}]`, faults)),
    ports:
      ports.length === 0
        ? undefined
        : ports.map((port, i) => compilePort(port as NetworkPolicyPort, `${path}.ports[${i}]`, faults)),
  };
}

function compilePeer(peer: NetworkPolicyPeer, path: string, faults: string[]): CompiledPeer {
  const fields = object(peer, path, faults);
  checkFields(fields, ["podSelector", "namespaceSelector", "ipBlock"], path, faults);
  const { podSelector, namespaceSelector, ipBlock } = fields as NetworkPolicyPeer;
  const selects = (podSelector ?? undefined) !== undefined || (namespaceSelector ?? undefined) !== undefined;
  if ((ipBlock ?? undefined) !== undefined) {
    if (selects) faults.push(`${path}: ipBlock excludes podSelector and namespaceSelector; make them separate peers`);
    return compileAddressPeer(ipBlock, `${path}.ipBlock`, faults);
  }
  if (!selects) faults.push(`${path}: the peer is empty; give podSelector, namespaceSelector or ipBlock`);
  const compile = (selector: NetworkPolicyPeer["podSelector"] | null, field: string) =>
    selector === undefined || selector === null ? undefined : compileSelector(selector, `${path}.${field}`, faults);
  return {
    namespaceSelector: compile(namespaceSelector, "namespaceSelector"),
    podSelector: compile(podSelector, "podSelector"),
  };
}

function compileAddressPeer(ipBlock: unknown, path: string, faults: string[]): AddressPeer {
  const fields = object(ipBlock, path, faults);
  checkFields(fields, ["cidr", "except"], path, faults);
  const cidr = parseCidr(fields.cidr);
  if (cidr === undefined || !String(fields.cidr).includes("/"))
    faults.push(`${path}.cidr: ${JSON.stringify(fields.cidr)} is no CIDR; write it as 203.0.113.0/24 or 2001:db8::/32`);
  const excepts = list(fields.except, `${path}.except`, faults);
  const holes = excepts.flatMap((except, index) => {
    const hole = parseCidr(except);
    const inside = hole !== undefined && cidr !== undefined && contains(cidr, hole) && !contains(hole, cidr);
    if (hole === undefined || (cidr !== undefined && !inside))
      faults.push(`${path}.except[${index}]: ${JSON.stringify(except)} is not a CIDR strictly inside the block`);
    return hole === undefined ? [] : [hole];
  });
  return {
    addresses: cidr === undefined ? [] : subtractAddresses([cidr], holes),
    text: excepts.length === 0 ? String(fields.cidr) : `${String(fields.cidr)} except ${excepts.join(", ")}`,
  };
}

function compilePort(port: NetworkPolicyPort, path: string, faults: string[]): CompiledPort {
  const fields = object(port, path, faults);
  checkFields(fields, ["port", "endPort", "protocol"], path, faults);
  const protocol = (fields.protocol ?? "TCP") as Protocol;
  if (!protocols.includes(protocol))
    faults.push(`${path}.protocol: ${JSON.stringify(protocol)} is none of ${protocols.join(", ")}`);
  const first = fields.port ?? undefined;
  const last = fields.endPort ?? undefined;
  if (typeof first === "string") {
    if (!/^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(first))
      faults.push(`${path}.port: "${first}" is not a port's name; give a known number or name`);
    if (last !== undefined) faults.push(`${path}.endPort: allowed only with a numeric port`);
    return { protocol, portName: first };
  }
  if (first !== undefined && !isPort(first))
    faults.push(`${path}.port: ${JSON.stringify(first)} is no port; allowed are 1 to 65535 or a name`);
  if (last !== undefined && (!isPort(last) || !isPort(first) || last < first))
    faults.push(`${path}.endPort: ${JSON.stringify(last)} must be a port not below a numeric \`port\``);
  return { protocol, first: first as number | undefined, last: (last ?? first) as number | undefined };
}

function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65535;
}

/** A list, empty for absent and null, as YAML authors write both. */
function list(value: unknown, path: string, faults: string[]): unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  faults.push(`${path}: ${JSON.stringify(value)} is not a list that is known at preview`);
  return [];
}

function object(value: unknown, path: string, faults: string[]): Record<string, unknown> {
  // An empty rule is often written as a bare dash, which YAML reads as null.
  if (value === null || value === undefined) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  faults.push(`${path}: ${JSON.stringify(value)} is not an object that is known at preview`);
  return {};
}

function checkFields(value: Record<string, unknown>, allowed: string[], path: string, faults: string[]): void {
  for (const field of Object.keys(value)) {
    if (!allowed.includes(field))
      faults.push(`${path}.${field}: unknown field; allowed are ${allowed.join(", ")}. Remove it or correct its name`);
  }
}

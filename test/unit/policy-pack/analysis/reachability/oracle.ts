/**
 * The plainest reading of the NetworkPolicy API, pair by pair and port by port, on pods with fixed addresses. It shares
 * no code with the analysis, so that a mistake has to be made twice to go unseen.
 */
import { BlockList, isIPv6 } from "node:net";
import type { LabelSelector, NetworkPolicyPeer, NetworkPolicyPort } from "../../../../../policy-pack/model/kubernetes";
import type { NetworkInput, NetworkPod, Protocol } from "../../../../../policy-pack/analysis/reachability/network";

/** A pod, or a single address outside the cluster. */
export type OracleEnd = NetworkPod | string;

export function oracleAllows(
  input: NetworkInput,
  from: OracleEnd,
  to: OracleEnd,
  port: number,
  protocol: Protocol,
): boolean {
  return (
    allowsDirection(input, "Egress", from, to, to, port, protocol) &&
    allowsDirection(input, "Ingress", to, from, to, port, protocol)
  );
}

function allowsDirection(
  input: NetworkInput,
  type: "Ingress" | "Egress",
  subject: OracleEnd,
  other: OracleEnd,
  destination: OracleEnd,
  port: number,
  protocol: Protocol,
): boolean {
  if (typeof subject === "string") return true;
  const isolating = input.policies.filter(({ namespace, spec }) => {
    const types = spec.policyTypes?.length
      ? spec.policyTypes
      : spec.egress?.length
        ? ["Ingress", "Egress"]
        : ["Ingress"];
    return namespace === subject.namespace && types.includes(type) && matches(spec.podSelector ?? {}, subject.labels);
  });
  if (isolating.length === 0) return true;
  return isolating.some(({ namespace, spec }) => {
    const rules =
      type === "Ingress"
        ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
        : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
    return rules.some(
      ({ peers, ports }) =>
        (!peers?.length || peers.some((peer) => isPeer(input, namespace, peer, other))) &&
        (!ports?.length || ports.some((candidate) => isPort(candidate, destination, port, protocol))),
    );
  });
}

function isPeer(input: NetworkInput, namespace: string, peer: NetworkPolicyPeer, other: OracleEnd): boolean {
  if (peer.ipBlock !== undefined) {
    const addresses = typeof other === "string" ? [other] : (other.addresses ?? []);
    return addresses.some(
      (address) =>
        inBlock(address, peer.ipBlock?.cidr ?? "") &&
        !(peer.ipBlock?.except ?? []).some((hole) => inBlock(address, hole)),
    );
  }
  if (typeof other === "string") return false;
  if (peer.podSelector !== undefined && !matches(peer.podSelector, other.labels)) return false;
  if (peer.namespaceSelector === undefined) return other.namespace === namespace;
  const labels = input.namespaces.find(({ name }) => name === other.namespace)?.labels ?? {};
  return matches(peer.namespaceSelector, { ...labels, "kubernetes.io/metadata.name": other.namespace });
}

function isPort(policy: NetworkPolicyPort, destination: OracleEnd, port: number, protocol: Protocol): boolean {
  if ((policy.protocol ?? "TCP") !== protocol) return false;
  if (policy.port === undefined) return true;
  if (typeof policy.port === "number") return policy.port <= port && port <= (policy.endPort ?? policy.port);
  if (typeof destination === "string") return false;
  return destination.ports.some((p) => p.name === policy.port && p.port === port && (p.protocol ?? "TCP") === protocol);
}

function matches(selector: LabelSelector, labels: Record<string, string>): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  for (const { key = "", operator, values = [] } of selector.matchExpressions ?? []) {
    const has = key in labels;
    const listed = has && values.includes(labels[key] as string);
    const holds = { In: listed, NotIn: !listed, Exists: has, DoesNotExist: !has }[operator as "In"];
    if (!holds) return false;
  }
  return true;
}

function inBlock(address: string, cidr: string): boolean {
  const [network = "", prefix] = cidr.split("/");
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

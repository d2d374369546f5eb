/** NetworkPolicies of tenants, taken apart for the rules under `network/`. */
import { type ClusterModel, type ModelObject, NAMESPACE_NAME_LABEL } from "../model/cluster-model";
import { contains, parseAddress, parseCidr } from "../model/addresses";
import type { PackConfiguration, Peer } from "../settings/settings";
import { list, record } from "../model/json";
import type { LabelSelector, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "../model/kubernetes";
import { tenantObjects } from "./select";

/** One ingress or egress rule of a tenant's NetworkPolicy. */
export interface TrafficRule {
  policy: ModelObject;
  direction: "ingress" | "egress";
  /** Peers as written; undefined when the rule names none, which means everybody. */
  peers: NetworkPolicyPeer[] | undefined;
  /** Ports as written; undefined when the rule names none, which means every port. */
  ports: NetworkPolicyPort[] | undefined;
  /** Path of the rule, for example `spec.egress[0]`. */
  path: string;
  /** Path of its peers, for example `spec.egress[0].to`. */
  peersPath: string;
}

/** NetworkPolicies in tenants' namespaces. */
export function tenantPolicies(model: ClusterModel): readonly ModelObject[] {
  return tenantObjects(model, "NetworkPolicy", "networking.k8s.io");
}

/** The policy's spec; an empty one when it is missing or unknown. */
export function policySpec(policy: ModelObject): NetworkPolicySpec {
  return record(policy.object.spec);
}

/** Directions that the policy closes: as written, else Ingress, and Egress when it has egress rules. */
export function policyTypes(spec: NetworkPolicySpec): readonly string[] {
  if (list(spec.policyTypes).length > 0) return list(spec.policyTypes);
  return list(spec.egress).length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

/** Every rule of every tenant's policy. */
export function trafficRules(model: ClusterModel): TrafficRule[] {
  return tenantPolicies(model).flatMap(rulesOfPolicy);
}

/** Every rule of the policies in one namespace. */
export function trafficRulesIn(model: ClusterModel, namespace: string): TrafficRule[] {
  return model.ofIn(namespace, "NetworkPolicy", "networking.k8s.io").flatMap(rulesOfPolicy);
}

function rulesOfPolicy(policy: ModelObject): TrafficRule[] {
  const spec = policySpec(policy);
  const ingress = list(spec.ingress).map((rule, i) => trafficRule(policy, "ingress", i, rule?.from, rule?.ports));
  const egress = list(spec.egress).map((rule, i) => trafficRule(policy, "egress", i, rule?.to, rule?.ports));
  return [...ingress, ...egress];
}

function trafficRule(
  policy: ModelObject,
  direction: "ingress" | "egress",
  index: number,
  peers: NetworkPolicyPeer[] | undefined,
  ports: NetworkPolicyPort[] | undefined,
): TrafficRule {
  const path = `spec.${direction}[${index}]`;
  return {
    policy,
    direction,
    peers: list(peers).length > 0 ? peers : undefined,
    ports: list(ports).length > 0 ? ports : undefined,
    path,
    peersPath: `${path}.${direction === "ingress" ? "from" : "to"}`,
  };
}

/** A peer of a rule with its place. */
export interface PlacedPeer extends TrafficRule {
  peer: NetworkPolicyPeer;
  peerPath: string;
}

/** Every peer of every rule of tenants' policies. */
export function placedPeers(model: ClusterModel): PlacedPeer[] {
  return trafficRules(model).flatMap(peersOf);
}

/** The peers of a rule. */
export function peersOf(rule: TrafficRule): PlacedPeer[] {
  return list(rule.peers).map((peer, index) => ({
    ...rule,
    peer: record(peer) as NetworkPolicyPeer,
    peerPath: `${rule.peersPath}[${index}]`,
  }));
}

/** Namespaces that the selector names by the label the API server sets; undefined when it selects in another way. */
export function namedNamespaces(selector: LabelSelector): string[] | undefined {
  const exact = record(selector.matchLabels)[NAMESPACE_NAME_LABEL];
  if (typeof exact === "string") return [exact];
  const expression = list(selector.matchExpressions).find(
    (e) => e.key === NAMESPACE_NAME_LABEL && e.operator === "In" && Array.isArray(e.values),
  );
  return expression?.values;
}

const DNS_PORT = 53;

/** Whether a peer is a DNS cache of the nodes that the configuration lists, on its port alone. */
export function isNodeLocalDns({ peer, direction, ports }: PlacedPeer, { cluster }: PackConfiguration): boolean {
  const range = parseCidr(peer.ipBlock?.cidr);
  if (direction !== "egress" || range === undefined || ports === undefined || ports.length === 0) return false;
  const caches = cluster.dns.nodeLocalAddresses.flatMap((address) => parseAddress(address) ?? []);
  return (
    caches.some((cache) => contains(cache, range)) &&
    ports.every(({ port, endPort }) => port === DNS_PORT && (endPort ?? DNS_PORT) === DNS_PORT)
  );
}

/** Peers outside the tenants' namespaces that the configuration lists for a direction. */
export function listedPeers({ cluster }: PackConfiguration, direction: "ingress" | "egress"): Peer[] {
  const { port, ...dns } = cluster.dns;
  return direction === "ingress" ? cluster.ingressPeers : [{ ...dns, ports: [port] }, ...cluster.egressPeers];
}

/** Whether the peer's pod selector picks only pods that carry all labels of the listed peer. */
export function narrowedTo(peer: NetworkPolicyPeer, { podLabels }: Peer): boolean {
  const labels = record(record(peer.podSelector).matchLabels);
  return Object.entries(podLabels).every(([key, value]) => labels[key] === value);
}

/**
 * The situations that the Kubernetes conformance tests of NetworkPolicy and the usual collections of recipes cover, on
 * the same kind of cluster: namespaces x, y and z with pods a, b and c, each listening on 80 and 81 by every protocol.
 */
import type { NetworkPolicySpec } from "../../policy-pack/model/kubernetes";
import { type NetworkInput, protocols } from "../../policy-pack/analysis/reachability/network";

const namespaceNames = ["x", "y", "z"];

const ports = protocols.flatMap((protocol) =>
  [80, 81].map((port) => ({ name: `serve-${port}-${protocol.toLowerCase()}`, port, protocol })),
);

/** The cluster of the recipes with these policies, each named `namespace/name`. */
export function recipeCluster(policies: Record<string, NetworkPolicySpec>): NetworkInput {
  return {
    namespaces: namespaceNames.map((name) => ({ name, labels: { ns: name } })),
    pods: namespaceNames.flatMap((namespace, i) =>
      ["a", "b", "c"].map((pod, j) => ({
        id: `${namespace}/${pod}`,
        namespace,
        labels: { pod },
        ports,
        addresses: [`10.244.${i}.${j + 1}`],
      })),
    ),
    policies: Object.entries(policies).map(([key, spec]) => {
      const [namespace = "", name = ""] = key.split("/");
      return { namespace, name, spec };
    }),
    ranges: { pods: ["10.244.0.0/16"], services: ["10.96.0.0/16"], nodes: ["fd00:1::/64"] },
  };
}

type Rule = NonNullable<NetworkPolicySpec["ingress"]>[number];

const every = { podSelector: {} };
const podA = { podSelector: { matchLabels: { pod: "a" } } };
const podB = { podSelector: { matchLabels: { pod: "b" } } };
const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { ns: name } } });
const notInNamespace = (name: string) => ({
  namespaceSelector: { matchExpressions: [{ key: "ns", operator: "NotIn", values: [name] }] },
});
const ingress = (target: object, ...rules: Rule[]) => ({ ...target, policyTypes: ["Ingress"], ingress: rules });
const egress = (target: object, ...rules: { to?: Rule["from"]; ports?: Rule["ports"] }[]) => ({
  ...target,
  policyTypes: ["Egress"],
  egress: rules,
});
const block = (cidr: string, ...except: string[]) => ({ ipBlock: { cidr, except } });

/** Policies by the situation they make. */
export const recipes: Record<string, Record<string, NetworkPolicySpec>> = {
  "no policy at all": {},
  "a namespace that admits nobody": { "x/p": ingress(every) },
  "a namespace that calls nobody": { "x/p": egress(every) },
  "a namespace closed both ways": { "x/p": { ...every, policyTypes: ["Ingress", "Egress"] } },
  "a namespace that admits everybody in spite of a default deny": {
    "x/deny": ingress(every),
    "x/open": ingress(every, {}),
  },
  "a namespace that calls everybody in spite of a default deny": {
    "x/deny": egress(every),
    "x/open": egress(every, {}),
  },
  "types left out, rules left out": { "x/p": every },
  "types left out, egress empty": { "x/p": { ...every, egress: [] } },
  "types left out, one egress rule": { "x/p": { ...every, egress: [{ to: [podB] }] } },
  "an empty list of peers": { "x/p": ingress(podA, { from: [] }) },
  "an empty list of ports": { "x/p": ingress(podA, { from: [podB], ports: [] }) },
  "one pod closed, its neighbours open": { "x/p": ingress(podA) },
  "pods of the own namespace": { "x/p": ingress(every, { from: [every] }) },
  "one pod of the own namespace": { "x/p": ingress(podA, { from: [podB] }) },
  "one other namespace": { "x/p": ingress(podA, { from: [inNamespace("y")] }) },
  "all namespaces": { "x/p": ingress(podA, { from: [{ namespaceSelector: {} }] }) },
  "all but one namespace": { "x/p": ingress(podA, { from: [notInNamespace("y")] }) },
  "a namespace by its own name": {
    "x/p": ingress(podA, { from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "z" } } }] }),
  },
  "a pod in a namespace": { "x/p": ingress(podA, { from: [{ ...inNamespace("y"), ...podB }] }) },
  "a pod in any namespace": { "x/p": ingress(podA, { from: [{ namespaceSelector: {}, ...podB }] }) },
  "a namespace or a pod": { "x/p": ingress(podA, { from: [inNamespace("y"), podB] }) },
  "two policies that add up": {
    "x/one": ingress(podA, { from: [inNamespace("y")] }),
    "x/two": ingress(podA, { from: [podB] }),
  },
  "pods by expression: In": {
    "x/p": ingress({ podSelector: { matchExpressions: [{ key: "pod", operator: "In", values: ["a", "c"] }] } }),
  },
  "pods by expression: NotIn": {
    "x/p": ingress({ podSelector: { matchExpressions: [{ key: "pod", operator: "NotIn", values: ["a"] }] } }),
  },
  "pods by expression: Exists": {
    "x/p": ingress({ podSelector: { matchExpressions: [{ key: "pod", operator: "Exists" }] } }),
  },
  "pods by expression: DoesNotExist": {
    "x/p": ingress({ podSelector: { matchExpressions: [{ key: "pod", operator: "DoesNotExist" }] } }),
  },
  "a selector that contradicts itself": {
    "x/p": ingress({
      podSelector: { matchLabels: { pod: "a" }, matchExpressions: [{ key: "pod", operator: "NotIn", values: ["a"] }] },
    }),
  },
  "one port": { "x/p": ingress(podA, { ports: [{ port: 80 }] }) },
  "one port from one namespace": { "x/p": ingress(podA, { from: [inNamespace("y")], ports: [{ port: 81 }] }) },
  "two rules with different ports": {
    "x/p": ingress(podA, { from: [podB], ports: [{ port: 80 }] }, { from: [inNamespace("z")], ports: [{ port: 81 }] }),
  },
  "a port by UDP only": { "x/p": ingress(podA, { ports: [{ port: 80, protocol: "UDP" }] }) },
  "a port by SCTP only": { "x/p": ingress(podA, { ports: [{ port: 81, protocol: "SCTP" }] }) },
  "all ports of one protocol": { "x/p": ingress(podA, { ports: [{ protocol: "UDP" }] }) },
  "a port by its name": { "x/p": ingress(podA, { ports: [{ port: "serve-80-tcp" }] }) },
  "a port's name under the wrong protocol": {
    "x/p": ingress(podA, { ports: [{ port: "serve-80-tcp", protocol: "UDP" }] }),
  },
  "a name that no pod has": { "x/p": ingress(podA, { ports: [{ port: "gone" }] }) },
  "a destination's port by its name": { "x/p": egress(podA, { ports: [{ port: "serve-81-udp", protocol: "UDP" }] }) },
  "a range of ports": { "x/p": ingress(podA, { ports: [{ port: 79, endPort: 80 }] }) },
  "a range of ports of UDP towards one namespace": {
    "x/p": egress(podA, { to: [inNamespace("y")], ports: [{ port: 81, endPort: 90, protocol: "UDP" }] }),
  },
  "DNS only": { "x/p": egress(every, { to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: "UDP" }] }) },
  "egress to one namespace, which does not admit": {
    "x/p": egress(podA, { to: [inNamespace("y")] }),
    "y/p": ingress(every),
  },
  "both ends open for each other": {
    "x/p": egress(podA, { to: [{ ...inNamespace("y"), ...podB }] }),
    "y/p": ingress(podB, { from: [{ ...inNamespace("x"), ...podA }] }),
  },
  "ingress rules under the type Egress": { "x/p": { ...podA, policyTypes: ["Egress"], ingress: [{}] } },
  "egress rules under the type Ingress": { "x/p": { ...podA, policyTypes: ["Ingress"], egress: [{}] } },
  "a block around one pod": { "x/p": egress(podA, { to: [block("10.244.1.1/32")] }) },
  "a block with an exception": { "x/p": egress(podA, { to: [block("10.244.0.0/16", "10.244.1.0/24")] }) },
  "an exception that another block undoes": {
    "x/p": egress(podA, { to: [block("10.244.0.0/16", "10.244.1.0/24"), block("10.244.1.2/32")] }),
  },
  "outside only": { "x/p": egress(every, { to: [block("0.0.0.0/0", "10.0.0.0/8")] }) },
  "outside by IPv6": {
    "x/p": egress(every, { to: [block("2001:db8::/32", "2001:db8:1::/48")], ports: [{ port: 80 }] }),
  },
  "callers from one outside block": { "x/p": ingress(podA, { from: [block("203.0.113.0/24", "203.0.113.128/25")] }) },
  "outside by a port's name": { "x/p": egress(podA, { to: [block("0.0.0.0/0")], ports: [{ port: "serve-80-tcp" }] }) },
};

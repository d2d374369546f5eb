import { addAt, at, setAt, type Widening } from "./widening";

const POLICY = /^NetworkPolicy$/;
const peer = /^spec\.(ingress|egress)\[\d+\]\.(from|to)\[\d+\]$/;
const everywhere = { ipBlock: { cidr: "0.0.0.0/0" } };
const otherTenant = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "tenant-intruder" } } };
const anyNamespace = { namespaceSelector: {} };

/** Ways to open what a network policy, a Service or a route closes. */
export const networkWidenings: Widening[] = [
  ...addAt(POLICY, /^spec$/, [
    ["ingress", {}],
    ["ingress", { from: [] }],
    ["ingress", { from: [anyNamespace] }],
    ["ingress", { from: [otherTenant] }],
    ["ingress", { from: [everywhere] }],
    ["egress", {}],
    ["egress", { to: [anyNamespace] }],
    ["egress", { to: [otherTenant] }],
    ["egress", { to: [everywhere] }],
    ["egress", { to: [{ ipBlock: { cidr: "169.254.169.254/32" } }], ports: [{ port: 80 }] }],
    ["egress", { to: [{ ipBlock: { cidr: "::/0" } }] }],
  ]),
  ...at(POLICY, /^spec\.podSelector$/, {
    "selecting no pod": () => ({ matchLabels: { "app.kubernetes.io/name": "nobody" } }),
    "selecting every pod": () => ({}),
    "leaving out pods without a label": () => ({ matchExpressions: [{ key: "fenced", operator: "Exists" }] }),
  }),
  ...at(POLICY, /^spec\.policyTypes$/, {
    "for ingress alone": () => ["Ingress"],
    "for egress alone": () => ["Egress"],
  }),
  ...at(POLICY, /^spec\.(ingress|egress)\[\d+\]\.(from|to)$/, {
    "emptied, which means everybody": () => [],
    "joined by every namespace": (old) => [...old, anyNamespace],
    "joined by another tenant": (old) => [...old, otherTenant],
    "joined by every address": (old) => [...old, everywhere],
    "joined by a platform namespace as a whole": (old) => [
      ...old,
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } },
    ],
  }),
  ...at(POLICY, /\.namespaceSelector$/, {
    "selecting every namespace": () => ({}),
    "selecting another tenant": () => otherTenant.namespaceSelector,
    "selecting by a label that can be forged": () => ({ matchLabels: { team: "platform" } }),
    "selecting all but one namespace": () => ({
      matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["elsewhere"] }],
    }),
    "selecting the default namespace": () => ({ matchLabels: { "kubernetes.io/metadata.name": "default" } }),
  }),
  ...at(POLICY, /\.(from|to)\[\d+\]\.podSelector$/, {
    "selecting every pod of the peer": () => ({}),
    "selecting by the absence of a label": () => ({ matchExpressions: [{ key: "x", operator: "DoesNotExist" }] }),
  }),
  ...setAt(POLICY, peer, [["namespaceSelector", {}]]),
  ...at(POLICY, /\.ipBlock\.cidr$/, {
    "widened to every address": () => "0.0.0.0/0",
    "widened to a sixteenth of all addresses": (old: string) => old.replace(/^(\d+)\..*$/, "$1.0.0.0/4"),
    "widened by one bit": (old: string) => {
      const [address = "", length = "32"] = old.split("/");
      return `${address}/${Number(length) - 1}`;
    },
    "made the metadata service's": () => "169.254.169.254/32",
    "made the service network's": () => "10.96.0.0/12",
  }),
  ...at(POLICY, /\.ports$/, {
    "joined by every port": (old) => [...old, {}],
    "joined by the server's own port": (old) => [...old, { port: 11434, protocol: "TCP" }],
    "joined by the kubelet's port": (old) => [...old, { port: 10250, protocol: "TCP" }],
    "emptied, which means every port": () => [],
  }),
  ...at(POLICY, /\.ports\[\d+\]$/, {
    "widened to a range": (old) => ({ ...old, port: 1, endPort: 65535 }),
    "widened upwards": (old) => ({ ...old, endPort: 65535 }),
    "moved to the server's own port": (old) => ({ ...old, port: 11434 }),
  }),
  ...setAt(/^Service$/, /^spec$/, [
    ["type", "NodePort"],
    ["type", "LoadBalancer"],
    ["type", "ExternalName"],
    ["externalIPs", ["203.0.113.1"]],
    ["loadBalancerIP", "203.0.113.1"],
    ["selector", {}],
    ["publishNotReadyAddresses", true],
  ]),
  ...at(/^Service$/, /^spec\.ports\[[^\]]+\]$/, {
    "led to the server's own port": (old) => ({ ...old, targetPort: 11434 }),
    "given a port of every node": (old) => ({ ...old, nodePort: 30080 }),
  }),
];

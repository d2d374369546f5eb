import { addAt, at, type Loose, setAt, type Widening } from "./widening";

const POLICY = /^NetworkPolicy$/;
const peer = /^spec\.(ingress|egress)\[\d+\]\.(from|to)\[\d+\]$/;
const everywhere = { ipBlock: { cidr: "0.0.0.0/0" } };
const otherTenant = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "tenant-intruder" } } };
/** Addresses that no tenant may reach, one of each kind. */
const closedAddresses = [
  ...["127.0.0.1/32", "169.254.169.253/32", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32"],
  ...["::1/128", "fe80::/10", "fd00:ec2::23/128", "fd20:ce::254/128", "64:ff9b::a9fe:a9fe/128", "64:ff9b::/96"],
];
/** What the API server refuses, so that nobody can tell what was meant. */
const malformed = [
  { cidr: "203.0.113.16/28", except: ["203.0.113.999/32"] },
  { cidr: "203.0.113.16/28", except: ["198.51.100.0/24"] },
  { cidr: "203.0.113.16/28", except: ["203.0.113.16/28"] },
  { cidr: "::ffff:203.0.113.16/124" },
];
const annotated = (key: string, value: string): Record<string, (old: Loose) => unknown> => ({
  [`annotated ${key}`]: (old: Loose) => ({ ...old, annotations: { ...old.annotations, [key]: value } }),
});
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
    ...[...closedAddresses.map((cidr) => ({ cidr })), ...malformed].map((ipBlock): [string, unknown] => [
      "egress",
      { to: [{ ipBlock }], ports: [{ port: 443 }] },
    ]),
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
  ...at(/^(Service|HTTPRoute|Ingress)$/, /^metadata$/, {
    ...annotated("external-dns.alpha.kubernetes.io/hostname", "login.example.org"),
    ...annotated("external-dns.alpha.kubernetes.io/target", "203.0.113.1"),
    ...annotated("tailscale.com/expose", "true"),
    ...annotated("dns.alpha.kubernetes.io/external", "login.example.org"),
    ...annotated("metallb.io/address-pool", "public"),
  }),
  ...at(/^(ConfigMap|Deployment|PersistentVolumeClaim)$/, /^metadata$/, {
    ...annotated("external-dns.alpha.kubernetes.io/hostname", "login.example.org"),
  }),
  ...at(/^Service$/, /^spec\.ports\[[^\]]+\]$/, {
    "led to the server's own port": (old) => ({ ...old, targetPort: 11434 }),
    "given a port of every node": (old) => ({ ...old, nodePort: 30080 }),
  }),
];

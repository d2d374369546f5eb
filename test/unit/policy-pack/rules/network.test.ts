import { describeRule, type Break } from "../breaks";
import { find, type Loose } from "../fixture";

const NAME = "kubernetes.io/metadata.name";
const policy = (objects: Loose[], name: string) => find(objects, "NetworkPolicy", name, "tenant-hr").spec;
const CLIENTS = "NetworkPolicy tenant-hr/allow-clients";
const EGRESS = "NetworkPolicy tenant-hr/allow-egress";
const clientPeer = (objects: Loose[]) => policy(objects, "allow-clients").ingress[0].from[0];

describeRule(
  "network/selectors",
  [
    ...[
      ["an empty selector", {}],
      ["an editable label", { matchLabels: { name: "ingress-nginx" } }],
      ["an editable label beside the name", { matchLabels: { [NAME]: "ingress-nginx", team: "a" } }],
      ["NotIn", { matchExpressions: [{ key: NAME, operator: "NotIn", values: ["tenant-finance"] }] }],
      ["Exists", { matchExpressions: [{ key: NAME, operator: "Exists" }] }],
      ["an unknown selector", "?"],
    ].map(([title, selector]): Break => ({
      title: String(title),
      apply: (objects) => (clientPeer(objects).namespaceSelector = selector),
      object: CLIENTS,
      field: "spec.ingress[0].from[0].namespaceSelector",
    })),
  ],
  [
    {
      title: "In with names",
      apply: (objects) =>
        (clientPeer(objects).namespaceSelector = {
          matchExpressions: [{ key: NAME, operator: "In", values: ["ingress-nginx"] }],
        }),
    },
  ],
);

describeRule("network/no-cross-tenant-peer", [
  {
    title: "ingress from another tenant",
    apply: (objects) => (clientPeer(objects).namespaceSelector.matchLabels[NAME] = "tenant-finance"),
    object: CLIENTS,
  },
  {
    title: "another tenant among several names",
    apply: (objects) =>
      (clientPeer(objects).namespaceSelector = {
        matchExpressions: [{ key: NAME, operator: "In", values: ["ingress-nginx", "tenant-finance"] }],
      }),
    object: CLIENTS,
  },
  {
    title: "a tenant that the program does not know",
    apply: (objects) => (clientPeer(objects).namespaceSelector.matchLabels[NAME] = "tenant-legal"),
    object: CLIENTS,
  },
  {
    title: "egress to another tenant",
    apply: (objects) =>
      (policy(objects, "allow-egress").egress[0].to = [
        { namespaceSelector: { matchLabels: { [NAME]: "tenant-finance" } } },
      ]),
    object: EGRESS,
  },
]);

describeRule("network/platform-peers", [
  {
    title: "an unlisted namespace",
    apply: (objects) => (clientPeer(objects).namespaceSelector.matchLabels[NAME] = "monitoring"),
    object: CLIENTS,
  },
  {
    title: "all pods of a listed namespace",
    apply: (objects) => delete clientPeer(objects).podSelector,
    object: CLIENTS,
  },
  { title: "an empty pod selector", apply: (objects) => (clientPeer(objects).podSelector = {}), object: CLIENTS },
  {
    title: "other pods of a listed namespace",
    apply: (objects) => (clientPeer(objects).podSelector = { matchLabels: { app: "debug" } }),
    object: CLIENTS,
  },
  {
    title: "egress to a peer that is listed for ingress",
    apply: (objects) => (policy(objects, "allow-egress").egress[0].to = [structuredClone(clientPeer(objects))]),
    object: EGRESS,
  },
]);

describeRule("network/open-rules", [
  {
    title: "ingress from everybody",
    apply: (objects) => delete policy(objects, "allow-clients").ingress[0].from,
    object: CLIENTS,
  },
  {
    title: "an empty list of sources",
    apply: (objects) => (policy(objects, "allow-clients").ingress[0].from = []),
    object: CLIENTS,
  },
  {
    title: "an empty list of destinations with port 443",
    apply: (objects) => (policy(objects, "allow-egress").egress[0].to = []),
    object: EGRESS,
  },
  { title: "an empty rule", apply: (objects) => (policy(objects, "allow-egress").egress[0] = {}), object: EGRESS },
  { title: "an empty peer", apply: (objects) => (policy(objects, "allow-egress").egress[0].to = [{}]), object: EGRESS },
  {
    title: "unknown rules",
    apply: (objects) => (policy(objects, "allow-egress").egress = "?"),
    object: EGRESS,
    field: "spec.egress",
  },
]);

describeRule("network/ports-named", [
  {
    title: "all ports of a range",
    apply: (objects) => delete policy(objects, "allow-egress").egress[0].ports,
    object: EGRESS,
  },
  {
    title: "all ports of a peer",
    apply: (objects) => (policy(objects, "allow-clients").ingress[0].ports = []),
    object: CLIENTS,
  },
  {
    title: "a protocol without port",
    apply: (objects) => (policy(objects, "allow-egress").egress[0].ports = [{ protocol: "TCP" }]),
    object: EGRESS,
  },
  {
    title: "a port range",
    apply: (objects) => (policy(objects, "allow-egress").egress[0].ports[0].endPort = 65535),
    object: EGRESS,
  },
]);

describeRule(
  "network/tenant-reachability",
  [
    {
      title: "two tenants that open to each other",
      apply: (objects) => {
        const peer = (namespace: string) => ({ namespaceSelector: { matchLabels: { [NAME]: namespace } } });
        policy(objects, "allow-egress").egress.push({ to: [peer("tenant-finance")] });
        find(objects, "NetworkPolicy", "allow-clients", "tenant-finance").spec.ingress.push({
          from: [peer("tenant-hr")],
        });
      },
      object: "Namespace tenant-finance",
    },
    {
      title: "tenants without policies",
      apply: (objects) => {
        for (const o of objects.filter((x) => x.kind === "NetworkPolicy")) objects.splice(objects.indexOf(o), 1);
      },
      object: "Namespace tenant-hr",
    },
    {
      title: "ingress from any namespace",
      apply: (objects) => (clientPeer(objects).namespaceSelector = {}),
      object: "Namespace tenant-hr",
    },
    {
      title: "a policy engine that it cannot follow",
      apply: (objects) =>
        objects.push({
          apiVersion: "cilium.io/v2",
          kind: "CiliumNetworkPolicy",
          metadata: { name: "x", namespace: "tenant-hr" },
          spec: {},
        }),
      object: "CiliumNetworkPolicy tenant-hr/x",
    },
  ],
  [
    {
      title: "an opening on one side only",
      apply: (objects) =>
        find(objects, "NetworkPolicy", "allow-clients", "tenant-finance").spec.ingress.push({
          from: [{ namespaceSelector: { matchLabels: { [NAME]: "tenant-hr" } } }],
          ports: [{ port: 8080 }],
        }),
    },
  ],
);

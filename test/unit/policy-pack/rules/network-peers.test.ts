import { describeRule } from "../breaks";
import { find, type Loose, settings } from "../fixture";

const policy = (objects: Loose[], name: string) => find(objects, "NetworkPolicy", name, "tenant-hr").spec;
const CLIENTS = "NetworkPolicy tenant-hr/allow-clients";
const EGRESS = "NetworkPolicy tenant-hr/allow-egress";

const { configuration } = settings;
const listed = {
  ...settings,
  configuration: {
    ...configuration,
    cluster: { ...configuration.cluster, externalCidrs: ["203.0.113.0/25", "2001:db8::/32"] },
  },
};
const block = (objects: Loose[]) => policy(objects, "allow-egress").egress[0].to[0].ipBlock;

describeRule(
  "network/external-ranges",
  [
    {
      title: "a range of which a part is not listed",
      apply: (o) => (block(o).cidr = "203.0.113.0/24"),
      object: EGRESS,
      field: "spec.egress[0].to[0].ipBlock.cidr",
      settings: listed,
    },
    { title: "a range elsewhere", apply: (o) => (block(o).cidr = "198.51.100.0/24"), object: EGRESS, settings: listed },
    {
      title: "the other IP version",
      apply: (o) => (block(o).cidr = "2001:db9::/32"),
      object: EGRESS,
      settings: listed,
    },
  ],
  [
    { title: "a part of a listed range", apply: (o) => (block(o).cidr = "203.0.113.64/28"), settings: listed },
    {
      title: "a wider range that leaves out the rest",
      apply: (o) => Object.assign(block(o), { cidr: "203.0.113.0/24", except: ["203.0.113.128/25"] }),
      settings: listed,
    },
    { title: "any range where none is listed", apply: (o) => (block(o).cidr = "198.51.100.0/24") },
  ],
);

describeRule(
  "network/selected-pods",
  [
    { title: "every pod", apply: (o) => (policy(o, "allow-clients").podSelector = {}), object: CLIENTS },
    { title: "no selector", apply: (o) => delete policy(o, "allow-clients").podSelector, object: CLIENTS },
    {
      title: "all pods but some",
      apply: (o) =>
        (policy(o, "allow-clients").podSelector = { matchExpressions: [{ key: "x", operator: "DoesNotExist" }] }),
      object: CLIENTS,
      field: "spec.podSelector",
    },
  ],
  [
    {
      title: "pods by a list of values",
      apply: (o) =>
        (policy(o, "allow-clients").podSelector = {
          matchExpressions: [{ key: "app", operator: "In", values: ["ollama"] }],
        }),
    },
    {
      title: "every pod for peers of the same namespace",
      apply: (o) => {
        policy(o, "allow-clients").podSelector = {};
        policy(o, "allow-clients").ingress[0].from = [{ podSelector: {} }];
      },
    },
  ],
);

const ofPort = {
  ...settings,
  configuration: {
    ...configuration,
    cluster: {
      ...configuration.cluster,
      ingressPeers: configuration.cluster.ingressPeers.map((peer) => ({ ...peer, ports: [8080] })),
    },
  },
};

describeRule(
  "network/platform-peers",
  [
    {
      title: "a port that the configuration does not list for the peer",
      apply: (o) => policy(o, "allow-clients").ingress[0].ports.push({ port: 9090 }),
      object: CLIENTS,
      field: "spec.ingress[0].ports",
      settings: ofPort,
    },
    {
      title: "a port by name where ports are listed",
      apply: (o) => (policy(o, "allow-clients").ingress[0].ports[0].port = "http"),
      object: CLIENTS,
      settings: ofPort,
    },
    {
      title: "another port of the DNS pods",
      apply: (o) => policy(o, "allow-dns").egress[0].ports.push({ port: 9153 }),
      object: "NetworkPolicy tenant-hr/allow-dns",
    },
  ],
  [{ title: "the listed port", apply: () => undefined, settings: ofPort }],
);

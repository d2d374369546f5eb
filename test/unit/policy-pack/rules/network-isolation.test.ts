import { loadSettings } from "../../../../policy-pack/settings/load";
import { describeRule, type Break } from "../breaks";
import { find, type Loose, ruleIds, settings } from "../fixture";

const HR = "Namespace tenant-hr";
const policy = (objects: Loose[], name: string) => find(objects, "NetworkPolicy", name, "tenant-hr").spec;

/** Leaves the HR tenant with one policy, of this spec; undefined leaves none. */
function only(objects: Loose[], spec: unknown): void {
  const own = objects.filter((o) => o.kind === "NetworkPolicy" && o.metadata.namespace === "tenant-hr");
  for (const o of own) objects.splice(objects.indexOf(o), 1);
  if (spec !== undefined)
    objects.push({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "only", namespace: "tenant-hr" },
      spec,
    });
}

const both = ["Ingress", "Egress"];
const sameNamespace = [{ to: [{ podSelector: {} }] }];

describeRule(
  "network/default-deny",
  [
    ...Object.entries({
      "no policy": undefined,
      "one for ingress only": { podSelector: {}, policyTypes: ["Ingress"] },
      "one for egress only": { podSelector: {}, policyTypes: ["Egress"] },
      "one without directions, which closes ingress only": { podSelector: {} },
      "one for some pods": { podSelector: { matchLabels: { app: "ollama" } }, policyTypes: both },
      "one with an unknown selector": { podSelector: "?", policyTypes: both },
      "one of unknown directions": { podSelector: {}, policyTypes: "?", egress: sameNamespace },
      "an unknown one": "?",
      "one with a rule for everybody": { podSelector: {}, policyTypes: both, ingress: [{}] },
      "one with a rule for everybody on a port": {
        podSelector: {},
        policyTypes: both,
        egress: [{ ports: [{ port: 1 }] }],
      },
      "one with an empty list of peers": { podSelector: {}, policyTypes: both, egress: [{ to: [] }] },
      "one with unknown rules": { podSelector: {}, policyTypes: both, egress: "?" },
    }).map(([title, spec]): Break => ({ title, apply: (objects) => only(objects, spec), object: HR })),
    {
      title: "one in another namespace",
      apply: (objects) => {
        only(objects, { podSelector: {}, policyTypes: both });
        find(objects, "NetworkPolicy", "only").metadata.namespace = "default";
      },
      object: HR,
    },
  ],
  [
    ...Object.entries({
      "one that opens the own namespace": { podSelector: {}, egress: sameNamespace },
      "one without a selector, which selects every pod": { egress: sameNamespace },
      "one whose selector is null": { podSelector: null, egress: sameNamespace },
      "one whose selector has empty lists": {
        podSelector: { matchLabels: {}, matchExpressions: [] },
        policyTypes: both,
      },
      "one with its exceptions": {
        podSelector: {},
        policyTypes: both,
        egress: [{ to: [{ ipBlock: { cidr: "203.0.113.16/28" } }], ports: [{ port: 443 }] }],
      },
    }).map(([title, spec]) => ({ title, apply: (objects: Loose[]) => only(objects, spec) })),
    {
      title: "two policies, one for each direction",
      apply: (objects) => {
        only(objects, { podSelector: {}, policyTypes: ["Ingress"] });
        const metadata = { name: "second", namespace: "tenant-hr" };
        const spec = { podSelector: {}, policyTypes: ["Egress"], egress: [] };
        objects.push({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec });
      },
    },
  ],
);

const { configuration } = settings;
/** Settings in which DNS answers on this port. */
const dnsOn = (port: number) => ({
  ...settings,
  configuration: {
    ...configuration,
    cluster: { ...configuration.cluster, dns: { ...configuration.cluster.dns, port } },
  },
});
const { namespace, podLabels } = configuration.cluster.dns;
const withoutDnsPort = loadSettings({ cluster: { ...configuration.cluster, dns: { namespace, podLabels } } }, ruleIds);
const setDnsPorts = (port: number | undefined, endPort?: number) => (objects: Loose[]) => {
  for (const tenant of ["tenant-hr", "tenant-finance"])
    for (const entry of find(objects, "NetworkPolicy", "allow-dns", tenant).spec.egress[0].ports)
      Object.assign(entry, { port, endPort });
};

describeRule(
  "network/dns-allowed",
  [
    {
      title: "no policy for DNS",
      apply: (objects) => objects.splice(objects.indexOf(find(objects, "NetworkPolicy", "allow-dns", "tenant-hr")), 1),
      object: HR,
    },
    { title: "UDP only", apply: (objects) => policy(objects, "allow-dns").egress[0].ports.pop(), object: HR },
    {
      title: "another port",
      apply: (objects) => (policy(objects, "allow-dns").egress[0].ports[0].port = 5353),
      object: HR,
    },
    {
      title: "the usual port where another is configured",
      apply: () => undefined,
      settings: dnsOn(5353),
      object: HR,
    },
    {
      title: "other pods",
      apply: (objects) => (policy(objects, "allow-dns").egress[0].to[0].podSelector = { matchLabels: { app: "x" } }),
      object: HR,
    },
    {
      title: "other pods of the tenant",
      apply: (objects) => (policy(objects, "allow-dns").podSelector = { matchLabels: { app: "x" } }),
      object: HR,
    },
  ],
  [
    { title: "the configured port", apply: setDnsPorts(5353), settings: dnsOn(5353) },
    { title: "a range around the port", apply: setDnsPorts(50, 60) },
    { title: "every port", apply: setDnsPorts(undefined) },
    {
      title: "the usual port where the configuration names none",
      apply: () => undefined,
      settings: withoutDnsPort,
    },
  ],
);

describeRule(
  "network/platform-peers",
  [
    {
      title: "the usual port of DNS where another is configured",
      apply: () => undefined,
      settings: dnsOn(5353),
      object: "NetworkPolicy tenant-hr/allow-dns",
    },
  ],
  [{ title: "the configured port of DNS", apply: setDnsPorts(5353), settings: dnsOn(5353) }],
);

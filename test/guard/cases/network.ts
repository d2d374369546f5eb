import { type Case, controller, create, DEPLOYER, type Loose, update } from "../support/acts";
import { planned } from "../support/platform";

const meta = (name: string, namespace = "tenant-hr"): object => ({ name, namespace });
const service = (spec: object, namespace?: string): Loose => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: meta("mine", namespace),
  spec: { selector: { app: "mine" }, ports: [{ port: 80 }], ...spec },
});
const policy = (spec: object, namespace?: string): Loose => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: meta("mine", namespace),
  spec: { podSelector: {}, ...spec },
});
const ingressFrom = (peer: object, ports?: object[]): Loose =>
  policy({ policyTypes: ["Ingress"], ingress: [{ from: [peer], ...(ports && { ports }) }] });
const egressTo = (peer: object, ports?: object[], namespace?: string): Loose =>
  policy({ policyTypes: ["Egress"], egress: [{ to: [peer], ...(ports && { ports }) }] }, namespace);
const namespace = (name: string): object => ({ matchLabels: { "kubernetes.io/metadata.name": name } });
const tcp = (port: number): object => ({ port, protocol: "TCP" });
const own = { podSelector: {} };
const portal = { namespaceSelector: namespace("portal"), podSelector: { matchLabels: { app: "portal" } } };
const dns = { namespaceSelector: namespace("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } };
const server = planned("Service", "ollama", "tenant-hr");

const SERVICES: Case[] = [
  ["of type NodePort", { type: "NodePort" }, { type: "ClusterIP" }],
  ["of type LoadBalancer", { type: "LoadBalancer" }, { clusterIP: "None" }],
  [
    "that is a name of another tenant's server",
    { type: "ExternalName", externalName: "ollama.tenant-finance.svc", selector: undefined, ports: undefined },
    {},
  ],
  ["with an address outside", { externalIPs: ["203.0.113.7"] }, { externalIPs: [] }],
  [
    "that leads to Ollama behind the gateway",
    { selector: { "app.kubernetes.io/name": "ollama" }, ports: [{ port: 80, targetPort: 11434 }] },
    { selector: { "app.kubernetes.io/name": "ollama" }, ports: [{ port: 80, targetPort: 8080 }] },
  ],
  [
    "that leads to the server's metrics by other labels",
    { selector: { "app.kubernetes.io/component": "server" }, ports: [{ port: 80, targetPort: "metrics" }] },
    { selector: { "app.kubernetes.io/component": "server" }, ports: [{ port: 80, targetPort: "http" }] },
  ],
].map(([title, refused, allowed]) => ({
  title: `a Service ${title as string}`,
  act: create(service(refused as object)),
  twin: create(service(allowed as object)),
}));

const slice = (over: object = {}): Loose => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { ...meta("mine"), labels: { "kubernetes.io/service-name": "ollama" } },
  addressType: "IPv4",
  endpoints: [{ addresses: ["10.244.0.9"] }],
  ports: [{ name: "http", port: 11434, protocol: "TCP" }],
  ...over,
});
const endpoints: Loose = {
  apiVersion: "v1",
  kind: "Endpoints",
  metadata: meta("mine"),
  subsets: [{ addresses: [{ ip: "10.244.0.9" }], ports: [{ port: 11434 }] }],
};

const ingress = (host: string | undefined, over: object = {}, place = "tenant-finance"): Loose => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: meta("mine", place),
  spec: {
    ingressClassName: "nginx",
    rules: [
      {
        ...(host && { host }),
        http: { paths: [{ path: "/", pathType: "Prefix", backend: backend("ollama", 11434) }] },
      },
    ],
    ...over,
  },
});
const backend = (name: string, number: number): object => ({ service: { name, port: { number } } });
const FINANCE = "finance.models.example.com";

/** What leads to tenants and out of them. */
export const NETWORK: Case[] = [
  ...SERVICES,
  {
    title: "the server's Service at another port",
    act: update(server, (object) => (object.spec.ports[0].targetPort = 11434)),
    twin: update(server, (object) => (object.metadata.annotations = { note: "seen" })),
  },
  {
    title: "the server's Service with another selector",
    act: update(server, (object) => (object.spec.selector = { app: "mine" })),
    twin: update(server, (object) => (object.metadata.labels["note"] = "seen")),
  },
  {
    title: "an EndpointSlice by hand",
    act: create(slice()),
    twin: create(slice(), { who: controller("endpointslice-controller") }),
  },
  {
    title: "an EndpointSlice by an account of another namespace",
    act: create(slice(), {
      who: { username: "system:serviceaccount:default:endpointslice-controller", groups: ["system:masters"] },
    }),
    twin: create(slice({ metadata: { ...meta("mine", "default"), labels: {} } })),
  },
  {
    title: "Endpoints by hand",
    act: create(endpoints),
    twin: create(endpoints, { who: controller("endpoint-controller") }),
  },
  {
    title: "an Ingress with another tenant's host",
    act: create(ingress(FINANCE, {}, "tenant-hr")),
    twin: create(ingress(FINANCE)),
  },
  {
    title: "an Ingress with a host that nobody declared",
    act: create(ingress("other.example.com")),
    twin: create(ingress(FINANCE)),
  },
  { title: "an Ingress for every host", act: create(ingress(undefined)), twin: create(ingress(FINANCE)) },
  {
    title: "an Ingress with a default backend",
    act: create(ingress(FINANCE, { defaultBackend: backend("ollama", 11434) })),
    twin: create(ingress(FINANCE, { tls: [{ hosts: [FINANCE], secretName: "finance-tls" }] })),
  },
  {
    title: "an Ingress to another Service",
    act: create(
      ingress(FINANCE, {
        rules: [
          { host: FINANCE, http: { paths: [{ path: "/", pathType: "Prefix", backend: backend("other", 11434) }] } },
        ],
      }),
    ),
    twin: create(ingress(FINANCE)),
  },
  {
    title: "an Ingress with a piece of the controller's configuration",
    act: create(ingress(FINANCE, {}, "tenant-finance"), {
      object: annotated({ "nginx.ingress.kubernetes.io/server-snippet": "x" }),
    }),
    twin: create(ingress(FINANCE, {}, "tenant-finance"), { object: annotated({ "example.com/note": "x" }) }),
  },
  {
    title: "an Ingress elsewhere with a tenant's host",
    act: create(ingress(FINANCE, {}, "default")),
    twin: create(ingress("shop.example.com", {}, "default")),
  },
  {
    title: "a policy that lets everybody in",
    act: create(policy({ policyTypes: ["Ingress"], ingress: [{}] })),
    twin: create(policy({ policyTypes: ["Ingress"] })),
  },
  {
    title: "a policy that lets everybody out",
    act: create(policy({ policyTypes: ["Egress"], egress: [{}] })),
    twin: create(policy({ policyTypes: ["Egress"] })),
  },
  {
    title: "a policy with an empty peer list",
    act: create(policy({ policyTypes: ["Ingress"], ingress: [{ from: [], ports: [tcp(8080)] }] })),
    twin: create(ingressFrom(own, [tcp(8080)])),
  },
  {
    title: "a policy that lets another tenant in",
    act: create(ingressFrom({ namespaceSelector: namespace("tenant-finance") })),
    twin: create(ingressFrom({ namespaceSelector: namespace("tenant-hr") })),
  },
  {
    title: "a policy that lets every namespace in",
    act: create(ingressFrom({ namespaceSelector: {}, podSelector: {} }, [tcp(8080)])),
    twin: create(ingressFrom(portal, [tcp(8080)])),
  },
  {
    title: "a policy that lets namespaces in by an editable label",
    act: create(ingressFrom({ namespaceSelector: { matchLabels: { team: "hr" } } }, [tcp(8080)])),
    twin: create(ingressFrom(own)),
  },
  {
    title: "a policy that lets its own namespace in, and others by an expression",
    act: create(
      ingressFrom({
        namespaceSelector: {
          matchExpressions: [
            { key: "kubernetes.io/metadata.name", operator: "In", values: ["tenant-hr", "tenant-finance"] },
          ],
        },
      }),
    ),
    twin: create(ingressFrom({ namespaceSelector: namespace("tenant-hr"), podSelector: {} })),
  },
  {
    title: "a policy that lets a declared client in at another port",
    act: create(ingressFrom(portal, [tcp(9090)])),
    twin: create(ingressFrom(portal, [tcp(8080)])),
  },
  {
    title: "a policy that lets a declared client in at every port",
    act: create(ingressFrom(portal)),
    twin: create(ingressFrom(portal, [tcp(8080)])),
  },
  {
    title: "a policy that lets a declared client in at a range of ports",
    act: create(ingressFrom(portal, [{ port: 8080, endPort: 9000, protocol: "TCP" }])),
    twin: create(ingressFrom(portal, [{ port: 8080 }])),
  },
  {
    title: "a policy whose second peer is another tenant",
    act: create(
      policy({
        policyTypes: ["Ingress"],
        ingress: [{ from: [own, { namespaceSelector: namespace("tenant-finance") }] }],
      }),
    ),
    twin: create(
      policy({ policyTypes: ["Ingress"], ingress: [{ from: [own, { podSelector: { matchLabels: { a: "b" } } }] }] }),
    ),
  },
  {
    title: "a policy whose second rule lets everybody in",
    act: create(policy({ policyTypes: ["Ingress"], ingress: [{ from: [own] }, {}] })),
    twin: create(policy({ policyTypes: ["Ingress"], ingress: [{ from: [own] }, { from: [own] }] })),
  },
  {
    title: "a policy that lets out to every address",
    act: create(egressTo({ ipBlock: { cidr: "0.0.0.0/0" } }, [tcp(443)], "tenant-finance")),
    twin: create(egressTo({ ipBlock: { cidr: "203.0.113.16/28" } }, [tcp(443)], "tenant-finance")),
  },
  {
    title: "a policy that lets out to the metadata service",
    act: create(egressTo({ ipBlock: { cidr: "169.254.169.254/32" } }, [tcp(80)])),
    twin: create(egressTo(dns, [{ port: 53, protocol: "UDP" }])),
  },
  {
    title: "a policy that lets out to all of kube-system",
    act: create(egressTo({ namespaceSelector: namespace("kube-system") }, [{ port: 53, protocol: "UDP" }])),
    twin: create(egressTo(dns, [{ port: 53, protocol: "UDP" }])),
  },
  {
    title: "another tenant's destination",
    act: create(egressTo({ ipBlock: { cidr: "203.0.113.16/28" } }, [tcp(443)], "tenant-hr")),
    twin: create(egressTo({ ipBlock: { cidr: "203.0.113.16/28" } }, [tcp(443)], "tenant-finance")),
  },
  {
    title: "a policy of an unknown tenant that opens DNS",
    act: create(egressTo(dns, [{ port: 53, protocol: "UDP" }], "tenant-unknown")),
    twin: create(egressTo(own, [], "tenant-unknown"), { object: egressTo(own, undefined, "tenant-unknown") }),
  },
  {
    title: "a policy beside the loader that lets everybody in",
    act: create(policy({ policyTypes: ["Ingress"], ingress: [{}] }, "ollama-platform-system")),
    twin: create(policy({ policyTypes: ["Ingress"], ingress: [{}] }, "ollama-platform-system"), { who: DEPLOYER }),
  },
];

function annotated(annotations: object): Loose {
  const object = ingress(FINANCE, {}, "tenant-finance");
  return { ...object, metadata: { ...object.metadata, annotations } };
}

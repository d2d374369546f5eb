/** Synthetic clusters: tenants with the policies of this platform, or with none. */
import type { NetworkInput, NetworkPod, NetworkPolicySource } from "../../policy-pack/analysis/reachability/network";

const system = "platform-system";

const named = (namespace: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
});

/** Policies of one tenant: default deny, DNS, its own pods, the platform's gateway and monitoring, one outside range. */
function tenantPolicies(namespace: string): NetworkPolicySource[] {
  const all = { podSelector: {} };
  const both = ["Ingress", "Egress"];
  const dns = { ...named("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } };
  const from = (app: string) => ({ ...named(system), podSelector: { matchLabels: { app } } });
  const ports = [
    { port: 53, protocol: "UDP" },
    { port: 53, protocol: "TCP" },
  ];
  const outside = { ipBlock: { cidr: "203.0.113.0/24", except: ["203.0.113.64/26"] } };
  return [
    { namespace, name: "default-deny", spec: { ...all, policyTypes: both } },
    { namespace, name: "allow-dns", spec: { ...all, policyTypes: ["Egress"], egress: [{ to: [dns], ports }] } },
    {
      namespace,
      name: "allow-same-tenant",
      spec: { ...all, policyTypes: both, ingress: [{ from: [all] }], egress: [{ to: [all] }] },
    },
    {
      namespace,
      name: "allow-ingress",
      spec: {
        podSelector: { matchLabels: { app: "ollama" } },
        policyTypes: ["Ingress"],
        ingress: [
          { from: [from("gateway")], ports: [{ port: "http" }] },
          { from: [from("monitoring")], ports: [{ port: 9090 }] },
        ],
      },
    },
    {
      namespace,
      name: "allow-egress",
      spec: { ...all, policyTypes: ["Egress"], egress: [{ to: [outside], ports: [{ port: 443 }] }] },
    },
  ];
}

function tenantPods(namespace: string): NetworkPod[] {
  const ports = [
    { name: "http", port: 8080 },
    { name: "metrics", port: 9090 },
  ];
  return [
    {
      id: `Deployment ${namespace}/ollama`,
      namespace,
      labels: { app: "ollama" },
      ports,
      openLabels: ["pod-template-hash"],
    },
    { id: `Deployment ${namespace}/client`, namespace, labels: { app: "client" }, ports: [] },
    { id: `Job ${namespace}/preload`, namespace, labels: { app: "preload" }, ports: [] },
    { id: `any pod in ${namespace}`, namespace, labels: {}, ports: [], arbitrary: true },
  ];
}

/** A cluster of `tenants` tenants with four kinds of pods each, and a platform with three. */
export function syntheticCluster(tenants: number, withPolicies = true): NetworkInput {
  const names = Array.from({ length: tenants }, (_, index) => `tenant-${index}`);
  const platformPod = (namespace: string, labels: Record<string, string>, port: number): NetworkPod => ({
    id: `Deployment ${namespace}/${Object.values(labels).join()}`,
    namespace,
    labels,
    ports: [{ port }],
  });
  return {
    namespaces: [
      { name: system, labels: {}, platform: true },
      { name: "kube-system", labels: {}, platform: true },
      ...names.map((name) => ({ name, labels: { "example.com/tenant": name }, tenant: name })),
    ],
    pods: [
      platformPod(system, { app: "gateway" }, 8080),
      platformPod(system, { app: "monitoring" }, 9090),
      platformPod("kube-system", { "k8s-app": "kube-dns" }, 53),
      ...names.flatMap(tenantPods),
    ],
    policies: withPolicies ? names.flatMap(tenantPolicies) : [],
    ranges: { pods: ["10.244.0.0/16"], services: ["10.96.0.0/16"], nodes: ["192.168.0.0/24"] },
  };
}

import { ADMIN, type Case, copy, create, type Loose, update } from "../support/acts";
import { OWN } from "./own";
import { DROPPED_IN_WORKSPACE } from "./workspace";

const ROUTES = "gateway.networking.k8s.io/v1";
const object = (apiVersion: string, kind: string, spec: object, namespace?: string): Loose => ({
  apiVersion,
  kind,
  metadata: { name: "mine", ...(namespace !== undefined && { namespace }) },
  spec,
});
const HOST = "finance.models.example.com";
const rule = (over: object = {}): object => ({ backendRefs: [{ name: "ollama", port: 11434, ...over }] });
const route = (hostnames: string[], rules: object[] = [rule()], namespace = "tenant-finance"): Loose =>
  object(ROUTES, "HTTPRoute", { hostnames, rules }, namespace);

/** Kinds that overrule network policies, each with the place where it may stand. */
const OVERRIDING: [apiVersion: string, kind: string, inNamespace: boolean][] = [
  ["cilium.io/v2", "CiliumNetworkPolicy", true],
  ["cilium.io/v2", "CiliumClusterwideNetworkPolicy", false],
  ["crd.projectcalico.org/v1", "NetworkPolicy", true],
  ["crd.projectcalico.org/v1", "GlobalNetworkPolicy", false],
  ["projectcalico.org/v3", "NetworkPolicy", true],
  ["projectcalico.org/v3", "GlobalNetworkPolicy", false],
  ["policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", false],
  ["policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", false],
  ["policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", false],
];

const scale = (resource: string, resourceVersion: string): Case => {
  const before = {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name: "mine", namespace: "tenant-hr" },
    spec: { replicas: 1 },
  };
  const over = { resource, resourceVersion, subresource: "scale" };
  return {
    title: `${resource} scaled by hand`,
    act: update(before, (one) => (one.spec.replicas = 5), over),
    twin: update(before, (one) => (one.metadata.labels = { note: "seen" }), over),
  };
};

/** Kinds that the local cluster does not have: the judge alone is asked. */
const UNSERVED: Case[] = [
  {
    title: "a route for a host that nobody declared",
    act: create(route(["other.example.com"])),
    twin: create(route([HOST])),
  },
  { title: "a route for every host", act: create(route([])), twin: create(route([HOST])) },
  {
    title: "a route for another tenant's host",
    act: create(route([HOST], [rule()], "tenant-hr")),
    twin: create(route([HOST])),
  },
  {
    title: "a route to another tenant's Service",
    act: create(route([HOST], [rule({ namespace: "tenant-hr" })])),
    twin: create(route([HOST], [rule({ namespace: "tenant-finance" })])),
  },
  { title: "a route to another port", act: create(route([HOST], [rule({ port: 8080 })])), twin: create(route([HOST])) },
  {
    title: "a route that copies requests elsewhere",
    act: create(route([HOST], [{ ...rule(), filters: [{ type: "RequestMirror" }] }])),
    twin: create(route([HOST], [{ ...rule(), filters: [] }])),
  },
  ...["GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute", "ReferenceGrant", "Gateway", "ListenerSet"].map(
    (kind): Case => ({
      title: `a ${kind} in a tenant's namespace`,
      act: create(object(ROUTES, kind, {}, "tenant-hr")),
      twin: create(object(ROUTES, kind, {}, "default")),
    }),
  ),
  {
    title: "a BackendTLSPolicy in a tenant's namespace",
    act: create(object(ROUTES, "BackendTLSPolicy", {}, "tenant-hr"), { resource: "backendtlspolicies" }),
    twin: create(object(ROUTES, "BackendTLSPolicy", {}, "default"), { resource: "backendtlspolicies" }),
  },
  ...["HTTPRoute", "GRPCRoute", "TLSRoute"].map((kind): Case => ({
    title: `a ${kind} elsewhere with a tenant's host`,
    act: create(object(ROUTES, kind, { hostnames: [HOST] }, "default")),
    twin: create(object(ROUTES, kind, { hostnames: ["shop.example.com"] }, "default")),
  })),
  ...OVERRIDING.map(([apiVersion, kind, inNamespace]): Case => {
    const open = object(apiVersion, kind, { ingress: [{}] }, inNamespace ? "tenant-hr" : undefined);
    const twin = inNamespace
      ? create(object(apiVersion, kind, { ingress: [{}] }, "default"))
      : update(open, (one) => (one.metadata.annotations = { note: "seen" }));
    return { title: `a ${kind} of ${apiVersion}`, act: create(open), twin };
  }),
  ...OVERRIDING.map(([apiVersion, kind, inNamespace]): Case => {
    const closed = object(apiVersion, kind, {}, inNamespace ? "tenant-hr" : undefined);
    return {
      title: `a ${kind} of ${apiVersion} that is opened`,
      act: update(closed, (one) => (one.spec.ingress = [{}])),
      twin: update(closed, (one) => (one.metadata.labels = { note: "seen" })),
    };
  }),
  scale("replicasets", "apps/v1"),
  scale("statefulsets", "apps/v1"),
  scale("replicationcontrollers", "v1"),
];

/** What may not be created may not come by a change either: from the twin to the act. */
function byChange({ title, act, twin }: Case): Case[] {
  const creates = act.operation === "CREATE" && twin.operation === "CREATE" && act.subresource === undefined;
  const samePlace = act.namespace === twin.namespace && act.name === twin.name && act.kind === twin.kind;
  const differs = JSON.stringify(act.object) !== JSON.stringify(twin.object);
  if (!creates || !samePlace || !differs || act.who !== ADMIN || twin.who !== ADMIN || act.name === "tenant-new")
    return [];
  const into =
    (object: Loose) =>
    (one: Loose): void => {
      for (const key of Object.keys(one)) delete one[key];
      Object.assign(one, copy(object));
    };
  return [
    {
      title: `${title}, by a change`,
      act: update(twin.object, into(act.object)),
      twin: update(twin.object, (one) => (one.metadata.labels = { ...one.metadata.labels, note: "seen" })),
    },
  ];
}

/** Acts that only the judge is asked about, made from others and beside them. */
export function derived(cases: Case[]): Case[] {
  return [...UNSERVED, ...OWN, ...DROPPED_IN_WORKSPACE, ...[...cases, ...UNSERVED].flatMap(byChange)];
}

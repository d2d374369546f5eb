import { describeRule, type Break } from "../breaks";
import type { PackSettings } from "../../../../policy-pack/settings/load";
import { find, settings, type Loose } from "../fixture";

function add(
  kind: string,
  apiVersion: string,
  spec: object,
  name = "extra",
  namespace: string | undefined = "tenant-hr",
) {
  return (objects: Loose[]) => objects.push({ apiVersion, kind, metadata: { name, namespace }, spec });
}

const service = (objects: Loose[]) => find(objects, "Service", "ollama", "tenant-hr").spec;
const SERVICE = "Service tenant-hr/ollama";
describeRule(
  "network/service-types",
  [
    ...["NodePort", "LoadBalancer", "ExternalName", "?"].map((type): Break => ({
      title: `type ${type}`,
      apply: (objects) => (service(objects).type = type),
      object: SERVICE,
      field: "spec.type",
    })),
    {
      title: "external addresses",
      apply: (objects) => (service(objects).externalIPs = ["203.0.113.9"]),
      object: SERVICE,
      field: "spec.externalIPs",
    },
    {
      title: "a load balancer's address",
      apply: (objects) => (service(objects).loadBalancerIP = "203.0.113.9"),
      object: SERVICE,
    },
  ],
  [{ title: "no type", apply: (objects) => delete service(objects).type }],
);

describeRule("network/endpoints", [
  { title: "a Service without selector", apply: (objects) => delete service(objects).selector, object: SERVICE },
  {
    title: "Endpoints by hand",
    apply: (objects) =>
      objects.push({
        apiVersion: "v1",
        kind: "Endpoints",
        metadata: { name: "x", namespace: "tenant-hr" },
        subsets: [],
      }),
    object: "Endpoints tenant-hr/x",
  },
  {
    title: "an EndpointSlice by hand",
    apply: (objects) =>
      objects.push({
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { name: "x", namespace: "tenant-hr" },
      }),
    object: "EndpointSlice tenant-hr/x",
  },
]);

/** The fixture's settings with facts of how hosts are served. */
const withIngress = (ingress: Partial<PackSettings["configuration"]["ingress"]>): PackSettings => ({
  ...settings,
  configuration: { ...settings.configuration, ingress: { ...settings.configuration.ingress, ...ingress } },
});
const listener = { namespace: "gateways", name: "public", sectionName: "https" };

const route = (spec: object) => add("HTTPRoute", "gateway.networking.k8s.io/v1", spec, "route");
describeRule(
  "network/routes",
  [
    {
      title: "a backend in another namespace",
      apply: route({ rules: [{ backendRefs: [{ name: "ollama", namespace: "tenant-finance", port: 80 }] }] }),
      object: "HTTPRoute tenant-hr/route",
      field: "spec.rules[0].backendRefs[0].namespace",
    },
    {
      title: "a mirror into another namespace",
      apply: route({
        rules: [{ filters: [{ requestMirror: { backendRef: { name: "x", namespace: "tenant-finance" } } }] }],
      }),
      object: "HTTPRoute tenant-hr/route",
    },
    {
      title: "a grant to another namespace",
      apply: add("ReferenceGrant", "gateway.networking.k8s.io/v1beta1", {
        from: [{ kind: "HTTPRoute", namespace: "tenant-finance" }],
      }),
      object: "ReferenceGrant tenant-hr/extra",
    },
    {
      title: "a backend of another kind",
      apply: route({ rules: [{ backendRefs: [{ group: "example.com", kind: "Bucket", name: "x" }] }] }),
      object: "HTTPRoute tenant-hr/route",
      field: "spec.rules[0].backendRefs[0].kind",
    },
    ...Object.entries({
      "a Service of another tenant as its parent": {
        ref: { group: "", kind: "Service", namespace: "tenant-finance", name: "ollama", sectionName: "https" },
        field: "kind",
      },
      "a Gateway of another tenant": { ref: { ...listener, namespace: "tenant-finance" }, field: "namespace" },
      "a Gateway of its own": { ref: { ...listener, namespace: undefined }, field: "namespace" },
      "every listener of a Gateway": { ref: { ...listener, sectionName: undefined }, field: "sectionName" },
    }).map(([title, { ref, field }]): Break => ({
      title,
      apply: route({ parentRefs: [ref] }),
      object: "HTTPRoute tenant-hr/route",
      field: `spec.parentRefs[0].${field}`,
    })),
    {
      title: "a listener that is not configured",
      apply: route({ parentRefs: [{ ...listener, sectionName: "plain" }] }),
      settings: withIngress({ listeners: [{ namespace: "gateways", gateway: "public", sectionName: "https" }] }),
      object: "HTTPRoute tenant-hr/route",
      field: "spec.parentRefs[0].name",
    },
    {
      title: "an Ingress of a class that is not configured",
      apply: add("Ingress", "networking.k8s.io/v1", { ingressClassName: "internal" }),
      settings: withIngress({ ingressClasses: ["nginx"] }),
      object: "Ingress tenant-hr/extra",
      field: "spec.ingressClassName",
    },
    {
      title: "an Ingress that leads to another kind of object",
      apply: add("Ingress", "networking.k8s.io/v1", {
        rules: [{ http: { paths: [{ backend: { resource: { kind: "Bucket", name: "x" } } }] } }],
      }),
      object: "Ingress tenant-hr/extra",
      field: "spec.rules[0].http.paths[0].backend.resource",
    },
  ],
  [
    { title: "a backend of its own", apply: route({ rules: [{ backendRefs: [{ name: "ollama", port: 80 }] }] }) },
    { title: "a listener of the platform", apply: route({ parentRefs: [listener] }) },
    {
      title: "the configured listener",
      apply: route({ parentRefs: [listener] }),
      settings: withIngress({ listeners: [{ namespace: "gateways", gateway: "public", sectionName: "https" }] }),
    },
    {
      title: "the configured class",
      apply: add("Ingress", "networking.k8s.io/v1", { ingressClassName: "nginx" }),
      settings: withIngress({ ingressClasses: ["nginx"] }),
    },
  ],
);

describeRule(
  "network/listeners",
  ["Gateway", "ListenerSet"].map((kind): Break => ({
    title: `a ${kind}`,
    apply: add(kind, "gateway.networking.k8s.io/v1", { listeners: [{ name: "https", hostname: "hr.example.com" }] }),
    object: `${kind} tenant-hr/extra`,
  })),
  [
    {
      title: "a Gateway of the platform",
      apply: add("Gateway", "gateway.networking.k8s.io/v1", { listeners: [] }, "public", "gateways"),
    },
  ],
);

const withTls = (tls: unknown) =>
  add("Ingress", "networking.k8s.io/v1", {
    rules: [{ host: "hr.example.com" }],
    ...(tls === undefined ? {} : { tls }),
  });
describeRule(
  "network/ingress-tls",
  Object.entries({
    "a host without TLS": undefined,
    "TLS of another host": [{ hosts: ["finance.example.com"], secretName: "ingress-tls" }],
    "TLS without a Secret": [{ hosts: ["hr.example.com"] }],
    "unknown TLS": "?",
  }).map(([title, tls]): Break => ({
    title,
    apply: withTls(tls),
    object: "Ingress tenant-hr/extra",
    field: "spec.rules[0].host",
  })),
  [{ title: "TLS of the host", apply: withTls([{ hosts: ["hr.example.com"], secretName: "ingress-tls" }]) }],
);

describeRule("network/overriding-policies", [
  ...["AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"].map((kind): Break => ({
    title: `a ${kind} that allows`,
    apply: add(
      kind,
      "policy.networking.k8s.io/v1alpha1",
      { ingress: [{ action: "Deny" }, { action: "Allow" }] },
      "extra",
      undefined,
    ),
    object: `${kind} extra`,
    field: "spec.ingress[1].action",
  })),
  {
    title: "unknown rules",
    apply: add("AdminNetworkPolicy", "policy.networking.k8s.io/v1alpha1", { egress: "?" }, "extra", undefined),
    object: "AdminNetworkPolicy extra",
  },
  {
    title: "a plug-in's cluster-wide policy",
    apply: (objects) =>
      objects.push({
        apiVersion: "cilium.io/v2",
        kind: "CiliumClusterwideNetworkPolicy",
        metadata: { name: "x", namespace: "kube-system" },
      }),
    object: "CiliumClusterwideNetworkPolicy kube-system/x",
  },
]);

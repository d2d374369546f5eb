import assert from "node:assert/strict";
import { describeRule, type Break } from "../breaks";
import type { PackSettings } from "../../../../policy-pack/settings/load";
import { compliantObjects, find, settings, violationsOf, type Loose } from "../fixture";

function add(
  kind: string,
  apiVersion: string,
  spec: object,
  name = "extra",
  namespace: string | undefined = "tenant-hr",
) {
  return (objects: Loose[]) => objects.push({ apiVersion, kind, metadata: { name, namespace }, spec });
}

/** The fixture's settings with facts of how hosts are served. */
const withIngress = (ingress: Partial<PackSettings["configuration"]["ingress"]>): PackSettings => ({
  ...settings,
  configuration: { ...settings.configuration, ingress: { ...settings.configuration.ingress, ...ingress } },
});
const route = (spec: object) => add("HTTPRoute", "gateway.networking.k8s.io/v1", spec, "route");

const annotated =
  (key: string, value: string, kind = "Ingress", apiVersion = "networking.k8s.io/v1") =>
  (objects: Loose[]) =>
    objects.push({
      apiVersion,
      kind,
      metadata: { name: "web", namespace: "tenant-hr", annotations: { [key]: value } },
      spec: kind === "Service" ? { selector: { app: "ollama" } } : {},
    });
const refused = (key: string, value: string, kind?: string, apiVersion?: string): Break => ({
  title: `${key} on ${kind ?? "Ingress"}`,
  apply: annotated(key, value, kind, apiVersion),
  object: `${kind ?? "Ingress"} tenant-hr/web`,
  field: `metadata.annotations["${key}"]`,
});
const publishing = {
  "external-dns.alpha.kubernetes.io/hostname": "finance.example.com",
  "external-dns.alpha.kubernetes.io/target": "203.0.113.9",
  "tailscale.com/expose": "true",
  "dns.alpha.kubernetes.io/external": "finance.example.com",
};
const kinds: [kind: string, apiVersion: string][] = [
  ["Ingress", "networking.k8s.io/v1"],
  ["Service", "v1"],
  ...["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"].map((kind): [string, string] => [
    kind,
    "gateway.networking.k8s.io/v1",
  ]),
  ["Pod", "v1"],
  ["ConfigMap", "v1"],
];

describeRule(
  "network/ingress-annotations",
  [
    ...Object.entries({
      "nginx.ingress.kubernetes.io/server-alias": "finance.example.com",
      "nginx.ingress.kubernetes.io/mirror-target": "https://elsewhere.example.com",
      "nginx.ingress.kubernetes.io/configuration-snippet": "proxy_pass http://tenant-finance;",
      "nginx.ingress.kubernetes.io/auth-tls-secret": "tenant-finance/client-ledger",
      "nginx.ingress.kubernetes.io/proxy-body-size": "1m; } location /x { proxy_pass http://tenant-finance",
      "kubernetes.io/ingress.class": "other",
      "kubernetes.io/ingress.allow-http": "true",
      team: "hr",
    }).map(([key, value]) => refused(key, value)),
    ...kinds.flatMap(([kind, apiVersion]) =>
      Object.entries(publishing).map(([key, value]) => refused(key, value, kind, apiVersion)),
    ),
    refused("metallb.io/address-pool", "public", "Service", "v1"),
    refused("service.beta.kubernetes.io/aws-load-balancer-type", "external", "Service", "v1"),
    // Of controllers that are known, and of unknown ones whose keys say what they do.
    ...[
      "cloud.google.com/neg",
      "networking.gke.io/load-balancer-type",
      "io.cilium/global-service",
      "service.cilium.io/global",
      "getambassador.io/config",
      "konghq.com/plugins",
      "haproxy.org/server-ssl",
      "networking.istio.io/exportTo",
      "mirror.linkerd.io/exported",
      "skupper.io/proxy",
      "k8s.ngrok.com/url",
      "ingress.kubernetes.io/auth-url",
      "example.com/exportTo",
      "example.com/expose",
      "lb.example.com/address",
      "dns-controller.example.com/names",
      "example.com/load-balancer-class",
    ].map((key) => refused(key, "x", "Service", "v1")),
    refused("konghq.com/plugins", "x", "HTTPRoute", "gateway.networking.k8s.io/v1"),
    {
      title: "a publishing annotation of a Deployment's pods",
      apply: (objects) =>
        (find(objects, "Deployment", "ollama", "tenant-hr").spec.template.metadata.annotations = {
          "external-dns.alpha.kubernetes.io/hostname": "finance.example.com",
        }),
      object: "Deployment tenant-hr/ollama",
      field: 'spec.template.metadata.annotations["external-dns.alpha.kubernetes.io/hostname"]',
    },
  ],
  [
    { title: "streams without buffers", apply: annotated("nginx.ingress.kubernetes.io/proxy-buffering", "off") },
    { title: "the engine's own", apply: annotated("pulumi.com/skipAwait", "true") },
    { title: "no plain HTTP", apply: annotated("kubernetes.io/ingress.allow-http", "false") },
    ...["team", "example.com/team", "backstage.io/component", "a8r.io/owner", "checksum.example.com/albums"].map(
      (key) => ({
        title: `the note ${key} on a Service`,
        apply: annotated(key, "hr", "Service", "v1"),
      }),
    ),
    {
      title: "a note on a route",
      apply: annotated("example.com/team", "hr", "HTTPRoute", "gateway.networking.k8s.io/v1"),
    },
    { title: "a Service that is scraped", apply: annotated("prometheus.io/scrape", "true", "Service", "v1") },
    { title: "a note on a ConfigMap", apply: annotated("example.com/team", "hr", "ConfigMap", "v1") },
    {
      title: "a Service of the platform",
      apply: (objects) => {
        annotated("external-dns.alpha.kubernetes.io/hostname", "www.example.com", "Service", "v1")(objects);
        find(objects, "Service", "web").metadata.namespace = "ingress-nginx";
      },
    },
  ],
);

const paths = (path: unknown, pathType: string) =>
  add("Ingress", "networking.k8s.io/v1", {
    rules: [{ host: "hr.example.com", http: { paths: [{ path, pathType }] } }],
  });
const matching = (path: object) => route({ hostnames: ["hr.example.com"], rules: [{ matches: [{ path }] }] });
describeRule(
  "network/route-paths",
  [
    ...["Exact", "Prefix", "ImplementationSpecific"].flatMap((pathType) =>
      [
        "/x{",
        "/x}",
        "/x;",
        "/x\nproxy_pass http://tenant-finance",
        "/x\r",
        "/x y",
        '/x"',
        "/$host",
        "/(.*)",
        "/x\\",
        "/x#y",
        "x",
        "?",
      ].map((path): Break => ({
        title: `the path ${JSON.stringify(path)} of type ${pathType}`,
        apply: paths(path, pathType),
        object: "Ingress tenant-hr/extra",
        field: "spec.rules[0].http.paths[0].path",
      })),
    ),
    ...["/x{", "/x;y", "/x\ny"].flatMap((value) =>
      ["Exact", "PathPrefix", "RegularExpression"].map((type): Break => ({
        title: `a route's path ${JSON.stringify(value)} of type ${type}`,
        apply: matching({ type, value }),
        object: "HTTPRoute tenant-hr/route",
        field: "spec.rules[0].matches[0].path.value",
      })),
    ),
    {
      title: "a route's rewritten path",
      apply: route({ rules: [{ filters: [{ urlRewrite: { path: { replaceFullPath: "/a;b" } } }] }] }),
      object: "HTTPRoute tenant-hr/route",
    },
  ],
  [
    ...["/", "/v1/chat", "/api/*", "/a%20b", "/a-b_c.d~e"].flatMap((path) =>
      ["Prefix", "ImplementationSpecific"].map((type) => ({
        title: `the path ${path} of type ${type}`,
        apply: paths(path, type),
      })),
    ),
    { title: "no path", apply: paths(undefined, "ImplementationSpecific") },
    { title: "a route's plain path", apply: matching({ type: "PathPrefix", value: "/v1" }) },
    { title: "a repetition", apply: matching({ type: "RegularExpression", value: "/v[0-9]{1,2}/.*" }) },
    { title: "header values of a route", apply: route({ rules: [{ matches: [{ headers: [{ value: "a;b" }] }] }] }) },
  ],
);

const ingress = (host: string | undefined, namespace = "tenant-hr", name = "web") =>
  add("Ingress", "networking.k8s.io/v1", { rules: [{ host }] }, name, namespace);
describeRule(
  "network/host-names",
  [
    {
      title: "one name of two tenants",
      apply: (objects) => {
        ingress("ai.example.com", "tenant-finance")(objects);
        ingress("AI.example.com", "tenant-hr")(objects);
      },
      object: "Ingress tenant-hr/web",
    },
    {
      title: "one name that two tenants spell differently",
      apply: (objects) => {
        ingress("ai.example.com", "tenant-finance")(objects);
        ingress("ai.example.com.", "tenant-hr")(objects);
      },
      object: "Ingress tenant-hr/web",
    },
    {
      title: "a name outside the domain of the environment",
      apply: ingress("hr.models.example.org"),
      settings: withIngress({ domains: ["models.example.com"] }),
      object: "Ingress tenant-hr/web",
      field: "spec.rules[0].host",
    },
    {
      title: "a name that only ends like the domain",
      apply: ingress("hr.othermodels.example.com"),
      settings: withIngress({ domains: ["models.example.com"] }),
      object: "Ingress tenant-hr/web",
    },
    ...["default", "developer-portal"].map((namespace): Break => ({
      title: `a tenant's name in an Ingress of ${namespace}`,
      apply: (objects) => {
        ingress("AI.example.com", namespace)(objects);
        ingress("ai.example.com", "tenant-hr")(objects);
      },
      object: `Ingress ${namespace}/web`,
      field: "spec.rules[0].host",
    })),
    { title: "every name", apply: ingress(undefined), object: "Ingress tenant-hr/web" },
    { title: "a wildcard", apply: ingress("*.example.com"), object: "Ingress tenant-hr/web" },
    {
      title: "a default backend",
      apply: add("Ingress", "networking.k8s.io/v1", { defaultBackend: {} }),
      object: "Ingress tenant-hr/extra",
    },
    { title: "a route without names", apply: route({}), object: "HTTPRoute tenant-hr/route" },
  ],
  [
    {
      title: "a name below the domain of the environment",
      apply: ingress("HR.models.example.com"),
      settings: withIngress({ domains: ["models.example.com"] }),
    },
    {
      title: "other names, and none, in other namespaces",
      apply: (objects) => {
        ingress("ai.example.com", "tenant-hr")(objects);
        ingress("www.example.com", "default")(objects);
        ingress(undefined, "default", "rest")(objects);
      },
    },
    {
      title: "two names, and one tenant using its name twice",
      apply: (objects) => {
        ingress("hr.example.com")(objects);
        ingress("hr.example.com", "tenant-hr", "second")(objects);
        ingress("finance.example.com", "tenant-finance")(objects);
      },
    },
  ],
);

const withTls = (hosts: unknown, host = "hr.example.com", namespace = "tenant-hr", name = "secure") =>
  add("Ingress", "networking.k8s.io/v1", { rules: [{ host }], tls: [{ hosts, secretName: "tls" }] }, name, namespace);
const finance = ingress("finance.example.com", "tenant-finance");

describeRule(
  "network/host-names",
  [
    ...[true, false].map((first): Break => ({
      title: `a certificate for another tenant's name, ${first ? "before" : "after"} its own Ingress`,
      apply: (objects) => {
        if (!first) finance(objects);
        withTls(["hr.example.com", "Finance.example.com"])(objects);
        if (first) finance(objects);
      },
      object: "Ingress tenant-hr/secure",
      field: "spec.tls[0].hosts[1]",
    })),
    {
      title: "a certificate for every name of a domain, another tenant's included",
      apply: (objects) => {
        finance(objects);
        withTls(["*.example.com"])(objects);
      },
      object: "Ingress tenant-hr/secure",
      field: "spec.tls[0].hosts[0]",
    },
    { title: "a certificate for unknown names", apply: withTls("?"), object: "Ingress tenant-hr/secure" },
    {
      title: "a certificate outside the domain of the environment",
      apply: withTls(["hr.example.org"], "hr.models.example.com"),
      settings: withIngress({ domains: ["models.example.com"] }),
      object: "Ingress tenant-hr/secure",
      field: "spec.tls[0].hosts[0]",
    },
    {
      title: "a tenant's name in a certificate of another namespace",
      apply: (objects) => {
        finance(objects);
        withTls(["finance.example.com"], "www.example.com", "default")(objects);
      },
      object: "Ingress default/secure",
      field: "spec.tls[0].hosts[0]",
    },
  ],
  [
    { title: "a certificate for its own name", apply: withTls(["hr.example.com"]) },
    { title: "a certificate for names that are nobody's", apply: withTls(["*.hr.example.com", "old.example.com"]) },
  ],
);

describe("network/host-names", () => {
  const messages = (change: (objects: Loose[]) => void) => {
    const objects = compliantObjects();
    finance(objects);
    change(objects);
    return violationsOf(objects, "network/host-names").map(({ object, message }) => `${object} ${message}`);
  };

  it("names whose name a wildcard, a default backend or a certificate answers for", () => {
    assert.deepEqual(messages(ingress("*.example.com")), [
      'Ingress tenant-hr/web is "*.example.com", which also answers for finance.example.com of tenant finance.',
    ]);
    assert.match(messages(ingress(undefined)).join(), /answers for finance\.example\.com of tenant finance/);
    assert.match(
      messages(withTls(["finance.example.com"])).join(),
      /tenant-hr\/secure is .*, which tenant finance already uses/,
    );
  });

  it("says of a wildcard elsewhere no more than it knows", () => {
    assert.match(messages(ingress("*.example.org")).join(), /names that belong to other tenants/);
  });
});

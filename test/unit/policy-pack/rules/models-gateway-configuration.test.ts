import { GatewayInput, gatewayFiles, BOOTSTRAP_FILE, CONFIG_ARCHIVE } from "../../../../components/gateway";
import { packed } from "../../../../components/gateway/archive";
import { describeRule } from "../breaks";
import { find, hrPod, type Loose } from "../fixture";

const CONFIG_MAP = "ConfigMap tenant-hr/gateway-config";
const FIELD = `binaryData["${CONFIG_ARCHIVE}"]`;
const input = (changes: Partial<GatewayInput>): GatewayInput => ({ tenant: "hr", models: [], clients: [], ...changes });
const accepting = input({
  tokens: {
    issuer: "https://issuer.example.com",
    audience: "ollama.tenant-hr.svc",
    keys: [{ kty: "RSA", kid: "one", n: "n", e: "AQAB" }],
  },
});

const asArchive = (text: string): object => ({
  binaryData: { [CONFIG_ARCHIVE]: packed({ [BOOTSTRAP_FILE]: text }).toString("base64") },
});
const asText = (text: string): object => ({ data: { [BOOTSTRAP_FILE]: text } });

/** Mounts the start-up configuration that the gateway's builder makes, after a change to it. */
function mount(
  objects: Loose[],
  from: GatewayInput,
  change: (bootstrap: Loose) => void = () => {},
  content = asArchive,
): void {
  const bootstrap = JSON.parse(gatewayFiles(from).config[BOOTSTRAP_FILE] ?? "") as Loose;
  change(bootstrap);
  objects.push({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "gateway-config", namespace: "tenant-hr" },
    immutable: true,
    ...content(JSON.stringify(bootstrap)),
  });
  hrPod(objects).volumes.push({ name: "config", configMap: { name: "gateway-config" } });
}

const door = (bootstrap: Loose) => bootstrap.static_resources.listeners[0];
const manager = (bootstrap: Loose) => door(bootstrap).filter_chains[0].filters[0].typed_config;
const audience = (bootstrap: Loose) =>
  manager(bootstrap).http_filters.find(({ name }: Loose) => name === "gateway.audience").typed_config.rules;
const named = (bootstrap: Loose) =>
  audience(bootstrap).policies["no-token-or-the-tenants"].principals[1].sourced_metadata.metadata_matcher.value
    .list_match.one_of.string_match;

/** Writes the provider down in the start-up configuration, as a gateway without a file for it would. */
function inline(bootstrap: Loose, provider: object): void {
  const filters = manager(bootstrap).http_filters as Loose[];
  filters[0] = {
    name: "envoy.filters.http.jwt_authn",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
      providers: { cluster: provider },
    },
  };
}

const tokens = (title: string, change: (bootstrap: Loose) => void) => ({
  title,
  apply: (o: Loose[]) => mount(o, accepting, change),
  object: CONFIG_MAP,
  field: FIELD,
});
const own = { issuer: "https://issuer.example.com", audiences: ["ollama.tenant-hr.svc"] };

describeRule(
  "models/gateway-tokens",
  [
    tokens("another tenant's audience", (b) => (named(b).exact = "ollama.tenant-finance.svc")),
    tokens("the API server's audience", (b) => (named(b).exact = "https://kubernetes.default.svc")),
    tokens("a host that only ends like the tenant's", (b) => (named(b).exact = "x.ollama.tenant-hr.svc")),
    tokens("a host that only begins like the tenant's", (b) => (named(b).exact = "ollama.tenant-hr.svc.example.com")),
    tokens("any audience that begins with the tenant's", (b) => {
      named(b).prefix = named(b).exact;
      delete named(b).exact;
    }),
    tokens("no filter that demands an audience", (b) => {
      manager(b).http_filters = manager(b).http_filters.filter(({ name }: Loose) => name !== "gateway.audience");
    }),
    tokens("the demand before the tokens are verified", (b) => {
      const filters = manager(b).http_filters as Loose[];
      filters.unshift(...filters.splice(3, 1));
    }),
    tokens("the demand turned round", (b) => (audience(b).action = "DENY")),
    tokens("a provider for another tenant", (b) => inline(b, { ...own, audiences: ["ollama.tenant-finance.svc"] })),
    tokens("a provider for this tenant and another", (b) =>
      inline(b, { ...own, audiences: [...own.audiences, "ollama.tenant-finance.svc"] }),
    ),
    tokens("a provider without audience", (b) => inline(b, { issuer: own.issuer })),
    tokens("a provider without issuer", (b) => inline(b, { audiences: own.audiences })),
    {
      title: "another tenant's audience in a file that lies open",
      apply: (o: Loose[]) => mount(o, accepting, (b) => (named(b).exact = "ollama.tenant-finance.svc"), asText),
      object: CONFIG_MAP,
      field: 'data["bootstrap.json"]',
    },
  ],
  [
    { title: "the tenant's own audience", apply: (o) => mount(o, accepting) },
    { title: "a provider for the tenant's own audience", apply: (o) => mount(o, accepting, (b) => inline(b, own)) },
    { title: "a gateway without tokens", apply: (o) => mount(o, input({})) },
  ],
);

const encrypted = (title: string, change: (bootstrap: Loose) => void) => ({
  title,
  apply: (o: Loose[]) => mount(o, input({ tls: true }), change),
  object: CONFIG_MAP,
  field: FIELD,
});
const announced = (objects: Loose[]) =>
  (find(objects, "Service", "ollama", "tenant-hr").spec.ports[0].appProtocol = "https");
const context = (bootstrap: Loose) => door(bootstrap).filter_chains[0].transport_socket.typed_config;
const plainTwin = (bootstrap: Loose) => {
  const twin = structuredClone(door(bootstrap));
  delete twin.filter_chains[0].transport_socket;
  return twin;
};

describeRule(
  "models/gateway-tls",
  [
    encrypted("a plain listener beside the encrypted one", (b) => {
      b.static_resources.listeners.push({ ...plainTwin(b), name: "twin" });
    }),
    encrypted("a plain listener that names the server itself", (b) => {
      const twin = plainTwin(b);
      const connections = twin.filter_chains[0].filters[0].typed_config;
      delete connections.rds;
      connections.route_config = { virtual_hosts: [{ routes: [{ route: { cluster: "ollama" } }] }] };
      b.static_resources.listeners.push(twin);
    }),
    encrypted("a listener that passes bytes on to the server", (b) => {
      const filter = { name: "envoy.filters.network.tcp_proxy", typed_config: { cluster: "ollama" } };
      b.static_resources.listeners.push({
        name: "bytes",
        address: { socket_address: { address: "0.0.0.0", port_value: 8081 } },
        filter_chains: [{ filters: [filter] }],
      });
    }),
    encrypted("a plain chain in the encrypted listener", (b) => {
      door(b).filter_chains.push(plainTwin(b).filter_chains[0]);
    }),
    encrypted("a plain chain for what fits no other", (b) => {
      door(b).default_filter_chain = plainTwin(b).filter_chains[0];
    }),
    encrypted("listeners from elsewhere", (b) => (b.dynamic_resources = { lds_config: {} })),
    encrypted("TLS 1.0", (b) => (context(b).common_tls_context.tls_params.tls_minimum_protocol_version = "TLSv1_0")),
    encrypted("TLS 1.1", (b) => (context(b).common_tls_context.tls_params.tls_minimum_protocol_version = "TLSv1_1")),
    {
      title: "a plain door behind a Service that says https",
      apply: (o) => {
        mount(o, input({}));
        announced(o);
      },
      object: CONFIG_MAP,
      field: FIELD,
    },
  ],
  [
    { title: "a gateway with TLS", apply: (o) => mount(o, input({ tls: true })) },
    {
      title: "a gateway with TLS behind a Service that says https",
      apply: (o) => {
        mount(o, input({ tls: true }));
        announced(o);
      },
    },
    { title: "a gateway without TLS that promises none", apply: (o) => mount(o, input({})) },
    {
      title: "a plain listener on the loopback address",
      apply: (o) =>
        mount(o, input({ tls: true }), (b) => {
          const twin = plainTwin(b);
          twin.address.socket_address.address = "127.0.0.1";
          b.static_resources.listeners.push(twin);
        }),
    },
  ],
);

import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ClientSpec, PlatformSpec, ServiceAccountIssuerSpec } from "../../../components/spec/index";
import { planClientSecret } from "../../../components/plan/tenant/client-secret";
import {
  planGatewayConfig,
  planGatewayPolicy,
  planGatewayTokens,
  type ClientKeyHashes,
} from "../../../components/plan/server/gateway";
import type { Deployment, PodSpec, Service } from "../../../components/plan/kubernetes";
import type { Tenant } from "../../../components/spec/tenant";
import type { TenantPlan } from "../../../components/plan/tenant/tenant";
import { changed, faultsOf, find, planOf, planWith } from "./fixture";

const hash = (key: string) => createHash("sha256").update(key).digest("hex");
const KEYS: ClientKeyHashes[] = [
  { client: "ledger", keySha256: [hash("ledger 2"), hash("ledger 1")] },
  { client: "analysts", keySha256: [hash("analysts 1")] },
];

/** What the gateway's guard looks up, by key. */
function lookups(tenant: Tenant, keys = KEYS): Record<string, Record<string, unknown>> {
  const [text = ""] = Object.values(planGatewayPolicy(tenant, keys).data);
  const [routes] = (JSON.parse(Buffer.from(text, "base64").toString()) as PolicyFile).resources;
  const contexts = Object.values(routes?.virtual_hosts[0]?.typed_per_filter_config ?? {});
  return Object.assign({}, ...contexts.map(({ filter_context }) => filter_context)) as Record<
    string,
    Record<string, unknown>
  >;
}

/** Most tokens that one request of a client may generate, as the gateway's record of the client says. */
const tokensOf = (client?: Record<string, unknown>) => (client?.["limits"] as { max_tokens?: number }).max_tokens;

function serverPod(plan: TenantPlan): PodSpec {
  return find<Deployment>(plan, "Deployment", "ollama").spec.template.spec as PodSpec;
}

interface PolicyFile {
  resources: { virtual_hosts: { typed_per_filter_config: Record<string, { filter_context: object }> }[] }[];
}

/** Hashes of the accepted keys, sorted. */
function accepted(tenant: Tenant, keys = KEYS): string[] {
  return Object.keys(lookups(tenant, keys))
    .filter((name) => name.startsWith("k_"))
    .map((name) => name.slice(2))
    .sort();
}

function withClients(...clients: ClientSpec[]) {
  return changed("hr", (tenant) => {
    tenant.access = { clients };
  });
}

describe("Keys of a tenant's clients", () => {
  it("are those of the current number and the one before", () => {
    const generations = (client: ClientSpec) =>
      planOf("hr", withClients(client)).tenant.access.clients[0]?.keyGenerations;
    assert.deepEqual(generations({ name: "portal" }), [1]);
    assert.deepEqual(generations({ name: "portal", keyGeneration: 2 }), [2, 1]);
    assert.deepEqual(generations({ name: "portal", keyGeneration: 7 }), [7, 6]);
    assert.deepEqual(generations({ name: "portal", keyGeneration: 7, acceptPreviousKey: false }), [7]);
  });

  it("are accepted by their hashes, each for its own client", () => {
    const { tenant } = planOf("finance");
    assert.deepEqual(accepted(tenant), KEYS.flatMap(({ keySha256 }) => keySha256).sort());
    assert.equal(lookups(tenant)[`k_${hash("ledger 1")}`]?.["name"], "ledger");
    assert.equal(lookups(tenant)[`k_${hash("analysts 1")}`]?.["name"], "analysts");
  });

  it("are not accepted in a suspended tenant, nor from clients that are not declared", () => {
    const suspended = planWith("finance", (tenant) => {
      tenant.suspended = true;
    });
    assert.deepEqual(accepted(suspended.tenant), []);
    const without = planWith("finance", (tenant) => {
      tenant.access = { clients: [{ name: "analysts" }] };
    });
    assert.deepEqual(accepted(without.tenant), [hash("analysts 1")]);
    assert.deepEqual(accepted(planOf("hr").tenant), []);
  });

  it("come with the client's models, limits and end", () => {
    const { tenant } = planOf("finance");
    const records = lookups(tenant);
    const ledger = records[`k_${hash("ledger 2")}`];
    assert.deepEqual(
      [ledger?.["all_models"], ledger?.["requests_per_minute"], ledger?.["max_concurrent"], ledger?.["expires"]],
      [false, 60, 4, undefined],
    );
    assert.ok("g_ledger registry.ollama.ai/library/llama3.1:8b" in records);
    assert.ok(!("g_ledger registry.ollama.ai/library/nomic-embed-text:latest" in records));
    const analysts = records[`k_${hash("analysts 1")}`];
    assert.deepEqual([analysts?.["all_models"], tokensOf(analysts)], [true, 1024]);
    assert.equal(analysts?.["expires"], Date.parse("2027-02-01T00:00:00Z") / 1000);
  });

  it("leave no trace in the start-up files, so that a new key needs no new pod", () => {
    const plain = planWith("finance", (tenant) => {
      tenant.access = {};
    });
    assert.deepEqual(planGatewayConfig(planOf("finance").tenant), planGatewayConfig(plain.tenant));
  });

  it("are given to the client in a Secret of its tenant's namespace, with the URL", () => {
    const { metadata, data } = planClientSecret(planOf("finance").tenant, "ledger", "the key");
    assert.deepEqual([metadata.name, metadata.namespace], ["client-ledger", "tenant-finance"]);
    const texts = Object.entries(data).map(([name, value]) => [name, Buffer.from(value, "base64").toString()]);
    assert.deepEqual(Object.fromEntries(texts), {
      OLLAMA_HOST: "http://ollama.tenant-finance.svc:11434",
      OLLAMA_API_KEY: "the key",
    });
  });
});

/** The fixture with an issuer of tokens, whose tenant finance has these clients. */
function withIssuer(...clients: ClientSpec[]): PlatformSpec {
  const spec = changed("finance", (tenant) => {
    tenant.access = { clients };
  });
  spec.cluster = { ...spec.cluster, serviceAccountIssuer: issuer() };
  return spec;
}

const issuer = (): ServiceAccountIssuerSpec => ({
  url: "https://issuer.example.com",
  jwks: { keys: [{ kty: "RSA", kid: "one", alg: "RS256", use: "sig", n: "n".repeat(342), e: "AQAB" }] },
});
const assistant: ClientSpec = { name: "assistant", serviceAccount: { namespace: "finance-apps", name: "assistant" } };

describe("Clients with a ServiceAccount", () => {
  const subject = "s_system:serviceaccount:finance-apps:assistant";

  it("are known by the subject of their tokens, with their limits, and have no key", () => {
    const { tenant } = planOf("finance", withIssuer({ ...assistant, maxTokens: 10 }, { name: "ledger" }));
    const records = lookups(tenant);
    assert.deepEqual([records[subject]?.["name"], tokensOf(records[subject])], ["assistant", 10]);
    assert.deepEqual(accepted(tenant), [hash("ledger 1"), hash("ledger 2")].sort());
    const client = tenant.access.clients.find(({ name }) => name === "assistant");
    assert.deepEqual(client?.keyGenerations, []);
  });

  it("are told to the gateway by a Secret of its own: issuer, keys, and an audience that no other tenant has", () => {
    const plan = planOf("finance", withIssuer(assistant));
    const [secret] = planGatewayTokens(plan.tenant);
    const text = Buffer.from(Object.values(secret?.data ?? {})[0] ?? "", "base64").toString();
    assert.match(text, /"audiences":\["ollama\.tenant-finance\.svc"\]/);
    assert.match(text, /"issuer":"https:\/\/issuer\.example\.com"/);
    const [container] = serverPod(plan).containers;
    assert.ok(container?.volumeMounts?.some(({ mountPath }) => mountPath === "/etc/gateway/tokens"));
    assert.ok(serverPod(plan).volumes?.some(({ secret: from }) => from?.secretName === secret?.metadata.name));
    assert.equal(plan.output.tokenAudience, "ollama.tenant-finance.svc");
    assert.deepEqual(plan.output.clients, [], "nobody can ask the platform for a key that there is not");
  });

  it("leave a tenant that has none as it is: no Secret, no volume, no audience", () => {
    const plan = planOf("finance", withIssuer({ name: "ledger" }));
    assert.deepEqual(planGatewayTokens(plan.tenant), []);
    assert.deepEqual(
      serverPod(plan),
      serverPod(planWith("finance", (t) => (t.access = { clients: [{ name: "ledger" }] }))),
    );
    assert.equal(plan.output.tokenAudience, undefined);
  });

  it("change the start-up files when the first comes, and not when keys of the issuer change", () => {
    const spec = withIssuer(assistant);
    const before = planOf("finance", spec).tenant;
    const rotated = issuer();
    rotated.jwks.keys.push({ kty: "EC", kid: "two", crv: "P-256", x: "x", y: "y" });
    const after = planOf("finance", { ...spec, cluster: { ...spec.cluster, serviceAccountIssuer: rotated } }).tenant;
    assert.deepEqual(planGatewayConfig(after), planGatewayConfig(before));
    assert.notDeepEqual(planGatewayTokens(after), planGatewayTokens(before));
    assert.notDeepEqual(planGatewayConfig(planOf("finance").tenant), planGatewayConfig(before));
  });

  it("are not let into a suspended tenant", () => {
    const spec = withIssuer(assistant);
    for (const tenant of spec.tenants) tenant.suspended = true;
    assert.equal(lookups(planOf("finance", spec).tenant)[subject], undefined);
    assert.ok(subject in lookups(planOf("finance", withIssuer(assistant)).tenant), "the control");
  });

  for (const [place, client, problem] of [
    [
      "serviceAccount.namespace",
      { ...assistant, serviceAccount: { namespace: "Apps", name: "a" } },
      /the name of an? (namespace|object)/,
    ],
    [
      "serviceAccount.namespace",
      { ...assistant, serviceAccount: { namespace: "tenant-hr", name: "a" } },
      /another tenant's/,
    ],
    [
      "serviceAccount.name",
      { ...assistant, serviceAccount: { namespace: "apps", name: "a:b" } },
      /the name of an? (namespace|object)/,
    ],
    ["keyGeneration", { ...assistant, keyGeneration: 2 }, /has none: .*: remove one of the two/],
    ["acceptPreviousKey", { ...assistant, acceptPreviousKey: true }, /has none: .*: remove one of the two/],
  ] satisfies [string, ClientSpec, RegExp][]) {
    it(`are refused with a faulty ${place}: ${JSON.stringify(client)}`, () => {
      const faults = faultsOf(withIssuer(client));
      assert.equal(faults.length, 1, faults.join("\n"));
      assert.ok(faults[0]?.startsWith(`tenant finance: access.clients[0].${place}: `), faults[0]);
      assert.match(faults[0] ?? "", problem);
    });
  }

  it("may be accounts of the tenant's own namespace", () => {
    const own = { ...assistant, serviceAccount: { namespace: "tenant-finance", name: "batch" } };
    assert.deepEqual(faultsOf(withIssuer(own)), []);
  });

  it("are refused when two share an account, and where the environment names no issuer", () => {
    assert.match(
      faultsOf(withIssuer(assistant, { ...assistant, name: "second" })).join(),
      /access\.clients\[1\]\.serviceAccount: is the ServiceAccount of an earlier client/,
    );
    assert.match(
      faultsOf(withClients(assistant)).join(),
      /access\.clients\[0\]\.serviceAccount: needs the issuer of the cluster's tokens/,
    );
  });

  it("are refused with an issuer's keys that are private, weak, incomplete or of one name, all at once", () => {
    const spec = withIssuer(assistant);
    const [key] = issuer().jwks.keys;
    assert.ok(key);
    const keys = [
      { ...key, d: "private" },
      { ...key, kid: "two", n: "short" },
      { ...key, kid: "three", n: undefined },
      { kty: "EC", kid: "four", crv: "P-256", x: "x" } as const,
      { ...key },
    ];
    spec.cluster = { ...spec.cluster, serviceAccountIssuer: { url: "http://issuer", jwks: { keys } } };
    const faults = faultsOf(spec);
    const places = faults.map((fault) => fault.replace(/^.*serviceAccountIssuer\./, "").replace(/: .*$/, ""));
    assert.deepEqual(places.sort(), [
      "jwks.keys[0].d",
      "jwks.keys[1].n",
      "jwks.keys[2].n",
      "jwks.keys[3].y",
      "jwks.keys[4].kid",
      "url",
    ]);
    assert.ok(!faults.join().includes('private"'), "a private key is not repeated");
  });
});

describe("A gateway with TLS", () => {
  const encrypted = () =>
    planWith("finance", (tenant) => {
      tenant.server = { ...tenant.server, tls: { secretName: "finance-tls" } };
    });

  it("mounts certificate and key of the Secret, and nothing else of it", () => {
    const pod = serverPod(encrypted());
    const volume = pod.volumes?.find(({ secret }) => secret?.secretName === "finance-tls");
    assert.deepEqual(
      volume?.secret?.items?.map(({ key }) => key),
      ["tls.crt", "tls.key"],
    );
    assert.equal(volume?.secret?.defaultMode, 0o440);
    const mounting = [...(pod.initContainers ?? []), ...pod.containers].filter(({ volumeMounts }) =>
      volumeMounts?.some(({ name }) => name === volume?.name),
    );
    assert.deepEqual(
      mounting.map(({ name }) => name),
      ["gateway"],
    );
  });

  it("is probed, offered and addressed by https, at the same ports", () => {
    const plan = encrypted();
    const [gateway] = serverPod(plan).containers;
    assert.deepEqual(gateway?.ports?.[0], { name: "https", containerPort: 8080, protocol: "TCP" });
    const ready = gateway?.readinessProbe?.httpGet;
    assert.deepEqual([ready?.port, ready?.scheme], ["https", "HTTPS"]);
    assert.deepEqual(
      [gateway?.livenessProbe?.httpGet?.port, gateway?.livenessProbe?.httpGet?.scheme],
      ["metrics", undefined],
    );
    const [port] = find<Service>(plan, "Service", "ollama").spec.ports ?? [];
    assert.deepEqual([port?.name, port?.appProtocol, port?.port, port?.targetPort], ["https", "https", 11434, 8080]);
    assert.equal(plan.output.url, "https://ollama.tenant-finance.svc:11434");
    const { data } = planClientSecret(plan.tenant, "ledger", "the key");
    assert.equal(Buffer.from(data["OLLAMA_HOST"] ?? "", "base64").toString(), plan.output.url);
  });

  it("changes nothing of the network policies", () => {
    const policies = (plan: TenantPlan) => plan.fences.filter(({ kind }) => kind === "NetworkPolicy");
    assert.deepEqual(policies(encrypted()), policies(planOf("finance")));
  });

  it("takes no Secret of the platform's own for its certificate", () => {
    for (const secretName of ["gateway-policy", "gateway-tokens", "client-ledger", "Not A Name"]) {
      const faults = faultsOf(
        changed("finance", (tenant) => (tenant.server = { ...tenant.server, tls: { secretName } })),
      );
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? "", /^tenant finance: server\.tls\.secretName: /);
    }
  });
});

describe("Declarations of clients", () => {
  for (const [place, client, problem] of [
    ["name", { name: "The Portal" }, /a DNS label/],
    ["models[0]", { name: "portal", models: ["llama3.1:8b"] }, /is not a model that the tenant may use/],
    ["models", { name: "portal", models: [] }, /is empty/],
    ["expires", { name: "portal", expires: "2027-02-30" }, /not a day of the calendar/],
    ["expires", { name: "portal", expires: "2027-01-31T12:00:00Z" }, /at most 10 characters/],
    ["keyGeneration", { name: "portal", keyGeneration: 0 }, /whole number from 1/],
    ["requestsPerMinute", { name: "portal", requestsPerMinute: 0.5 }, /whole number from 1/],
    ["maxTokens", { name: "portal", maxTokens: -1 }, /whole number from 1/],
  ] satisfies [string, ClientSpec, RegExp][]) {
    it(`are refused with a faulty ${place}: ${JSON.stringify(client)}`, () => {
      const faults = faultsOf(withClients(client));
      assert.equal(faults.length, 1, faults.join("\n"));
      assert.ok(faults[0]?.startsWith(`tenant hr: access.clients[0].${place}: `), faults[0]);
      assert.match(faults[0] ?? "", problem);
    });
  }

  it("are refused when two have one name", () =>
    assert.match(
      faultsOf(withClients({ name: "portal" }, { name: "portal" })).join(),
      /access\.clients\[1\]\.name: "portal" is the name of an earlier client/,
    ));

  it("are accepted with a model of the tenant in another spelling", () =>
    assert.deepEqual(faultsOf(withClients({ name: "portal", models: ["Llama3.2:1B"] })), []));
});

import * as assert from "node:assert/strict";
import { resolveLimits } from "../../../components/gateway/limits";
import { buffersOf } from "../../../components/gateway/memory";
import { gatewayInput } from "../../../components/plan/server/gateway";
import type { PlatformSpec } from "../../../components/spec/index";
import type { CustomObject, Ingress, NetworkPolicy, Service } from "../../../components/plan/kubernetes";
import { changed, faultsOf, find, namesOf, planOf, platform } from "./fixture";

const GATEWAY = { name: "public", namespace: "gateways", sectionName: "https" };

/** The fixture, in which HR has hosts. */
function served(ingress: PlatformSpec["ingress"], tlsSecret?: string): PlatformSpec {
  const hosts = ["people.example.com", "hr.example.com"];
  const spec = changed("hr", (tenant) => {
    tenant.ingress = { hosts, ...(tlsSecret === undefined ? {} : { tlsSecret }) };
  });
  return { ...spec, ingress };
}

describe("Access from outside", () => {
  it("is an HTTPRoute of the tenant's hosts, from one listener to the tenant's own Service, without time limits", () => {
    const plan = planOf("hr", served({ gateway: GATEWAY }));
    const { spec, metadata } = find<CustomObject>(plan, "HTTPRoute", "ollama");
    assert.equal(metadata.namespace, "tenant-hr");
    assert.deepEqual(spec["hostnames"], ["hr.example.com", "people.example.com"]);
    assert.deepEqual(spec["parentRefs"], [
      {
        group: "gateway.networking.k8s.io",
        kind: "Gateway",
        name: "public",
        namespace: "gateways",
        sectionName: "https",
      },
    ]);
    const port = find<Service>(plan, "Service", "ollama").spec.ports?.[0]?.port;
    const [rule] = spec["rules"] as Record<string, unknown>[];
    assert.deepEqual(rule?.["backendRefs"], [{ group: "", kind: "Service", name: "ollama", port, weight: 1 }]);
    assert.deepEqual(rule?.["timeouts"], { request: "0s", backendRequest: "0s" });
    assert.deepEqual(namesOf(plan, "Ingress"), []);
  });

  it("is an Ingress with TLS for every host, which neither buffers streams nor ends them", () => {
    const plan = planOf("hr", served({ ingressClass: "nginx", clusterIssuer: "letsencrypt" }, "ingress-tls"));
    const { spec, metadata } = find<Ingress>(plan, "Ingress", "ollama");
    assert.equal(spec.ingressClassName, "nginx");
    assert.deepEqual(spec.tls, [{ hosts: ["hr.example.com", "people.example.com"], secretName: "ingress-tls" }]);
    assert.deepEqual(
      spec.rules?.map(({ host }) => host),
      ["hr.example.com", "people.example.com"],
    );
    const annotations = metadata.annotations ?? {};
    assert.equal(annotations["nginx.ingress.kubernetes.io/proxy-buffering"], "off");
    assert.equal(annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"], "3600");
    assert.equal(annotations["nginx.ingress.kubernetes.io/proxy-body-size"], String(8 * 1024 * 1024));
    assert.equal(annotations["cert-manager.io/cluster-issuer"], "letsencrypt");
    assert.deepEqual(namesOf(plan, "HTTPRoute"), []);
  });

  it("lets through what the tenant's limits, and those of its clients, let through", () => {
    const spec = served({ ingressClass: "nginx", clusterIssuer: "letsencrypt" }, "ingress-tls");
    const hr = spec.tenants.find(({ name }) => name === "hr");
    assert.ok(hr);
    hr.server = { ...hr.server, limits: { maxAnswerSeconds: 7200 } };
    hr.access = { ...hr.access, clients: [{ name: "scans", maxBodyBytes: 9 * 1024 * 1024 }] };
    const { annotations = {} } = find<Ingress>(planOf("hr", spec), "Ingress", "ollama").metadata;
    assert.equal(annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"], "7200");
    assert.equal(annotations["nginx.ingress.kubernetes.io/proxy-body-size"], String(9 * 1024 * 1024));
  });

  it("lets no longer body through than the gateway beside a busy server has memory for", () => {
    const spec = served({ ingressClass: "nginx", clusterIssuer: "letsencrypt" }, "ingress-tls");
    const hr = spec.tenants.find(({ name }) => name === "hr");
    assert.ok(hr);
    hr.server = { ...hr.server, parallelRequests: 64 };
    const plan = planOf("hr", spec);
    const { annotations = {} } = find<Ingress>(plan, "Ingress", "ollama").metadata;
    const { limits, memoryBytes } = gatewayInput(plan.tenant, []);
    const longest = buffersOf(memoryBytes, resolveLimits(limits)).longestBody;
    assert.ok(longest < 8 * 1024 * 1024);
    assert.equal(annotations["nginx.ingress.kubernetes.io/proxy-body-size"], String(longest));
  });

  it("is passed on in TLS to a server that speaks it, which an HTTPRoute cannot do", () => {
    const encrypted = (served: PlatformSpec) => {
      for (const tenant of served.tenants) tenant.server = { ...tenant.server, tls: { secretName: "ollama-tls" } };
      return served;
    };
    const backend = (spec: PlatformSpec) =>
      find<Ingress>(planOf("hr", spec), "Ingress", "ollama").metadata.annotations?.[
        "nginx.ingress.kubernetes.io/backend-protocol"
      ];
    const nginx = () => served({ ingressClass: "nginx" }, "hr-tls");
    assert.deepEqual([backend(encrypted(nginx())), backend(nginx())], ["HTTPS", undefined]);
    assert.match(faultsOf(encrypted(served({ gateway: GATEWAY }))).join(), /tenant hr: server\.tls: is not spoken by/);
  });

  it("comes from the controller only, at the gateway's port", () => {
    const { ingress } = find<NetworkPolicy>(
      planOf("hr", served({ gateway: GATEWAY })),
      "NetworkPolicy",
      "allow-clients",
    ).spec;
    assert.deepEqual(
      ingress?.[0]?.from?.map((peer) => peer.namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"]),
      ["ingress-nginx"],
    );
    assert.deepEqual(ingress?.[0]?.ports, [{ port: 8080, protocol: "TCP" }]);
  });

  it("leaves tenants without hosts closed to the controller, where the platform makes the routes", () => {
    const peersOf = (spec: PlatformSpec) =>
      find<NetworkPolicy>(planOf("finance", spec), "NetworkPolicy", "allow-clients").spec.ingress?.[0]?.from?.length;
    assert.equal(peersOf(served({ gateway: GATEWAY })), 1);
    assert.equal(peersOf(platform()), 2, "the control: without ingress the controller may reach everybody");
  });

  it("is in the outputs as the URL of the first host, and only where there is one", () => {
    const spec = served({ gateway: GATEWAY });
    assert.equal(planOf("hr", spec).output.externalUrl, "https://hr.example.com");
    assert.ok(!("externalUrl" in planOf("finance", spec).output));
  });

  it("ends with a tenant's suspension, and the outputs keep its URL", () => {
    const spec = served({ gateway: GATEWAY });
    for (const tenant of spec.tenants) tenant.suspended = true;
    const plan = planOf("hr", spec);
    assert.deepEqual(namesOf(plan, "HTTPRoute"), []);
    assert.equal(plan.output.externalUrl, "https://hr.example.com");
  });

  it("does not exist without hosts, whatever the environment serves", () => {
    const spec = { ...platform(), ingress: { gateway: GATEWAY } };
    assert.deepEqual(namesOf(planOf("hr", spec), "HTTPRoute"), []);
  });

  const refused: [string, (spec: PlatformSpec) => void, RegExp][] = [
    [
      "a host of another tenant",
      (spec) => hostsOf(spec, "finance", ["HR.example.com."]),
      /is a host of the tenant finance as well/,
    ],
    ["a wildcard", (spec) => hostsOf(spec, "hr", ["*.example.com"]), /hosts\[0\]: .*wildcard/],
    ["no host", (spec) => hostsOf(spec, "hr", []), /ingress\.hosts: is empty/],
    [
      "an environment that serves none",
      (spec) => delete spec.ingress,
      /tenant hr: ingress: needs something that serves/,
    ],
    ["no controller", (spec) => (spec.cluster = {}), /cluster\.ingressControllers/],
    [
      "a gateway of a tenant",
      (spec) => (spec.ingress = { gateway: { ...GATEWAY, namespace: "tenant-hr" } }),
      /namespace of a tenant/,
    ],
    ["neither gateway nor class", (spec) => (spec.ingress = {}), /neither gateway nor ingressClass/],
    ["a class without a certificate", (spec) => (spec.ingress = { ingressClass: "nginx" }), /tlsSecret: is missing/],
    [
      "an issuer for a gateway",
      (spec) => (spec.ingress = { gateway: GATEWAY, clusterIssuer: "x" }),
      /clusterIssuer: "x" is for/,
    ],
  ];
  for (const [what, change, message] of refused) {
    it(`is refused with ${what}`, () => {
      const spec = served({ gateway: GATEWAY });
      assert.deepEqual(faultsOf(spec), [], "the control");
      change(spec);
      assert.match(faultsOf(spec).join("\n"), message);
    });
  }
});

function hostsOf(spec: PlatformSpec, name: string, hosts: string[]): void {
  for (const tenant of spec.tenants) if (tenant.name === name) tenant.ingress = { hosts };
}

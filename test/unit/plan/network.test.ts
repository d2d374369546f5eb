import * as assert from "node:assert/strict";
import type { NetworkPolicy } from "../../../components/plan/kubernetes";
import { changed, faultsOf, find, namesOf, planOf, planWith, platform } from "./fixture";

function policy(tenant: string, name: string): NetworkPolicy["spec"] {
  return find<NetworkPolicy>(planOf(tenant), "NetworkPolicy", name).spec;
}

describe("Network policies of a tenant", () => {
  it("deny both directions for every pod before anything is allowed", () => {
    assert.deepEqual(policy("hr", "default-deny"), { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  });

  it("allow DNS over UDP and TCP to the DNS pods only, named by namespace and labels together", () => {
    assert.deepEqual(policy("hr", "allow-dns").egress, [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          },
        ],
        ports: [
          { port: 53, protocol: "UDP" },
          { port: 53, protocol: "TCP" },
        ],
      },
    ]);
  });

  it("allow DNS on the port that its pods listen on, and a cache on the node by its address alone", () => {
    const spec = platform();
    spec.cluster = {
      ...spec.cluster,
      dns: {
        namespace: "openshift-dns",
        podLabels: { "dns.operator.openshift.io/daemonset-dns": "default" },
        port: 5353,
        nodeLocalAddresses: ["169.254.20.10"],
      },
    };
    const { egress } = find<NetworkPolicy>(planOf("hr", spec), "NetworkPolicy", "allow-dns").spec;
    assert.deepEqual(
      egress?.map(({ ports }) => ports?.map(({ port, protocol }) => `${protocol}/${port}`)),
      [
        ["UDP/5353", "TCP/5353"],
        ["UDP/53", "TCP/53"],
      ],
    );
    assert.deepEqual(egress?.[1]?.to, [{ ipBlock: { cidr: "169.254.20.10/32" } }]);
    const others = planOf("finance", spec).fences.filter(({ metadata }) => metadata.name === "allow-egress");
    assert.match(JSON.stringify(others), /"169\.254\.0\.0\/16"/);
  });

  it("let controllers in the nodes' network in by the nodes' addresses, and others by their labels", () => {
    const spec = platform();
    spec.cluster = {
      ...spec.cluster,
      ingressControllers: [
        { namespace: "ingress-nginx", podLabels: { app: "nginx" }, hostNetwork: true },
        { namespace: "gateway", podLabels: { app: "envoy" } },
      ],
    };
    const from = find<NetworkPolicy>(planOf("hr", spec), "NetworkPolicy", "allow-clients").spec.ingress?.[0]?.from;
    assert.deepEqual(from?.[0], { ipBlock: { cidr: "192.168.0.0/24" } });
    assert.equal(from?.[1]?.namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"], "gateway");
    assert.equal(from?.length, 2);
  });

  it("name every pod of a namespace, and ranges of ports, where a tenant says so", () => {
    const plan = planWith("hr", (tenant) => {
      tenant.network = {
        ingressFrom: [{ namespace: "hr-apps", allPods: true }],
        egressTo: [{ cidr: "203.0.113.0/24", ports: [{ port: 8000, endPort: 8010 }] }],
      };
    });
    const clients = find<NetworkPolicy>(plan, "NetworkPolicy", "allow-clients").spec.ingress?.[0]?.from?.at(-1);
    assert.deepEqual(clients, {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "hr-apps" } },
      podSelector: {},
    });
    assert.deepEqual(find<NetworkPolicy>(plan, "NetworkPolicy", "allow-egress").spec.egress?.[0]?.ports, [
      { port: 8000, endPort: 8010, protocol: "TCP" },
    ]);
  });

  it("let clients reach the server's port of the server's pods only", () => {
    const { podSelector, ingress } = policy("finance", "allow-clients");
    assert.deepEqual(podSelector, {
      matchLabels: { "app.kubernetes.io/name": "ollama", "ollama-platform.io/tenant": "finance" },
    });
    assert.equal(ingress?.length, 1);
    assert.deepEqual(ingress?.[0]?.ports, [{ port: 8080, protocol: "TCP" }]);
    const namespaces = ingress?.[0]?.from?.map(
      (peer) => peer.namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"],
    );
    assert.deepEqual(namespaces, ["ingress-nginx", "finance-apps"]);
    assert.ok(ingress?.[0]?.from?.every((peer) => Object.keys(peer.podSelector?.matchLabels ?? {}).length > 0));
  });

  it("let the tenant's own pods reach the server's port of the server's pods only", () => {
    const { ingress, podSelector } = policy("hr", "allow-same-tenant");
    const { egress } = policy("hr", "allow-to-server");
    const ports = [{ port: 8080, protocol: "TCP" }];
    const server = { "app.kubernetes.io/name": "ollama", "ollama-platform.io/tenant": "hr" };
    assert.deepEqual(podSelector, { matchLabels: server });
    assert.deepEqual(ingress, [{ from: [{ podSelector: {} }], ports }]);
    assert.deepEqual(egress, [{ to: [{ podSelector: { matchLabels: server } }], ports }]);
  });

  it("let monitoring reach the metrics port only", () => {
    assert.deepEqual(policy("hr", "allow-monitoring").ingress?.[0]?.ports, [{ port: 9090, protocol: "TCP" }]);
  });

  it("do not exist for exceptions without peers, because an empty list would mean everybody", () => {
    const spec = platform();
    spec.cluster = {};
    const names = ["default-deny", "allow-dns", "allow-same-tenant", "allow-to-server"];
    assert.deepEqual(namesOf(planOf("hr", spec), "NetworkPolicy"), names);
  });

  it("keep metadata, link-local and cluster ranges closed within an egress range", () => {
    const block = policy("finance", "allow-egress").egress?.[0]?.to?.[0]?.ipBlock;
    assert.equal(block?.cidr, "0.0.0.0/0");
    for (const range of ["169.254.0.0/16", "10.244.0.0/16", "10.96.0.0/12", "192.168.0.0/24", "127.0.0.0/8"]) {
      assert.ok(block?.except?.includes(range), `${range} is open`);
    }
    assert.ok(block?.except?.every((range) => !range.includes(":")));
  });

  it("keep IPv6 metadata and cluster ranges closed within an IPv6 egress range", () => {
    const spec = changed("hr", (tenant) => {
      tenant.network = { egressTo: [{ cidr: "fd00::/8", ports: [{ port: 443 }] }] };
    });
    spec.cluster = {
      podCidrs: ["fd00:10:244::/56"],
      serviceCidrs: ["10.96.0.0/12", "fd00:10:96::/112"],
      nodeCidrs: ["fd00:10:1::/64"],
    };
    const { egress } = find<NetworkPolicy>(planOf("hr", spec), "NetworkPolicy", "allow-egress").spec;
    assert.deepEqual(egress?.[0]?.to?.[0]?.ipBlock, {
      cidr: "fd00::/8",
      except: ["fd00:10:1::/64", "fd00:10:96::/112", "fd00:10:244::/56", "fd00:ec2::/32", "fd20:ce::254/128"],
    });
  });

  it("name no exception outside the range, which the API server would refuse", () => {
    const plan = planWith("hr", (tenant) => {
      tenant.network = { egressTo: [{ cidr: "203.0.113.0/24", ports: [{ port: 443 }] }] };
    });
    const { egress } = find<NetworkPolicy>(plan, "NetworkPolicy", "allow-egress").spec;
    assert.deepEqual(egress?.[0]?.to, [{ ipBlock: { cidr: "203.0.113.0/24" } }]);
  });

  for (const cidr of ["10.244.7.0/24", "10.244.0.0/16", "169.254.169.254/32", "192.168.0.10/32", "fe80::/64"]) {
    it(`refuse an egress range that lies in a closed one: ${cidr}`, () => {
      const faults = faultsOf(
        changed("hr", (tenant) => {
          tenant.network = { egressTo: [{ cidr, ports: [{ port: 443 }] }] };
        }),
      );
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? "", /^tenant hr: network\.egressTo\[0\]\.cidr: .*stays closed/);
    });
  }

  it("refuse an egress rule without ports, which would open every port", () => {
    const faults = faultsOf(
      changed("hr", (tenant) => {
        tenant.network = { egressTo: [{ cidr: "203.0.113.0/24", ports: [] }] };
      }),
    );
    assert.match(faults.join(), /network\.egressTo\[0\]\.ports: is empty/);
  });

  it("refuse a peer without labels, which would open its whole namespace", () => {
    const faults = faultsOf(
      changed("hr", (tenant) => {
        tenant.network = { ingressFrom: [{ namespace: "apps", podLabels: {} }] };
      }),
    );
    assert.match(faults.join(), /network\.ingressFrom\[0\]\.podLabels: is empty/);
  });

  it("leave nothing but the denial for a suspended tenant", () => {
    const plan = planWith("finance", (tenant) => {
      tenant.suspended = true;
    });
    assert.deepEqual(namesOf(plan, "NetworkPolicy"), ["default-deny"]);
  });
});

import assert from "node:assert/strict";
import type { NetworkPolicySpec } from "../../../../../policy-pack/model/kubernetes";
import { matrix } from "../../../../../policy-pack/analysis/reachability/matrix";
import type { NetworkInput } from "../../../../../policy-pack/analysis/reachability/network";
import { type NetworkPath, crossTenantPaths, pathPorts } from "../../../../../policy-pack/analysis/reachability/paths";
import { network, pod, pods } from "./network-builder";

const deny: NetworkPolicySpec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
const closed = { "tenant-a/deny": deny, "tenant-b/deny": deny };
const namespaceNamed = (name: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});

const pathsOf = (policies: Record<string, NetworkPolicySpec>, more: Partial<NetworkInput> = {}): NetworkPath[] =>
  crossTenantPaths(network(policies, more)).paths;

describe("paths across tenants' borders", () => {
  it("are none when both tenants deny by default", () => {
    assert.deepEqual(pathsOf(closed), []);
  });

  it("name pods, ports and the two policies that open them", () => {
    const paths = pathsOf({
      ...closed,
      "tenant-a/out": {
        podSelector: { matchLabels: { app: "web" } },
        policyTypes: ["Egress"],
        egress: [{ to: [namespaceNamed("tenant-b")] }],
      },
      "tenant-b/in": {
        podSelector: {},
        ingress: [{ from: [namespaceNamed("tenant-a")], ports: [{ port: "http" }, { port: 90, endPort: 95 }] }],
      },
    });
    assert.equal(paths.length, 1);
    const [path] = paths;
    assert.equal(path?.kind, "tenant-to-tenant");
    assert.deepEqual([path?.from, path?.to], [["tenant-a/web"], ["tenant-b/web"]]);
    assert.deepEqual([path?.fromTenant, path?.toTenant], ["a", "b"]);
    assert.deepEqual(path?.example, { protocol: "TCP", port: 8080 });
    assert.equal(
      path?.explanation,
      "tenant-a/web can open TCP 90-95, 8080 on tenant-b/web: egress is allowed by NetworkPolicy tenant-a/out egress[0]; " +
        "ingress is allowed by NetworkPolicy tenant-b/in ingress[0]",
    );
  });

  it("need ports that both ends allow", () => {
    const out: NetworkPolicySpec = {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [namespaceNamed("tenant-b")], ports: [{ port: 80 }] }],
    };
    const into: NetworkPolicySpec = { podSelector: {}, ingress: [{ ports: [{ port: 81 }] }] };
    assert.deepEqual(
      pathsOf({ ...closed, "tenant-a/out": out, "tenant-b/in": into }).filter((p) => p.kind === "tenant-to-tenant"),
      [],
    );
  });

  it("say of each missing policy which direction is open", () => {
    const kinds = new Set(pathsOf({ "tenant-b/deny": deny }).map((path) => path.kind));
    assert.deepEqual([...kinds].sort(), [
      "platform-to-tenant",
      "range-to-tenant",
      "tenant-to-platform",
      "tenant-to-range",
    ]);
  });

  it("lead to ranges by ipBlocks, and from ranges into tenants", () => {
    const paths = pathsOf({
      ...closed,
      "tenant-a/out": {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8", "192.168.0.0/16"] } }] }],
      },
      "tenant-b/in": {
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: [{ port: 443 }] }],
      },
    });
    const described = paths.map((path) => `${path.from[0]} > ${path.to[0]} ${pathPorts(path)}`).sort();
    assert.deepEqual(described, [
      "internet > tenant-b/web TCP 443",
      "tenant-a/db > internet all ports",
      "tenant-a/db > metadata addresses all ports",
      "tenant-a/db > private networks all ports",
      "tenant-a/web > internet all ports",
      "tenant-a/web > metadata addresses all ports",
      "tenant-a/web > private networks all ports",
    ]);
  });

  it("come from pods of namespaces that are neither tenants' nor the platform's", () => {
    const paths = pathsOf(
      { ...closed, "tenant-b/in": { podSelector: {}, ingress: [{ from: [namespaceNamed("stray")] }] } },
      {
        namespaces: [
          { name: "tenant-a", labels: {}, tenant: "a" },
          { name: "tenant-b", labels: {}, tenant: "b" },
          { name: "stray", labels: {} },
        ],
        pods: [pod("tenant-a/web"), pod("tenant-b/web"), pod("stray/x")],
      },
    );
    assert.deepEqual(
      paths.map((path) => [path.kind, path.from[0]]),
      [["other-to-tenant", "stray/x"]],
    );
  });

  it("between pods of one tenant are listed on demand only", () => {
    const policies = {
      ...closed,
      "tenant-a/same": { ...deny, ingress: [{ from: [{ podSelector: {} }] }], egress: [{ to: [{ podSelector: {} }] }] },
    };
    assert.deepEqual(pathsOf(policies), []);
    const all = crossTenantPaths(network(policies), { includeSameTenant: true }).paths;
    assert.ok(all.length > 0 && all.every((path) => path.kind === "same-tenant"));
  });

  it("beyond the limit are counted", () => {
    const { paths, total, omitted } = crossTenantPaths(network({}), { limit: 3 });
    assert.equal(paths.length, 3);
    assert.equal(total, omitted + 3);
  });

  it("count replicas and equal pods once, and name them all", () => {
    const twins = [
      pod("tenant-a/one", { labels: { app: "x" } }),
      pod("tenant-a/two", { labels: { app: "x" } }),
      pod("tenant-b/web"),
    ];
    const { paths } = crossTenantPaths(network({}, { pods: twins }), { ranges: [] });
    assert.deepEqual(paths[0]?.from, ["tenant-a/one", "tenant-a/two"]);
    assert.equal(paths.length, 2);
  });
});

describe("pods that someone could create", () => {
  const any = { id: "any pod in tenant-a", namespace: "tenant-a", labels: {}, ports: [], arbitrary: true };

  it("escape a default deny that selects only some labels", () => {
    const selective = { ...deny, podSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] } };
    const policies = { "tenant-a/deny": selective, "tenant-b/deny": deny };
    assert.deepEqual(pathsOf(policies), []);
    const paths = pathsOf(policies, { pods: [...pods, any] });
    assert.ok(paths.some((path) => path.hypotheticalEnds === 1 && path.kind === "tenant-to-platform"));
  });

  it("use any pod selector that their namespace is admitted with", () => {
    const policies = {
      "tenant-b/in": {
        ...deny,
        ingress: [{ from: [{ ...namespaceNamed("tenant-a"), podSelector: { matchLabels: { role: "scraper" } } }] }],
      },
    };
    assert.deepEqual(
      pathsOf(policies).filter((path) => path.kind === "tenant-to-tenant" && path.toTenant === "b"),
      [],
    );
    const found = pathsOf(policies, { pods: [...pods, any] }).filter(
      (path) => path.toTenant === "b" && path.fromTenant === "a",
    );
    assert.deepEqual(
      found.map((path) => path.from),
      [["any pod in tenant-a"]],
    );
  });

  it("are not repeated where a declared pod has the same ports open", () => {
    const paths = pathsOf({ "tenant-b/deny": deny }, { pods: [...pods, any] });
    assert.deepEqual(
      paths.filter((path) => path.hypotheticalEnds > 0),
      [],
    );
  });
});

describe("the matrix", () => {
  it("asks every pair about the destination's declared ports", () => {
    const rows = [...matrix(network({ "tenant-b/deny": deny }))];
    assert.equal(rows.length, pods.length * (pods.length - 1));
    const row = rows.find(({ from, to }) => from === "tenant-a/web" && to === "tenant-b/web");
    assert.deepEqual([row?.protocol, row?.port, row?.allowed], ["TCP", 8080, false]);
  });

  it("asks about chosen ends and ports", () => {
    const rows = [
      ...matrix(network({}), { from: ["tenant-a/web"], to: ["tenant-b/web"], ports: [{ protocol: "UDP", port: 53 }] }),
    ];
    assert.deepEqual(
      rows.map(({ allowed, protocol }) => [allowed, protocol]),
      [[true, "UDP"]],
    );
  });

  it("refuses a pod it does not know", () => {
    assert.throws(
      () => [...matrix(network({}), { from: ["tenant-x/y"], ports: [{ protocol: "TCP", port: 1 }] })],
      /No pod "tenant-x\/y"/,
    );
  });
});

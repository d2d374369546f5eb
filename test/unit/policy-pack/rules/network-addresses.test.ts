import assert from "node:assert/strict";
import { CLOSED_RANGES } from "../../../../components/spec/closed-ranges";
import { loadSettings, type PackSettings } from "../../../../policy-pack/settings/load";
import { defaultConfiguration, type ClusterFacts, type Peer } from "../../../../policy-pack/settings/settings";
import { describeRule, type Break } from "../breaks";
import { compliantObjects, find, type Loose, ruleIds, settings, violationsOf } from "../fixture";

const NAME = "kubernetes.io/metadata.name";
const policy = (objects: Loose[], name: string) => find(objects, "NetworkPolicy", name, "tenant-hr").spec;
const CLIENTS = "NetworkPolicy tenant-hr/allow-clients";
const EGRESS = "NetworkPolicy tenant-hr/allow-egress";

/** The fixture's settings with other facts of the network. */
const withCluster = (facts: Partial<ClusterFacts>): PackSettings => ({
  ...settings,
  configuration: { ...settings.configuration, cluster: { ...settings.configuration.cluster, ...facts } },
});
const known = withCluster({ nodeCidrs: ["192.168.0.0/24"] });

const egressTo = (ipBlock: unknown) => (objects: Loose[]) =>
  (policy(objects, "allow-egress").egress[0].to[0].ipBlock = ipBlock);
const ingressFrom = (ipBlock: unknown) => (objects: Loose[]) =>
  (policy(objects, "allow-clients").ingress[0].from = [{ ipBlock }]);
const { metadataCidrs } = defaultConfiguration.cluster;
const outsideIpv4 = {
  cidr: "0.0.0.0/0",
  except: ["10.244.0.0/16", "10.96.0.0/12", "192.168.0.0/24", ...metadataCidrs.filter((cidr) => !cidr.includes(":"))],
};
const outsideIpv6 = { cidr: "::/0", except: metadataCidrs.filter((cidr) => cidr.includes(":")) };

/** Lets hr's pods ask a DNS cache on the node, at `port`. */
const askNode = (cidr: string, port: unknown, endPort?: number) => (objects: Loose[]) => {
  policy(objects, "allow-egress").egress = [
    { to: [{ ipBlock: { cidr } }], ports: [{ port, endPort, protocol: "UDP" }] },
  ];
};
const dns = { ...settings.configuration.cluster.dns, nodeLocalAddresses: ["169.254.20.10"] };
const withCache = withCluster({ nodeCidrs: ["192.168.0.0/24"], dns });

const block = (title: string, ipBlock: unknown, used = known): Break => ({
  title,
  apply: egressTo(ipBlock),
  object: EGRESS,
  settings: used,
});

describeRule(
  "network/ip-blocks",
  [
    block("everything", { cidr: "0.0.0.0/0" }),
    block("everything but the pods", { cidr: "0.0.0.0/0", except: ["10.244.0.0/16", "10.96.0.0/12"] }),
    block("everything but half of the pods", {
      ...outsideIpv4,
      except: ["10.244.0.0/17", ...outsideIpv4.except.slice(1)],
    }),
    block("one pod address", { cidr: "10.244.7.9/32" }),
    block("the nodes", { cidr: "192.168.0.7/32" }),
    ...[
      ["Amazon, Google and Azure", "169.254.169.254/32"],
      ["Azure's host", "168.63.129.16/32"],
      ["Alibaba", "100.100.100.200/32"],
      ["Oracle", "192.0.0.192/32"],
      ["Google by IPv6", "fd20:ce::254/128"],
      ["Amazon by IPv6", "fd00:ec2::254/128"],
      ["Amazon's time and names by IPv6", "fd00:ec2::23/128"],
      ["Amazon through NAT64", "64:ff9b::a9fe:a9fe/128"],
      ["all of IPv4 through NAT64", "64:ff9b::/96"],
      ["loopback", "127.0.0.0/8"],
      ["one loopback address", "127.0.0.1/32"],
      ["loopback by IPv6", "::1/128"],
    ].map(([what, cidr]) => block(`metadata and local addresses: ${what}`, { cidr })),
    block("a range with the metadata address in IPv6", { cidr: "fd00::/8" }),
    block("an unknown range", { cidr: "?" }),
    block("a range without prefix", { cidr: "10.0.0.1" }),
    block("a prefix length with a zero before it", { cidr: "203.0.113.0/08" }),
    block("IPv4 within IPv6", { cidr: "::ffff:203.0.113.0/120" }),
    block("an exception that is no range", { cidr: "203.0.113.0/24", except: ["203.0.113.1"] }),
    block("an exception outside the block", { cidr: "203.0.113.0/24", except: ["198.51.100.0/24"] }),
    block("an exception as large as the block", { cidr: "203.0.113.0/24", except: ["203.0.113.0/24"] }),
    {
      title: "a DNS cache of the nodes that nobody listed",
      apply: askNode("169.254.20.10/32", 53),
      object: EGRESS,
      settings: known,
    },
    {
      title: "a listed DNS cache on another port",
      apply: askNode("169.254.20.10/32", 80),
      object: EGRESS,
      settings: withCache,
    },
    {
      title: "a listed DNS cache on further ports",
      apply: askNode("169.254.20.10/32", 53, 54),
      object: EGRESS,
      settings: withCache,
    },
    {
      title: "the rest of link-local beside a listed DNS cache",
      apply: askNode("169.254.20.0/24", 53),
      object: EGRESS,
      settings: withCache,
    },
    {
      title: "ingress from the pod network",
      apply: ingressFrom({ cidr: "10.244.0.0/16" }),
      object: CLIENTS,
      settings: known,
    },
    {
      title: "ingress from anywhere where the nodes' ranges are not configured",
      apply: ingressFrom({ cidr: "203.0.113.0/24" }),
      object: CLIENTS,
      field: "spec.ingress[0].from[0].ipBlock.cidr",
    },
    block("private addresses where the nodes' ranges are not configured", { cidr: "192.168.0.0/24" }, settings),
    block("everything outside the cluster where the nodes' ranges are not configured", outsideIpv4, settings),
  ],
  [
    { title: "everything outside the cluster", apply: egressTo(outsideIpv4), settings: known },
    { title: "everything outside the cluster by IPv6", apply: egressTo(outsideIpv6), settings: known },
    { title: "a listed DNS cache of the nodes", apply: askNode("169.254.20.10/32", 53), settings: withCache },
    { title: "ingress from outside", apply: ingressFrom({ cidr: "203.0.113.0/24" }), settings: known },
    {
      title: "private addresses that are listed as outside the cluster",
      apply: egressTo({ cidr: "192.168.7.0/24" }),
      settings: withCluster({ externalCidrs: ["192.168.0.0/16"] }),
    },
  ],
);

describe("network/ip-blocks advises what the API server accepts", () => {
  const fixes = (ipBlock: object, used = known): string[] => {
    const objects = compliantObjects();
    egressTo(ipBlock)(objects);
    return violationsOf(objects, "network/ip-blocks", used).map(({ fix }) => fix);
  };

  it("for a block within a closed range: no exception, which would have to lie inside the block", () => {
    assert.deepEqual(fixes({ cidr: "10.244.5.0/24" }), [
      "Remove the peer, all of which lies in 10.244.0.0/16; select the pods by their namespace and labels.",
    ]);
    assert.match(fixes({ cidr: "10.244.0.0/16" })[0] ?? "", /^Remove the peer/);
    assert.match(fixes({ cidr: "169.254.169.254/32" })[0] ?? "", /^Remove the peer/);
  });

  it("for a block around a closed range: an exception", () => {
    assert.deepEqual(fixes({ cidr: "10.244.0.0/15" }), ["Add 10.244.0.0/16 to except, or narrow the cidr."]);
  });

  it("for a block that may hold nodes: their ranges", () => {
    assert.deepEqual(fixes({ cidr: "192.168.0.0/24" }, settings), [
      "List the ranges of the nodes under cluster.nodeCidrs in the pack's configuration.",
    ]);
  });
});

describe("ranges that are closed to tenants", () => {
  it("are the same in the plan and in the pack's default", () => {
    assert.deepEqual(metadataCidrs.toSorted(), CLOSED_RANGES.map(({ text }) => text).toSorted());
  });
});

describe("network/tenant-reachability", () => {
  const found = (change: (objects: Loose[]) => void, used: PackSettings) => {
    const objects = compliantObjects();
    change(objects);
    return violationsOf(objects, "network/tenant-reachability", used);
  };

  it("names the missing ranges where a path is open only because nobody has given them", () => {
    const violations = found(ingressFrom({ cidr: "203.0.113.0/24" }), settings);
    assert.notEqual(violations.length, 0);
    for (const { message, fix } of violations) {
      assert.match(message, /by address: cluster\.nodeCidrs is not configured, so any address may be in it/);
      assert.equal(fix, "List the ranges under cluster.nodeCidrs in the pack's configuration.");
    }
    assert.deepEqual(found(ingressFrom({ cidr: "203.0.113.0/24" }), known), []);
  });

  const broken: [string, (objects: Loose[]) => void, field: string, fix: RegExp][] = [
    [
      "a malformed exception",
      egressTo({ cidr: "203.0.113.0/24", except: ["203.0.113.999/32"] }),
      "spec.egress[0].to[0].ipBlock.except[0]",
      /^Write address\/prefix length/,
    ],
    [
      "an exception outside the block",
      egressTo({ cidr: "203.0.113.0/24", except: ["10.0.0.0/8"] }),
      "spec.egress[0].to[0].ipBlock.except[0]",
      /^Remove "10\.0\.0\.0\/8" from except/,
    ],
    [
      "a misspelt peer",
      (objects) => (policy(objects, "allow-egress").egress[0].to = [{ podSelectors: {} }]),
      "spec.egress[0].to[0].podSelectors",
      /^Remove it, or use one of podSelector/,
    ],
    [
      "a peer of two kinds",
      (objects) => (policy(objects, "allow-egress").egress[0].to[0].podSelector = {}),
      "spec.egress[0].to[0]",
      /^Make them separate peers/,
    ],
    [
      "a port out of range",
      (objects) => (policy(objects, "allow-egress").egress[0].ports = [{ port: 70000 }]),
      "spec.egress[0].ports[0].port",
      /^Write a number/,
    ],
  ];
  for (const [title, change, field, fix] of broken)
    it(`blames the policy itself for ${title}`, () => {
      const violations = found(change, known);
      assert.deepEqual([...new Set(violations.map(({ object }) => object))], [EGRESS]);
      const [first] = violations;
      assert.equal(first?.field, field);
      assert.match(first?.fix ?? "", fix);
    });

  it("blames the object that hides what it does", () => {
    const [first] = found((objects) => {
      objects.push({
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata: { name: "x", namespace: "tenant-hr" },
        spec: {},
      });
    }, known);
    assert.equal(first?.object, "CiliumNetworkPolicy tenant-hr/x");
  });
});

const controller = (hostNetwork: boolean) => (objects: Loose[]) =>
  objects.push({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "controller", namespace: "ingress-nginx" },
    spec: {
      template: {
        metadata: { labels: { "app.kubernetes.io/name": "ingress-nginx" } },
        spec: { hostNetwork, containers: [{ name: "controller" }] },
      },
    },
  });
const peer: Peer = {
  namespace: "ingress-nginx",
  podLabels: { "app.kubernetes.io/name": "ingress-nginx" },
  ports: [8080],
};
const onNodes = loadSettings(
  {
    cluster: { nodeCidrs: ["192.168.0.0/24"], ingressPeers: [{ ...peer, hostNetwork: true }] },
    images: { registries: ["docker.io/ollama", "docker.io/envoyproxy"] },
    admission: { requiredPolicies: ["tenant-pods"] },
  },
  ruleIds,
);
/** Every tenant admits the nodes instead of the controller's labels. */
const admitNodes = (objects: Loose[], ports: object[] = [{ port: 8080 }]) => {
  for (const tenant of ["tenant-hr", "tenant-finance"]) {
    const [rule] = find(objects, "NetworkPolicy", "allow-clients", tenant).spec.ingress;
    Object.assign(rule, { from: [{ ipBlock: { cidr: "192.168.0.0/24" } }], ports });
  }
};

describeRule(
  "network/host-network-peers",
  [
    {
      title: "a controller of the program in its node's network",
      apply: controller(true),
      object: CLIENTS,
      field: "spec.ingress[0].from[0]",
    },
    {
      title: "a listed peer in its node's network",
      apply: () => undefined,
      settings: onNodes,
      object: CLIENTS,
      field: "spec.ingress[0].from[0]",
    },
    {
      title: "DNS in its node's network",
      apply: (objects) =>
        objects.push({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "dns", namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
          spec: { hostNetwork: true, containers: [{ name: "dns" }] },
        }),
      object: "NetworkPolicy tenant-hr/allow-dns",
    },
    {
      title: "one of several namespaces",
      apply: (objects) => {
        controller(true)(objects);
        const [from] = policy(objects, "allow-clients").ingress[0].from;
        from.namespaceSelector = {
          matchExpressions: [{ key: NAME, operator: "In", values: ["elsewhere", "ingress-nginx"] }],
        };
      },
      object: CLIENTS,
    },
  ],
  [
    { title: "a controller in the pod network", apply: controller(false) },
    { title: "the nodes' addresses for a listed peer", apply: admitNodes, settings: onNodes },
  ],
);

describe("the addresses of nodes", () => {
  const networkRules = (objects: Loose[], used: PackSettings) =>
    violationsOf(objects, undefined, used)
      .filter(({ rule }) => rule.startsWith("network/"))
      .map(({ rule, object }) => `${rule} ${object}`);

  it("may be admitted for a listed peer in its node's network, on its ports", () => {
    const objects = compliantObjects();
    admitNodes(objects);
    assert.deepEqual(networkRules(objects, onNodes), []);
  });

  it("may not be admitted on other ports, on all ports, nor without such a peer", () => {
    for (const ports of [[{ port: 9090 }], [{ port: 8080, endPort: 8090 }], [], [{ port: "http" }]]) {
      const objects = compliantObjects();
      admitNodes(objects, ports);
      assert.ok(networkRules(objects, onNodes).includes(`network/ip-blocks ${CLIENTS}`), JSON.stringify(ports));
    }
    const objects = compliantObjects();
    admitNodes(objects);
    assert.ok(networkRules(objects, known).includes(`network/ip-blocks ${CLIENTS}`));
  });
});

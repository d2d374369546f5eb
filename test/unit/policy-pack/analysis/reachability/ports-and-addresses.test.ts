import assert from "node:assert/strict";
import type { NetworkPolicySpec } from "../../../../../policy-pack/model/kubernetes";
import type { Protocol } from "../../../../../policy-pack/analysis/reachability/network";
import { canReach, namedRange } from "../../../../../policy-pack/analysis/reachability/reachability";
import { ask, network, pod, ranges } from "./network-builder";

type Ports = NonNullable<NonNullable<NetworkPolicySpec["ingress"]>[number]["ports"]>;

describe("ports of NetworkPolicies", () => {
  const admits = (ports: Ports | null | undefined, port: number, protocol: Protocol = "TCP"): boolean => {
    const spec = { podSelector: {}, ingress: [{ ports: ports as Ports }] };
    return ask(network({ "tenant-b/p": spec }), "tenant-a/web", "tenant-b/web", port, protocol).allowed;
  };

  it("admits all ports and protocols without a list", () => {
    for (const ports of [undefined, null, []]) assert.equal(admits(ports, 53, "SCTP"), true);
  });

  it("means TCP when no protocol is given", () => {
    assert.equal(admits([{ port: 53 }], 53), true);
    assert.equal(admits([{ port: 53 }], 53, "UDP"), false);
  });

  it("admits all ports of the protocol when no port is given", () => {
    assert.equal(admits([{ protocol: "UDP" }], 5353, "UDP"), true);
    assert.equal(admits([{ protocol: "UDP" }], 5353, "TCP"), false);
    assert.equal(admits([{}], 5353, "TCP"), true);
    assert.equal(admits([{}], 5353, "UDP"), false);
  });

  it("admits both ends of a range and nothing beyond", () => {
    const ports = [{ port: 8000, endPort: 8080, protocol: "SCTP" }];
    assert.deepEqual(
      [7999, 8000, 8080, 8081].map((port) => admits(ports, port, "SCTP")),
      [false, true, true, false],
    );
  });

  it("resolves names on the destination, by protocol, in every container", () => {
    const ports = [
      { name: "api", port: 7000 },
      { name: "api", port: 7001, protocol: "UDP" as const },
      { name: "api", port: 7002 },
    ];
    const egress = { podSelector: {}, egress: [{ ports: [{ port: "api" }] }] };
    const net = network(
      { "tenant-a/p": egress },
      { pods: [pod("tenant-a/web", { ports: [{ name: "api", port: 1 }] }), pod("tenant-b/web", { ports })] },
    );
    const open = (port: number, protocol: Protocol = "TCP") =>
      ask(net, "tenant-a/web", "tenant-b/web", port, protocol).allowed;
    assert.deepEqual([open(7000), open(7002), open(7001, "UDP")], [true, true, false]);
    assert.deepEqual([open(1), open(7001)], [false, false]);
  });

  it("resolves a name to nothing where the destination has no such port", () => {
    assert.equal(admits([{ port: "grpc" }], 8080), false);
    const spec = { podSelector: {}, egress: [{ ports: [{ port: "http" }] }] };
    const outside = namedRange("example", ["203.0.113.7/32"]);
    assert.equal(canReach(network({ "tenant-a/p": spec }), "tenant-a/web", outside, 8080, "TCP").allowed, false);
  });
});

describe("ipBlocks", () => {
  const egressTo = (...blocks: { cidr: string; except?: string[] }[]): Record<string, NetworkPolicySpec> => ({
    "tenant-a/p": {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: blocks.map((ipBlock) => ({ ipBlock })) }],
    },
  });
  const reaches = (policies: Record<string, NetworkPolicySpec>, cidr: string): boolean =>
    canReach(network(policies), "tenant-a/web", namedRange("range", [cidr]), 443, "TCP").allowed;

  it("match inside the block and not inside its exceptions", () => {
    const policies = egressTo({ cidr: "203.0.113.0/24", except: ["203.0.113.128/25"] });
    assert.equal(reaches(policies, "203.0.113.127/32"), true);
    assert.equal(reaches(policies, "203.0.113.128/32"), false);
    assert.equal(reaches(policies, "203.0.114.0/32"), false);
  });

  it("match a range as soon as one address of it is admitted", () => {
    assert.equal(reaches(egressTo({ cidr: "0.0.0.0/0", except: ["169.254.169.0/25"] }), "169.254.169.254/32"), true);
    assert.equal(reaches(egressTo({ cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] }), "169.254.0.0/16"), false);
  });

  it("undo an exception by another block", () => {
    const policies = egressTo({ cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] }, { cidr: "169.254.169.254/32" });
    assert.equal(reaches(policies, "169.254.169.254/32"), true);
  });

  it("know IPv6, apart from IPv4", () => {
    const policies = egressTo({ cidr: "2001:db8::/32", except: ["2001:db8:1::/48"] });
    assert.equal(reaches(policies, "2001:db8::5/128"), true);
    assert.equal(reaches(policies, "2001:db8:1::5/128"), false);
    assert.equal(reaches(policies, "0.0.0.0/0"), false);
    assert.equal(reaches(egressTo({ cidr: "::/0" }), "203.0.113.1/32"), false);
  });

  it("may match pods, at their own addresses or at a Service's", () => {
    const toPods = (block: { cidr: string; except?: string[] }) =>
      ask(network(egressTo(block)), "tenant-a/web", "tenant-b/web").allowed;
    assert.equal(toPods({ cidr: "10.0.0.0/8" }), true);
    assert.equal(toPods({ cidr: "10.96.0.10/32" }), true);
    assert.equal(toPods({ cidr: "0.0.0.0/0", except: ["10.96.0.0/16"] }), true);
    assert.equal(toPods({ cidr: "0.0.0.0/0", except: ["10.96.0.0/16", "10.244.0.0/16"] }), false);
    assert.equal(toPods({ cidr: "192.168.0.0/24" }), false);
  });

  it("may admit pods and outsiders that come in by a node's address", () => {
    const ingress = { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: "192.168.0.0/24" } }] }] };
    const net = network({ "tenant-b/p": ingress });
    assert.equal(ask(net, "tenant-a/web", "tenant-b/web").allowed, true);
    assert.equal(canReach(net, namedRange("internet", ["203.0.113.9/32"]), "tenant-b/web", 8080, "TCP").allowed, true);
  });

  it("may match any pod when nobody has said where pods are", () => {
    const net = network(egressTo({ cidr: "203.0.113.0/24" }), { ranges: { ...ranges, pods: undefined } });
    assert.equal(ask(net, "tenant-a/web", "tenant-b/web").allowed, true);
  });

  it("are exact for pods with known addresses", () => {
    const fixed = [pod("tenant-a/web"), pod("tenant-b/web", { addresses: ["10.244.1.5", "fd00::5"] })];
    const allowed = (cidr: string) =>
      ask(network(egressTo({ cidr }), { pods: fixed }), "tenant-a/web", "tenant-b/web").allowed;
    assert.deepEqual(["10.244.1.5/32", "10.244.1.6/32", "fd00::/64"].map(allowed), [true, false, true]);
  });
});

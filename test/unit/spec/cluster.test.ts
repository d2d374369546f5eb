import { strict as assert } from "node:assert";
import { clusterRanges } from "../../../components/spec/cluster";
import { assertFault, faultsAfter, financePlace, stackPlace, type Files } from "../config/fixture";

describe("the cluster", () => {
  it("has kubeadm's ranges for pods and services when none are declared", () => {
    assert.deepEqual(
      clusterRanges().map(({ range }) => range.text),
      ["10.244.0.0/16", "10.96.0.0/12"],
    );
  });

  it("closes all of kubeadm's service range to tenants", () => {
    assertFault(
      ({ tenants }) => (tenants["finance"].spec.network.egressTo[0].cidr = "10.97.0.10/32"),
      financePlace("network.egressTo[0].cidr"),
      /service network/,
    );
  });

  for (const [range, masked] of [
    ["10.244.3.7/8", "10.0.0.0/8"],
    ["192.168.0.1/24", "192.168.0.0/24"],
    ["2001:db8::1/32", "2001:db8::/32"],
    ["fd00:1:2:3::4/64", "fd00:1:2:3::/64"],
  ] as const) {
    it(`is refused with the address ${range} for a range, and offered ${masked}`, () => {
      const place = stackPlace("cluster.nodeCidrs[0]");
      const change = (nodeCidrs: string[]) => faultsAfter(({ config }) => (config.cluster.nodeCidrs = nodeCidrs));
      assertFault(({ config }) => (config.cluster.nodeCidrs = [range]), place, /host bits/);
      assert.ok(change([range])[0]?.fix.includes(`\`${masked}\``));
      assert.deepEqual(change([masked]), []);
    });
  }

  it("takes controllers in the nodes' network only where the nodes' addresses are known and hold no pods", () => {
    const host = (facts: object) => (files: Files) =>
      Object.assign(files.config.cluster, {
        ingressControllers: [{ namespace: "ingress-nginx", podLabels: { app: "nginx" }, hostNetwork: true }],
        ...facts,
      });
    const place = stackPlace("cluster.ingressControllers[0].hostNetwork");
    assert.deepEqual(faultsAfter(host({ nodeCidrs: ["192.168.0.0/24"] })), []);
    assertFault(host({ nodeCidrs: [] }), place, /needs the addresses of the nodes/);
    assertFault(host({ nodeCidrs: ["10.0.0.0/8"] }), place, /would let in every pod/);
  });

  it("takes a DNS cache on the node, and no metadata service in its place", () => {
    const cache = (address: string) => (files: Files) =>
      (files.config.cluster.dns = {
        namespace: "kube-system",
        podLabels: { "k8s-app": "kube-dns" },
        nodeLocalAddresses: [address],
      });
    const place = stackPlace("cluster.dns.nodeLocalAddresses[0]");
    for (const address of ["169.254.20.10", "169.254.25.10", "fd00::a"]) {
      assert.deepEqual(faultsAfter(cache(address)), [], address);
    }
    for (const address of ["169.254.169.254", "168.63.129.16", "127.0.0.1", "fd00:ec2::254"]) {
      assertFault(cache(address), place, /metadata service or of the node itself/);
    }
    for (const address of ["10.244.0.3", "10.244.255.255"]) {
      assertFault(cache(address), place, /may be the address of any tenant's pod/, /`namespace` and `podLabels`/);
    }
    for (const address of ["169.254.20.10/32", "localhost", "169.254.20.10:53"]) {
      assertFault(cache(address), place, /is not an address/);
    }
  });

  it("is refused with a single address, and told how to write it as a range", () => {
    assertFault(
      ({ config }) => (config.cluster.nodeCidrs = ["192.168.0.1"]),
      stackPlace("cluster.nodeCidrs[0]"),
      /has no length of a prefix/,
      /`192\.168\.0\.1\/32`/,
    );
  });
});

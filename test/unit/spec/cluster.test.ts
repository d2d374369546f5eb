import { strict as assert } from "node:assert";
import { clusterRanges } from "../../../components/spec/cluster";
import { assertFault, faultsAfter, financePlace, stackPlace } from "../config/fixture";

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

  it("is refused with a single address, and told how to write it as a range", () => {
    assertFault(
      ({ config }) => (config.cluster.nodeCidrs = ["192.168.0.1"]),
      stackPlace("cluster.nodeCidrs[0]"),
      /has no length of a prefix/,
      /`192\.168\.0\.1\/32`/,
    );
  });
});

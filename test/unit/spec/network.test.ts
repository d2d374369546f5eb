import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, stackPlace, type Files } from "../config/fixture";

const egress = (cidr: string) => (files: Files) => (files.tenants["finance"].spec.network.egressTo[0].cidr = cidr);
const peer = (namespace: string) => (files: Files) =>
  (files.tenants["finance"].spec.network.ingressFrom[0].namespace = namespace);
const egressPlace = financePlace("network.egressTo[0].cidr");
const peerPlace = financePlace("network.ingressFrom[0].namespace");

describe("network", () => {
  for (const cidr of [
    "203.0.113.0",
    "203.0.113/24",
    "203.0.113.0/33",
    "2001:db8::/129",
    "example.com/24",
    "010.0.0.0/8",
    "203.0.113.0/024",
  ]) {
    it(`refuses ${cidr}, which is no range`, () => assertFault(egress(cidr), egressPlace, /range|prefix/));
  }

  it("refuses a range with host bits, which the API server refuses", () => {
    assertFault(egress("203.0.113.7/24"), egressPlace, /host bits/);
    assertFault(egress("2001:db8::1/32"), egressPlace, /host bits/);
    assertFault(
      ({ config }) => (config.cluster.nodeCidrs = ["192.168.0.7/24"]),
      stackPlace("cluster.nodeCidrs[0]"),
      /host bits/,
    );
  });

  for (const [what, cidr] of Object.entries({
    "the metadata address": "169.254.169.254/32",
    "link-local addresses": "169.254.0.0/17",
    "link-local addresses of IPv6": "fe80::/64",
    "metadata by IPv6": "fd00:ec2::254/128",
    "Azure's host": "168.63.129.16/32",
    "loopback addresses": "127.0.0.1/32",
    "pods by the default range": "10.244.3.0/24",
    "services by the default range": "10.96.0.1/32",
    "nodes by the configured range": "192.168.0.8/32",
    "IPv4 metadata in IPv6 form": "::ffff:169.254.169.254/128",
  })) {
    it(`refuses egress to ${what}`, () => assertFault(egress(cidr), egressPlace, /stays closed|IPv6 form/));
  }

  it("accepts egress to a wider range: the closed addresses in it are excepted by the plan", () => {
    for (const cidr of ["0.0.0.0/0", "169.0.0.0/8", "198.51.100.7/32"])
      assert.deepEqual(faultsAfter(egress(cidr)), [], cidr);
  });

  it("refuses IPv6 while nobody said what the cluster has of it, and accepts it then", () => {
    assertFault(egress("::/0"), egressPlace, /IPv6 ranges are not known \(`podCidrs`, `serviceCidrs`, `nodeCidrs`\)/);
    assertFault(egress("2001:db8::/32"), egressPlace, /IPv6 ranges are not known/);
    const withCluster = (facts: object) => (files: Files) => {
      egress("::/0")(files);
      Object.assign(files.config.cluster, facts);
    };
    assert.deepEqual(faultsAfter(withCluster({ ipFamilies: ["IPv4"] })), []);
    const dual = {
      ipFamilies: ["IPv4", "IPv6"],
      podCidrs: ["10.244.0.0/16", "fd00:1::/56"],
      serviceCidrs: ["10.96.0.0/12", "fd00:2::/112"],
      nodeCidrs: ["192.168.0.0/24", "fd00:3::/64"],
    };
    assert.deepEqual(faultsAfter(withCluster(dual)), []);
    assertFault(withCluster({ ...dual, nodeCidrs: ["192.168.0.0/24"] }), egressPlace, /not known \(`nodeCidrs`\)/);
    assertFault(
      ({ config }) => Object.assign(config.cluster, { ...dual, podCidrs: ["10.244.0.0/16"] }),
      stackPlace("cluster.podCidrs"),
      /has no IPv6 range/,
    );
    assertFault(
      ({ config }) =>
        Object.assign(config.cluster, {
          ...dual,
          ipFamilies: ["IPv4"],
          podCidrs: ["10.244.0.0/16"],
          nodeCidrs: ["192.168.0.0/24"],
        }),
      stackPlace("cluster.serviceCidrs"),
      /has fd00:2::\/112, and `ipFamilies` says/,
    );
  });

  it("takes a range of ports, and refuses one that ends before it begins", () => {
    const ports = (port: number, endPort: number) => (files: Files) =>
      (files.tenants["finance"].spec.network.egressTo[0].ports = [{ port, endPort }]);
    assert.deepEqual(faultsAfter(ports(8000, 8010)), []);
    assertFault(ports(8000, 7999), financePlace("network.egressTo[0].ports[0].endPort"), /below `port`, 8000/);
  });

  it("takes every pod of a namespace only when that is said", () => {
    const selection = (change: object) => (files: Files) =>
      (files.tenants["finance"].spec.network.ingressFrom = [{ namespace: "finance-apps", ...change }]);
    const at = (key: string) => financePlace(`network.ingressFrom[0].${key}`);
    assert.deepEqual(faultsAfter(selection({ allPods: true })), []);
    assertFault(selection({}), at("podLabels"), /not known which pods are meant/);
    assertFault(selection({ allPods: false }), at("podLabels"), /not known which pods are meant/);
    assertFault(selection({ allPods: true, podLabels: { app: "x" } }), at("allPods"), /stands beside `podLabels`/);
  });

  it("takes configured pod ranges in place of the default ones", () => {
    const move = (files: Files) => (files.config.cluster.podCidrs = ["10.32.0.0/14"]);
    assert.deepEqual(
      faultsAfter((files) => {
        move(files);
        egress("10.244.3.0/24")(files);
      }),
      [],
    );
    assertFault(
      (files) => {
        move(files);
        egress("10.33.0.0/16")(files);
      },
      egressPlace,
      /stays closed/,
    );
  });

  it("refuses peers in tenants' namespaces, of tenants and of the cluster", () => {
    assertFault(peer("tenant-hr"), peerPlace, /namespace of a tenant/);
    const labels = { podLabels: { app: "x" } };
    assertFault(
      ({ config }) => (config.cluster.dns = { namespace: "tenant-hr", ...labels }),
      stackPlace("cluster.dns.namespace"),
      /namespace of a tenant/,
    );
    assertFault(
      ({ config }) => (config.cluster.monitoring = [{ namespace: "tenant-hr", ...labels }]),
      stackPlace("cluster.monitoring[0].namespace"),
      /namespace of a tenant/,
    );
  });

  it("refuses the cluster's own namespaces as peers of a tenant, and allows them to the cluster", () => {
    for (const namespace of [
      "kube-system",
      "kube-public",
      "kube-node-lease",
      "ollama-platform-system",
      "openshift",
      "openshift-dns",
    ]) {
      assertFault(peer(namespace), peerPlace, /cluster itself/);
    }
    assert.deepEqual(
      faultsAfter(
        ({ config }) =>
          (config.cluster.ingressControllers = [{ namespace: "kube-system", podLabels: { app: "traefik" } }]),
      ),
      [],
    );
  });
});

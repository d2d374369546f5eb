import { strict as assert } from "node:assert";
import { podPlaces, withoutDerived } from "../../../verifier/derived";

const pod = (namespace: string, ip: string, spec = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace },
  spec,
  status: { podIPs: [{ ip }] },
});
const slice = (namespace: string, ...addresses: string[]) => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: "s",
    namespace,
    labels: { "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" },
  },
  endpoints: addresses.map((address) => ({ addresses: [address] })),
});
const endpoints = (namespace: string, ip: string) => ({
  apiVersion: "v1",
  kind: "Endpoints",
  metadata: { name: "e", namespace },
  subsets: [{ addresses: [{ ip }] }],
});
const kinds = (objects: Record<string, unknown>[]) => withoutDerived(objects).map(({ kind }) => kind);

describe("endpoints of a live cluster", () => {
  const own = pod("tenant-hr", "10.244.0.5");
  const other = pod("tenant-finance", "10.244.0.6");

  it("are left out when they lead to pods of their own namespace only", () => {
    assert.deepEqual(kinds([own, slice("tenant-hr", "10.244.0.5"), endpoints("tenant-hr", "10.244.0.5")]), ["Pod"]);
    assert.deepEqual(kinds([slice("tenant-hr")]), []);
  });

  it("stay when one address is another tenant's pod, whatever their labels say", () => {
    assert.deepEqual(kinds([own, other, slice("tenant-hr", "10.244.0.5", "10.244.0.6")]), [
      "Pod",
      "Pod",
      "EndpointSlice",
    ]);
    assert.deepEqual(kinds([own, other, endpoints("tenant-hr", "10.244.0.6")]), ["Pod", "Pod", "Endpoints"]);
  });

  it("are left out while they tell of a pod of their namespace that has just gone, unless another one has its address by now", () => {
    const former = new Set(podPlaces(own));
    const kept = (...objects: Record<string, unknown>[]) => withoutDerived(objects, former).map(({ kind }) => kind);
    assert.deepEqual(kept(slice("tenant-hr", "10.244.0.5")), []);
    assert.deepEqual(kept(slice("tenant-finance", "10.244.0.5")), ["EndpointSlice"]);
    assert.deepEqual(kept(slice("tenant-hr", "10.244.0.5"), pod("tenant-finance", "10.244.0.5")), [
      "EndpointSlice",
      "Pod",
    ]);
    assert.deepEqual(podPlaces(pod("tenant-hr", "192.0.2.1", { hostNetwork: true })), []);
  });

  it("stay when they lead to no pod, or to a node by a pod on its network", () => {
    assert.deepEqual(kinds([slice("tenant-hr", "169.254.169.254")]), ["EndpointSlice"]);
    const onHost = pod("tenant-hr", "192.0.2.1", { hostNetwork: true });
    assert.deepEqual(kinds([onHost, slice("tenant-hr", "192.0.2.1")]), ["Pod", "EndpointSlice"]);
  });
});

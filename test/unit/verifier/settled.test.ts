import { strict as assert } from "node:assert";
import type { KubernetesObject } from "../../../policy-pack/model/kubernetes";
import type { Resource } from "../../../verifier/live-objects";
import { FormerAddresses } from "../../../verifier/monitor/former-addresses";
import { settledObjects } from "../../../verifier/settled";
import { fakeApi, ok, refused } from "./fake-api";

const resource = (group: string, version: string, name: string, kind: string): Resource => ({
  ...{ group, version, resource: name, kind, namespaced: true, verbs: ["list"], subresources: [] },
});
const RESOURCES = [
  resource("", "v1", "pods", "Pod"),
  resource("", "v1", "endpoints", "Endpoints"),
  resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
];
const pod = (name: string, ip: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "tenant-hr" },
  status: { podIPs: [{ ip }] },
});
const slice = (address: string, targetRef: object | undefined = { kind: "Pod", name: "ollama" }): KubernetesObject => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name: "ollama", namespace: "tenant-hr" },
  endpoints: [{ addresses: [address], ...(targetRef && { targetRef }) }],
});

/** A cluster in which these objects are there when it is asked again. */
const then = (...objects: KubernetesObject[]) =>
  fakeApi(({ path }) => {
    const kind = path.includes("/pods") ? "Pod" : path.includes("/endpointslices") ? "EndpointSlice" : "Endpoints";
    return ok({ metadata: {}, items: objects.filter((object) => object.kind === kind) });
  });
const kindsOf = async (api: ReturnType<typeof then>, objects: KubernetesObject[], resources = RESOURCES) =>
  (await settledObjects(api, { objects, resources }, 0)).map(({ kind }) => kind);

describe("endpoints that were read while pods came and went", () => {
  it("are nobody's hand when their pod is there a moment later", async () => {
    const api = then(pod("ollama", "10.244.0.5"), slice("10.244.0.5"));
    assert.deepEqual(await kindsOf(api, [slice("10.244.0.5")]), []);
  });

  it("are nobody's hand when they no longer tell of a pod that is gone, or still tell of one that was there", async () => {
    const gone = pod("old", "10.244.0.4");
    assert.deepEqual(await kindsOf(then(), [slice("10.244.0.9")]), []);
    const api = then(pod("new", "10.244.0.5"), slice("10.244.0.4"));
    assert.deepEqual(await kindsOf(api, [gone, slice("10.244.0.9")]), ["Pod"]);
  });

  it("are a hand's when they lead elsewhere whenever they are looked at", async () => {
    const api = then(slice("10.244.9.9"));
    assert.deepEqual(await kindsOf(api, [slice("10.244.9.9")]), ["EndpointSlice"]);
  });

  it("are a hand's at once when they do not even say that they lead to pods", async () => {
    const api = then();
    assert.deepEqual(await kindsOf(api, [slice("169.254.169.254", { kind: "Node" })]), ["EndpointSlice"]);
    assert.deepEqual(api.asked, []);
  });

  it("are judged by what was read first when they cannot be read again", async () => {
    const away = fakeApi(() => refused(403, "cannot list"));
    assert.deepEqual(await kindsOf(away, [slice("10.244.0.5")]), ["EndpointSlice"]);
    assert.deepEqual(await kindsOf(then(), [slice("10.244.0.5")], RESOURCES.slice(1)), ["EndpointSlice"]);
  });
});

describe("addresses of pods that have just gone", () => {
  it("are known for a minute", () => {
    const former = new FormerAddresses();
    former.add(pod("ollama", "10.244.0.5"), 1_000_000);
    former.add(slice("10.244.0.6"), 1_000_000);
    assert.deepEqual([...former.recent(1_059_000)], ["tenant-hr 10.244.0.5"]);
    assert.deepEqual([...former.recent(1_061_000)], []);
  });
});

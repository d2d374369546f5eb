import { strict as assert } from "node:assert";
import { Endpoints } from "../../../../verifier/monitor/endpoints";
import type { LiveObject } from "../../../../verifier/monitor/objects";

const pod = (namespace: string, ip: string) =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `pod-${ip}`, namespace },
    spec: {},
    status: { podIPs: [{ ip }] },
  }) as unknown as LiveObject;

/** A slice as its controller writes it; `kind` of the target null: as a hand writes it that says nothing. */
const slice = (addresses: string[], kind: string | null = "Pod", name = "ollama") =>
  ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace: "tenant-hr" },
    endpoints: addresses.map((address) => ({ addresses: [address], ...(kind && { targetRef: { kind } }) })),
  }) as unknown as LiveObject;

const own = pod("tenant-hr", "10.244.0.5");
const none: ReadonlySet<string> = new Set();

/** Looks at objects at times in milliseconds; which of the looks have found a slice that leads elsewhere. */
function looks(...times: [at: number, objects: LiveObject[]][]): { found: boolean[]; again: (number | undefined)[] } {
  const endpoints = new Endpoints();
  const results = times.map(([at, objects]) => endpoints.settled(objects, none, at));
  return {
    found: results.map(({ objects }) => objects.some(({ kind }) => kind === "EndpointSlice")),
    again: results.map(({ again }) => again),
  };
}

describe("endpoints that the monitor follows", () => {
  it("say nothing where they lead to pods of their namespace", () => {
    const { found, again } = looks([0, [own, slice(["10.244.0.5"])]]);
    assert.deepEqual([found, again], [[false], [undefined]]);
  });

  it("may lead elsewhere for two seconds, and are looked at again then", () => {
    const objects = [own, slice(["10.244.0.6"])];
    const { found, again } = looks([0, objects], [500, objects], [1_999, objects], [2_000, objects]);
    assert.deepEqual(found, [false, false, false, true]);
    assert.deepEqual(again, [2_000, 1_500, 1, undefined]);
  });

  it("lead elsewhere at once when they do not say that they lead to pods", () => {
    assert.deepEqual(looks([0, [own, slice(["10.244.0.6"], null)]]).found, [true]);
    assert.deepEqual(looks([0, [own, slice(["10.244.0.6"], "Node")]]).found, [true]);
  });

  it("have two seconds again after they were settled", () => {
    const [settled, led] = [
      [own, slice(["10.244.0.5"])],
      [own, slice(["10.244.0.6"])],
    ];
    assert.deepEqual(looks([0, led], [1_500, settled], [2_500, led], [4_000, led]).found, [false, false, false, false]);
  });

  it("have two seconds for each address while pods come and go, but not for ever", () => {
    const at = (time: number, last: number): [number, LiveObject[]] => [time, [own, slice([`10.244.1.${last}`])]];
    const coming = Array.from({ length: 11 }, (_, index) => at(index * 1_000, index));
    assert.deepEqual(looks(...coming).found, [...Array<boolean>(10).fill(false), true]);
    assert.deepEqual(looks(at(0, 1), at(1_000, 2), at(2_000, 1)).found, [false, false, false]);
  });

  it("are told apart by name", () => {
    const both = [own, slice(["10.244.0.6"], "Pod", "one"), slice(["10.244.0.6"], "Pod", "other")];
    assert.deepEqual(looks([0, both.slice(0, 2)], [1_500, both], [2_500, both]).found, [false, false, true]);
    assert.equal(looks([0, both.slice(0, 2)], [1_500, both]).again[1], 500);
  });
});

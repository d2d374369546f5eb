import { strict as assert } from "node:assert";
import type { ApiRequest, ApiReply } from "../../../../verifier/cluster-api";
import { CONTROL_NAMESPACE, PROBE_LABEL, STRANGER_NAMESPACE } from "../../../../verifier/traffic/places";
import { AnotherRun, removeLeftovers, withSession } from "../../../../verifier/traffic/session";
import { fakeApi, ok, refused } from "../fake-api";

interface Stored {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: object; annotations?: Record<string, string> };
}

/** A cluster that keeps namespaces and pods, as far as a session asks for them. */
function cluster(stored: Stored[] = []) {
  const objects = [...stored];
  const kindOf = (path: string): string => (/\/pods(\/|\?|$)/.test(path) ? "Pod" : "Namespace");
  const answer = ({ method = "GET", path, body }: ApiRequest): ApiReply => {
    const name = path.split("?")[0]?.split("/").at(-1) ?? "";
    const at = objects.findIndex(({ kind, metadata }) => kind === kindOf(path) && metadata.name === name);
    if (method === "POST") {
      objects.push(body as Stored);
      return ok({ metadata: { uid: "1" } });
    }
    if (path.includes("labelSelector")) return ok({ items: objects.filter(({ kind }) => kind === kindOf(path)) });
    const found = objects[at];
    if (found === undefined) return refused(404, "not found");
    if (method === "DELETE") objects.splice(at, 1);
    if (method === "PATCH") found.metadata.annotations = (body as Stored).metadata.annotations;
    return ok(found);
  };
  return { objects, api: fakeApi(answer) };
}

const labelled = (kind: string, name: string, namespace?: string): Stored => ({
  kind,
  metadata: { name, namespace, labels: { [PROBE_LABEL]: "listener" } },
});
const pod = (namespace: string): object => ({
  apiVersion: "v1",
  ...labelled("Pod", "verifier-probe-listener", namespace),
});

describe("the objects of a run of traffic", () => {
  it("are made in the verifier's own namespaces and where they are asked for, and are gone afterwards", async () => {
    const { objects, api } = cluster();
    await withSession(api, undefined, async (session) => {
      assert.deepEqual(await session.create(pod("tenant-hr")), { uid: "1" });
      assert.deepEqual(
        objects.map(({ metadata }) => metadata.name),
        [CONTROL_NAMESPACE, STRANGER_NAMESPACE, "verifier-probe-listener"],
      );
    });
    assert.deepEqual(objects, []);
  });

  it("are gone when the work breaks off", async () => {
    const { objects, api } = cluster();
    const broken = withSession(api, undefined, async (session) => {
      await session.create(pod("tenant-hr"));
      throw new Error("broken off");
    });
    await assert.rejects(broken, /broken off/);
    assert.deepEqual(objects, []);
  });

  it("are gone when someone ends the run, and no more are made", async () => {
    const { objects, api } = cluster();
    const controller = new AbortController();
    const ended = withSession(api, controller.signal, async (session) => {
      await session.create(pod("tenant-hr"));
      controller.abort(new Error("ended by SIGINT"));
      await session.create(pod("tenant-finance"));
    });
    await assert.rejects(ended, /SIGINT/);
    assert.deepEqual(objects, []);
  });

  it("that a killed run has left are removed by the next", async () => {
    const { objects, api } = cluster([
      labelled("Namespace", CONTROL_NAMESPACE),
      labelled("Pod", "verifier-probe-asker", "tenant-hr"),
    ]);
    await removeLeftovers(api, 0);
    assert.deepEqual(objects, []);
  });

  it("are let alone while the run that made them is at work", async () => {
    const { objects, api } = cluster([labelled("Namespace", CONTROL_NAMESPACE)]);
    const timer = setInterval(() => {
      const [namespace] = objects;
      if (namespace) namespace.metadata.annotations = { "ollama-platform.io/verifier-alive": `${Math.random()}` };
    }, 5);
    try {
      await assert.rejects(removeLeftovers(api, 100), AnotherRun);
    } finally {
      clearInterval(timer);
    }
    assert.equal(objects.length, 1);
  });

  it("are none where nothing was left, without waiting", async () => {
    const { api } = cluster();
    await removeLeftovers(api, 1e9);
    assert.ok(api.asked.every(({ method = "GET" }) => method === "GET"));
  });
});

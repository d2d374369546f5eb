import { strict as assert } from "node:assert";
import { KubeConfig, type V1PersistentVolume } from "@kubernetes/client-node";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { freeVolumes } from "../../../../tools/drift/volumes";

const claim = { namespace: "tenant-hr", name: "models" };

/** A volume as the API server writes it. */
const volume = (name: string, phase: string, uid?: string, more: object = {}) =>
  ({
    metadata: { name, ...more },
    spec: { claimRef: { ...claim, ...(uid !== undefined && { uid, resourceVersion: "7" }) } },
    status: { phase },
  }) as V1PersistentVolume;

describe("volumes of claims that are gone", () => {
  let server: Server;
  let asked: { method?: string; url?: string; body: string }[];
  let volumes: V1PersistentVolume[];

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        asked.push({ method: request.method, url: request.url, body });
        response.setHeader("content-type", "application/json");
        const list = { apiVersion: "v1", kind: "PersistentVolumeList", items: volumes };
        response.end(JSON.stringify(request.method === "GET" ? list : {}));
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => server.close());

  function free(): Promise<string[]> {
    const config = new KubeConfig();
    const { port } = server.address() as AddressInfo;
    config.loadFromClusterAndUser(
      { name: "c", server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
      { name: "u" },
    );
    return freeVolumes(config);
  }

  it("are free again for the claim that they are declared for", async () => {
    volumes = [volume("models-hr", "Released", "old")];
    assert.deepEqual(await free(), [
      "volume models-hr is free again for the claim tenant-hr/models: the one that it was bound to is gone",
    ]);
    const [, patch] = asked;
    assert.equal(patch?.url?.split("?")[0], "/api/v1/persistentvolumes/models-hr");
    assert.deepEqual(JSON.parse(patch.body), [
      { op: "test", path: "/spec/claimRef/uid", value: "old" },
      { op: "remove", path: "/spec/claimRef/uid" },
      { op: "remove", path: "/spec/claimRef/resourceVersion" },
    ]);
  });

  it("are left alone while they are bound, free, about to be deleted, or another program's", async () => {
    volumes = [
      volume("bound", "Bound", "now"),
      volume("free", "Available"),
      volume("going", "Released", "old", { deletionTimestamp: "2030-01-01T00:00:00Z" }),
    ];
    assert.deepEqual(await free(), []);
    assert.equal(asked.length, 1);
    assert.match(decodeURIComponent(asked[0]?.url ?? ""), /labelSelector=app\.kubernetes\.io\/part-of=ollama-platform/);
  });
});

import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import * as path from "node:path";
import { blobFile, blobsIn, blobsOf, wholeModels } from "./support/expected";
import { newStore, type LoaderResult, type Store } from "./support/loader";
import { makeModel, startRegistry, type Registry } from "./support/registry";

describe("Views of tenants on one store", () => {
  const shared = randomBytes(200_000);
  // The first two have a layer in common, as models of one family do.
  const models = { base: makeModel([shared, randomBytes(1000)]), chat: makeModel([shared]), code: makeModel() };
  type Name = keyof typeof models;
  let registry: Registry;
  let store: Store;

  before(async () => {
    registry = await startRegistry();
    for (const [name, model] of Object.entries(models)) await registry.publish(model, `team/${name}`, "v1");
  });
  after(() => registry.stop());
  beforeEach(() => {
    store = newStore();
  });
  afterEach(() => store.remove());

  const canonical = (name: Name): string => `registry.ollama.ai/library/${name}:v1`;
  const view = (tenant: string): string => path.join(store.root, "views", tenant);
  const stored = (...names: Name[]): string[] => names.map((name) => `registry.ollama.ai/library/${name}/v1`).sort();

  async function load(views: Record<string, Name[]>, host = registry.host): Promise<LoaderResult> {
    const names = [...new Set(Object.values(views).flat())];
    return store.load({
      models: names.map((name) => ({
        name: canonical(name),
        source: `${host}/team/${name}:v1`,
        digest: models[name].digest,
      })),
      views: Object.fromEntries(Object.entries(views).map(([tenant, list]) => [tenant, list.map(canonical)])),
      plainHttpHosts: [host],
    });
  }

  async function loaded(views: Record<string, Name[]>): Promise<void> {
    const { code, output } = await load(views);
    assert.equal(code, 0, output);
    for (const [tenant, names] of Object.entries(views)) {
      assert.deepEqual(wholeModels(view(tenant)), stored(...names));
      assert.deepEqual(blobsIn(view(tenant)), blobsOf(...names.map((name) => models[name])));
    }
  }

  it("hold the allowed models' blobs and no other's, and each blob lies on the disk once", async () => {
    await loaded({ finance: ["base", "chat"], health: ["chat", "code"] });
    for (const digest of models.chat.blobs.keys()) {
      const files = [store.root, view("finance"), view("health")].map((folder) => statSync(blobFile(folder, digest)));
      assert.equal(new Set(files.map(({ ino }) => ino)).size, 1);
    }
    assert.deepEqual(blobsIn(store.root), blobsOf(...Object.values(models)));
  });

  it("follow a changed list, in the folder that servers have mounted", async () => {
    await loaded({ finance: ["base"], health: ["chat"] });
    const { ino } = statSync(view("finance"));
    await loaded({ finance: ["base", "code"], health: ["chat"] });
    await loaded({ finance: ["code"], health: ["chat"] });
    assert.equal(statSync(view("finance")).ino, ino);
    assert.deepEqual(blobsIn(store.root), blobsOf(models.code, models.chat));
  });

  it("lose a model without taking a layer of it from another tenant's model", async () => {
    await loaded({ finance: ["base"], health: ["chat"] });
    await loaded({ finance: [], health: ["chat"] });
  });

  it("lose a model even when no registry answers", async () => {
    await loaded({ finance: ["base", "chat"] });
    const { code } = await load({ finance: ["chat", "code"] }, "127.0.0.1:1");
    assert.equal(code, 75);
    assert.deepEqual(wholeModels(view("finance")), stored("chat"));
    assert.deepEqual(blobsIn(view("finance")), blobsOf(models.chat));
  });

  it("keep what they have when one model fails, and get the others", async () => {
    await loaded({ finance: ["base"] });
    const broken = { name: canonical("code"), source: `${registry.host}/team/missing:v1` };
    const { code, output } = await store.load({
      models: [
        { name: canonical("base"), source: `${registry.host}/team/base:v1` },
        broken,
        { name: canonical("chat"), source: `${registry.host}/team/chat:v1` },
      ],
      views: { finance: [canonical("base"), canonical("chat"), canonical("code")] },
      plainHttpHosts: [registry.host],
    });
    assert.equal(code, 1);
    assert.ok(output.includes(`${canonical("code")}: ${registry.host} has no team/missing:v1 (status 404)`), output);
    assert.deepEqual(wholeModels(view("finance")), stored("base", "chat"));
  });

  it("are gone with their tenant, and the store keeps nothing for it", async () => {
    await loaded({ finance: ["base"], health: ["chat"] });
    await loaded({ health: ["chat"] });
    assert.ok(!existsSync(view("finance")));
    assert.deepEqual(blobsIn(store.root), blobsOf(models.chat));
    await loaded({});
    assert.deepEqual(blobsIn(store.root), []);
    assert.deepEqual(wholeModels(store.root), []);
  });

  it("are refused by a name that leads out of the store", async () => {
    for (const tenant of ["..", "a/b", ""]) {
      const { code, output } = await store.load({ models: [], views: { [tenant]: [] } });
      assert.equal(code, 1);
      assert.match(output, /is no name of a tenant/);
    }
    const { code, output } = await store.load({ models: [{ name: "../../x/y:z", source: "x" }] });
    assert.equal(code, 1);
    assert.match(output, /is no resolved name/);
  });
});

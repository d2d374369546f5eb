import * as assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, statSync, writeFileSync, mkdirSync, utimesSync } from "node:fs";
import * as path from "node:path";
import { blobFile, blobsIn, blobsOf, wholeModels } from "./support/expected";
import { startFront, type Front } from "./support/front";
import { newStore, type Store, type StoreRequest } from "./support/loader";
import { makeModel, startRegistry, type Model, type Registry } from "./support/registry";

const NAME = "registry.ollama.ai/library/small:1b";
const STORED = "registry.ollama.ai/library/small/1b";
const MIB = 2 ** 20;

describe("A model that the loader pulled", () => {
  let registry: Registry;
  let store: Store;
  const fronts: Front[] = [];
  before(async () => {
    registry = await startRegistry();
  });
  after(() => registry.stop());
  beforeEach(() => {
    store = newStore();
  });
  afterEach(async () => {
    store.remove();
    for (const front of fronts.splice(0)) await front.stop();
  });

  async function published(layers?: Buffer[]): Promise<Model> {
    const model = makeModel(layers);
    await registry.publish(model, "team/small", "v1");
    return model;
  }

  function request(digest?: string, host = registry.host): StoreRequest {
    return { models: [{ name: NAME, source: `${host}/team/small:v1`, digest }], plainHttpHosts: [host] };
  }

  /** A front that ends every answer for a blob after some bytes. */
  async function cutting(bytes: number): Promise<Front> {
    const front = await startFront(registry.host, (asked, answer, forward) => {
      if (asked.url?.includes("/blobs/")) {
        let left = bytes;
        const write = answer.write.bind(answer) as (chunk: Buffer) => boolean;
        answer.write = ((chunk: Buffer) => {
          if (left <= 0) return true;
          const part = chunk.subarray(0, left);
          left -= part.length;
          const written = write(part);
          if (left <= 0) setImmediate(() => answer.destroy());
          return written;
        }) as typeof answer.write;
      }
      forward();
    });
    fronts.push(front);
    return front;
  }

  it("is the registry's own, byte for byte, and nobody may write it", async () => {
    const model = await published();
    const { code, output } = await store.load(request(model.digest));
    assert.equal(code, 0, output);
    assert.deepEqual(wholeModels(store.root), [STORED]);
    assert.equal(readFileSync(path.join(store.root, "manifests", STORED), "utf8"), model.manifest);
    for (const digest of model.blobs.keys()) assert.equal(statSync(blobFile(store.root, digest)).mode & 0o777, 0o444);
  });

  it("is refused when its manifest has another digest than the pinned one", async () => {
    const model = await published();
    const pin = `sha256:${"0".repeat(64)}`;
    const { code, output } = await store.load(request(pin));
    assert.equal(code, 1);
    for (const text of [NAME, registry.host, pin, model.digest, "404"]) assert.ok(output.includes(text), output);
    assert.deepEqual(wholeModels(store.root), []);
  });

  it("is the pinned one even when the tag has moved on", async () => {
    const model = await published();
    await published();
    const { code, output } = await store.load(request(model.digest));
    assert.equal(code, 0, output);
    assert.deepEqual(blobsIn(store.root), blobsOf(model));
  });

  it("follows its tag when it is not pinned, and leaves nothing of the old one", async () => {
    await published();
    assert.equal((await store.load(request())).code, 0);
    const newer = await published();
    assert.equal((await store.load(request())).code, 0);
    assert.deepEqual(blobsIn(store.root), blobsOf(newer));
  });

  it("is refused when a byte of a blob is another one", async () => {
    const weights = randomBytes(100_000);
    const model = await published([weights]);
    const [, digest = ""] = [...model.blobs.keys()];
    registry.damage(digest);
    const { code, output } = await store.load(request(model.digest));
    assert.equal(code, 1);
    for (const text of [NAME, registry.host, digest]) assert.ok(output.includes(text), output);
    assert.deepEqual(wholeModels(store.root), []);
    assert.ok(!blobsIn(store.root).includes(digest.replace(":", "-")));
  });

  it("is refused when it is no model but a container image", async () => {
    const model = makeModel();
    const manifest = model.manifest.replaceAll("application/vnd.ollama.image.model", "application/vnd.oci.image.layer");
    await registry.publish({ ...model, manifest }, "team/small", "v1");
    const { code, output } = await store.load(request());
    assert.equal(code, 1);
    assert.match(output, /no layer of an Ollama model/);
  });

  it("needs no registry once it is there and pinned", async () => {
    const model = await published();
    assert.equal((await store.load(request(model.digest))).code, 0);
    const { code, output } = await store.load(request(model.digest, "127.0.0.1:1"));
    assert.equal(code, 0, output);
  });

  it("is repaired when it was damaged on the disk and a recheck is asked for", async () => {
    const model = await published();
    assert.equal((await store.load(request(model.digest))).code, 0);
    const file = blobFile(store.root, [...model.blobs.keys()][1]!);
    chmodSync(file, 0o644);
    writeFileSync(file, Buffer.alloc(statSync(file).size));
    const { code, output } = await store.load({ ...request(model.digest), recheck: true });
    assert.equal(code, 0, output);
    assert.match(output, /removed damaged blob/);
    assert.deepEqual(wholeModels(store.root), [STORED]);
  });

  it("comes whole over connections that break, each continued where the last one ended", async () => {
    const model = await published([randomBytes(3 * MIB)]);
    const front = await cutting(MIB);
    const { code, output } = await store.load(request(model.digest, front.host));
    assert.equal(code, 0, output);
    assert.deepEqual(wholeModels(store.root), [STORED]);
    assert.ok(front.asked.some(({ range }) => range !== undefined));
  });

  it("is given up, with the registry's name, when no connection brings a byte", async () => {
    const model = await published();
    const front = await startFront(registry.host, (asked, answer, forward) =>
      asked.url?.includes("/blobs/") ? answer.destroy() : forward(),
    );
    fronts.push(front);
    const { code, output } = await store.load(request(model.digest, front.host));
    assert.equal(code, 75);
    assert.ok(output.includes(`no connection to ${front.host}`), output);
  });

  it("is started over when what an interrupted pull left is not its beginning", async () => {
    const model = await published([randomBytes(MIB)]);
    const [, digest = ""] = [...model.blobs.keys()];
    mkdirSync(path.join(store.root, "partial"));
    writeFileSync(path.join(store.root, "partial", digest.replace(":", "-")), randomBytes(MIB / 2));
    const { code, output } = await store.load(request(model.digest));
    assert.equal(code, 0, output);
    assert.deepEqual(wholeModels(store.root), [STORED]);
  });

  it("is never half there, wherever the loader is killed, and the next run finishes it", async () => {
    const model = await published([randomBytes(24 * MIB), randomBytes(MIB)]);
    const views = { finance: [NAME] };
    const loadAndKill = async (host: string, started: (child: ChildProcess) => void) => {
      const { code } = await store.load({ ...request(model.digest, host), views }, { started });
      for (const folder of [store.root, path.join(store.root, "views", "finance")]) wholeModels(folder);
      return code;
    };
    // In the middle of a blob: each run gets a little further, and none of them to the end.
    for (let round = 0; round < 7; round++) {
      let kill = (): void => undefined;
      const front = await holding(Math.floor(Math.random() * 3 * MIB), () => kill());
      assert.equal(await loadAndKill(front.host, (child) => (kill = () => void child.kill("SIGKILL"))), null);
    }
    // Anywhere: also while blobs are verified and views are laid out.
    for (let round = 0; round < 6; round++)
      await loadAndKill(registry.host, (child) => void setTimeout(() => child.kill("SIGKILL"), Math.random() * 400));
    const { code, output } = await store.load({ ...request(model.digest), views });
    assert.equal(code, 0, output);
    assert.deepEqual(wholeModels(path.join(store.root, "views", "finance")), [STORED]);
    assert.deepEqual(blobsIn(store.root), blobsOf(model));
  });

  /** A front that hands on so many bytes of its blobs, says so, and then leaves its client waiting. */
  async function holding(bytes: number, reached: () => void): Promise<Front> {
    let left = bytes;
    const front = await startFront(registry.host, (asked, answer, forward) => {
      if (asked.url?.includes("/blobs/")) {
        const write = answer.write.bind(answer) as (chunk: Buffer) => boolean;
        answer.write = ((chunk: Buffer) => {
          const part = chunk.subarray(0, left);
          left -= part.length;
          if (left > 0) return write(part);
          write(part);
          setTimeout(reached, 20);
          return false;
        }) as typeof answer.write;
      }
      forward();
    });
    fronts.push(front);
    return front;
  }

  it("is refused before its first byte when the store has no room for it", async () => {
    const model = await published();
    const { code, output } = await store.load({ ...request(model.digest), maxBytes: 100_000 });
    assert.equal(code, 1);
    assert.match(output, /of 100000.*enlarge the model volume/);
    assert.deepEqual(blobsIn(store.root), []);
  });

  it("waits for another writer, and takes over from one that has ended", async () => {
    const model = await published();
    mkdirSync(store.root, { recursive: true });
    writeFileSync(path.join(store.root, "lock"), JSON.stringify({ owner: "another-pod", id: "1" }));
    let beats = 0;
    const beat = setInterval(() => {
      beats++;
      utimesSync(path.join(store.root, "lock"), new Date(), new Date());
      if (beats > 20) clearInterval(beat);
    }, 100);
    const { code, output } = await store.load(request(model.digest));
    assert.equal(code, 0, output);
    assert.match(output, /waiting/);
    assert.ok(beats > 20);
  });

  it("is not put into a store of someone else", async () => {
    mkdirSync(path.join(store.root, "manifests"));
    const { code, output } = await store.load(request());
    assert.equal(code, 1);
    assert.match(output, /someone else.*give an empty volume/);
  });
});

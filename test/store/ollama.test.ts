/** The loader's result is a store of Ollama's own: a real server answers from it, and cannot write to it. */
import * as assert from "node:assert/strict";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { blobFile as sourceBlob, provideSmallModel, smallModel } from "../../tools/images/small-model";
import { ensureTools } from "../../tools/install";
import { eventually } from "../support/wait";
import { newStore, type Store } from "./support/loader";
import { freePort, makeModel, startRegistry, type Model, type Registry } from "./support/registry";

const run = promisify(execFile);
const CANONICAL = `registry.ollama.ai/${smallModel.repository}:${smallModel.tag}`;
const OTHER = "registry.ollama.ai/library/other:1b";
/** A user that may not write the store, as in a pod; root's own rights would hide a store that is writable. */
const USER = 10001;

describe("Ollama on a view that the loader made", function () {
  this.timeout(300_000);
  let registry: Registry;
  let store: Store;
  let program: string;
  let server: ChildProcess;
  let address: string;
  const home = mkdtempSync(path.join(tmpdir(), "ollama-home-"));

  before(async () => {
    program = (await ensureTools(["ollama"])).path("ollama");
    registry = await startRegistry();
    await registry.publish(await realModel(), smallModel.repository, smallModel.tag);
    await registry.publish(makeModel(), "library/other", "1b");
    store = newStore();
    chmodSync(path.dirname(store.root), 0o755);
    const { code, output } = await load([CANONICAL]);
    assert.equal(code, 0, output);
    server = await serve(path.join(store.root, "views", "finance"));
  });
  after(async () => {
    server?.kill("SIGTERM");
    await registry?.stop();
    store?.remove();
    rmSync(home, { recursive: true, force: true });
  });

  async function realModel(): Promise<Model> {
    const { store: source, manifest, digest, blobs } = await provideSmallModel(program, process.stderr);
    return { manifest, digest, blobs: new Map(blobs.map((blob) => [blob, readFileSync(sourceBlob(source, blob))])) };
  }

  const load = (finance: string[]) =>
    store.load({
      models: [
        { name: CANONICAL, source: `${registry.host}/${smallModel.repository}:${smallModel.tag}` },
        { name: OTHER, source: `${registry.host}/library/other:1b` },
      ],
      views: { finance, health: [OTHER] },
      plainHttpHosts: [registry.host],
    });

  async function serve(models: string): Promise<ChildProcess> {
    address = `127.0.0.1:${await freePort()}`;
    const asRoot = process.getuid?.() === 0;
    chmodSync(home, 0o777);
    // The cached program may lie where that user may not go.
    const own = path.join(home, "ollama");
    copyFileSync(program, own);
    const child = spawn(own, ["serve"], {
      env: { HOME: home, OLLAMA_HOST: address, OLLAMA_MODELS: models, OLLAMA_NO_CLOUD: "1", OLLAMA_NOPRUNE: "1" },
      stdio: "ignore",
      ...(asRoot ? { uid: USER, gid: USER } : {}),
    });
    await eventually(
      "Ollama to answer",
      120,
      async () => (await fetch(`http://${address}/api/version`)).ok || undefined,
    );
    return child;
  }

  async function names(): Promise<string[]> {
    const { models } = (await (await fetch(`http://${address}/api/tags`)).json()) as { models: { name: string }[] };
    return models.map(({ name }) => name).sort();
  }

  const post = (route: string, body: unknown): Promise<Response> =>
    fetch(`http://${address}${route}`, { method: "POST", body: JSON.stringify(body) });

  it("lists the tenant's model and no other", async () => {
    assert.deepEqual(await names(), [smallModel.name]);
    assert.equal((await post("/api/show", { model: "other:1b" })).status, 404);
  });

  it("answers with it", async () => {
    const options = { num_thread: 1, num_ctx: 256, num_predict: 4 };
    const answer = await post("/api/generate", { model: smallModel.name, prompt: "Hello", stream: false, options });
    const { response } = (await answer.json()) as { response: string };
    assert.equal(answer.status, 200);
    assert.ok(response.length > 0);
  });

  it("cannot delete, copy or pull into it", async () => {
    await post("/api/copy", { source: smallModel.name, destination: "copy" });
    await fetch(`http://${address}/api/delete`, { method: "DELETE", body: JSON.stringify({ model: smallModel.name }) });
    assert.deepEqual(await names(), [smallModel.name]);
  });

  it("sees a changed list without being started again", async () => {
    assert.equal((await load([CANONICAL, OTHER])).code, 0);
    assert.deepEqual(await names(), ["other:1b", smallModel.name]);
    assert.equal((await load([CANONICAL])).code, 0);
    assert.deepEqual(await names(), [smallModel.name]);
  });

  it("could not have pulled from that registry itself", async () => {
    const reference = `http://${registry.host}/${smallModel.repository}:${smallModel.tag}`;
    const pull = run(program, ["pull", "--insecure", reference], { env: { HOME: home, OLLAMA_HOST: address } });
    await assert.rejects(pull, /Error/);
  });
});

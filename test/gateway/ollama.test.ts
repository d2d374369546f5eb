import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { document, SEED, seeded } from "../unit/gateway/support/documents";
import { ALICE, request, tenant } from "./support/decisions";
import { RunningGateway } from "./support/gateway";
import type { RawReply } from "./support/http";
import { exchange } from "./support/http";
import type { RealOllama } from "./support/ollama";
import { HIDDEN_MODEL, REAL_MODEL, startOllama } from "./support/ollama";

const MODEL = "smollm2:135m";
const DOCUMENTS = 10_000;
/** Documents that are on their way at the same time. */
const BATCH = 50;

describe(`gateway before a real Ollama, seed ${SEED}`, function () {
  // The first run may build Ollama, and an answer on a busy machine takes a while.
  this.timeout(1_800_000);
  let ollama: RealOllama;
  let gateway: RunningGateway;

  before(async () => {
    ollama = await startOllama();
    const limits = { contextLength: 512, maxTokens: 8, keepAlive: "30m" };
    gateway = await RunningGateway.start(tenant({ models: [{ canonical: REAL_MODEL }], limits }), ollama.port);
  });
  after(async () => {
    await gateway?.stop();
    await ollama?.stop();
  });

  const send = (target: string, body: object | string | undefined, method = "POST"): Promise<RawReply> =>
    exchange(gateway, request({ target, method, body: typeof body === "object" ? JSON.stringify(body) : body }));
  const messages = [{ role: "user", content: "Say hello." }];
  const loaded = async () =>
    (JSON.parse(await ollama.ask("/api/ps")) as { models: { name: string }[] }).models.map(({ name }) => name);

  /** The audit line of a reply, and the last JSON object of its stream. */
  const outcome = async (reply: RawReply) => {
    equal(reply.status, 200, reply.body);
    return gateway.auditOf(reply.headers["x-request-id"] ?? "");
  };

  for (const stream of [true, false]) {
    it(`meters what Ollama counts itself, ${stream ? "in a stream" : "in one answer"}`, async () => {
      for (const [target, fields] of [
        ["/api/chat", { messages }],
        ["/api/generate", { prompt: "Say hello." }],
      ] as [string, object][]) {
        const reply = await send(target, { model: MODEL, stream, options: { num_predict: 5 }, ...fields });
        const last = JSON.parse(reply.body.trim().split("\n").at(-1) ?? "") as {
          prompt_eval_count: number;
          eval_count: number;
          done: boolean;
        };
        const line = await outcome(reply);
        ok(last.done && last.eval_count > 0);
        deepEqual([line["prompt_tokens"], line["completion_tokens"]], [last.prompt_eval_count, last.eval_count]);
      }
    });

    it(`answers the OpenAI and Anthropic APIs, ${stream ? "in a stream" : "in one answer"}`, async () => {
      for (const [target, fields] of [
        ["/v1/chat/completions", { messages, max_tokens: 5 }],
        ["/v1/completions", { prompt: "Say hello.", max_tokens: 5 }],
        ["/v1/responses", { input: "Say hello.", max_output_tokens: 5 }],
        ["/v1/messages", { messages, max_tokens: 5 }],
      ] as [string, object][]) {
        const line = await outcome(await send(target, { model: MODEL, stream, ...fields }));
        ok(
          Number(line["prompt_tokens"]) > 0 && Number(line["completion_tokens"]) > 0,
          `${target} ${JSON.stringify(line)}`,
        );
        equal(line["partial"], false);
      }
    });
  }

  it("holds the tenant's ceiling of tokens", async () => {
    const reply = await send("/api/generate", {
      model: MODEL,
      prompt: "Count to one hundred.",
      stream: false,
      options: { num_predict: -1 },
    });
    equal((JSON.parse(reply.body) as { eval_count: number }).eval_count, 8);
  });

  it("shows the allowed model only, by any of Ollama's lists", async () => {
    ok((await ollama.ask("/api/tags")).includes(HIDDEN_MODEL));
    for (const target of ["/api/tags", "/api/ps", "/v1/models"]) {
      const { body } = await send(target, undefined, "GET");
      ok(body.includes(MODEL) && !body.includes("secret"), body);
    }
    const shown = await send("/api/show", { model: MODEL });
    match(shown.body, /"capabilities":\["completion"/);
    match((await send("/v1/models/smollm2:135m", undefined, "GET")).body, /"id":"smollm2:135m"/);
  });

  it("cannot be made to change how the model is loaded, or for how long", async () => {
    const state = async () =>
      (JSON.parse(await ollama.ask("/api/ps")) as { models: { context_length: number; expires_at: string }[] })
        .models[0];
    await send("/api/generate", { model: MODEL, prompt: "" });
    const before = await state();
    const starts = () => ollama.log().match(/starting runner/g)?.length ?? 0;
    const started = starts();
    for (const wish of [
      { keep_alive: 0 },
      { keep_alive: -1 },
      { options: { num_ctx: 64 } },
      { options: { num_gpu: 1, num_thread: 1 } },
      { shift: false },
    ]) {
      equal((await send("/api/generate", { model: MODEL, prompt: "", stream: false, ...wish })).status, 200);
    }
    const after = await state();
    equal(after?.context_length, before?.context_length);
    const minutes = (Date.parse(after?.expires_at ?? "") - Date.now()) / 60_000;
    ok(minutes > 0 && minutes < 31, String(minutes));
    await send("/v1/chat/completions", { model: MODEL, messages, max_tokens: 1 });
    ok(started > 0);
    equal(starts(), started);
  });

  it("uses the model that was authorised for every name of the shared table", async () => {
    const table = path.join(__dirname, "../../components/models/names.vectors.json");
    const { vectors } = JSON.parse(readFileSync(table, "utf8")) as { vectors: { input: string; canonical?: string }[] };
    for (const { input } of vectors) {
      const renamed = input.replace(/secret/gi, "smollm2").replace(/latest/gi, "135m");
      const reply = await send("/api/generate", { model: renamed, prompt: "", stream: false });
      if (reply.status === 200) equal((JSON.parse(reply.body) as { model: string }).model, REAL_MODEL, renamed);
    }
    deepEqual(await loaded(), [MODEL]);
  });

  it(`never makes Ollama load the hidden model, by any of ${DOCUMENTS} generated documents`, async () => {
    const random = seeded(SEED);
    const counts = { forwarded: 0, refused: 0 };
    for (let done = 0; done < DOCUMENTS; done += BATCH) {
      const bodies = Array.from({ length: BATCH }, () => naming(document(random)));
      const replies = await Promise.all(
        bodies.map((body) => exchange(gateway, request({ target: "/api/embed", body }))),
      );
      for (const reply of replies) {
        const line = await gateway.auditOf(reply.headers["x-request-id"] ?? "");
        counts[line["decision"] === "allow" ? "forwarded" : "refused"] += 1;
        if (line["decision"] === "allow") equal(line["model"], REAL_MODEL);
      }
    }
    ok(counts.forwarded > DOCUMENTS / 100 && counts.refused > DOCUMENTS / 10, JSON.stringify(counts));
    deepEqual(await loaded(), [MODEL]);
  });

  it("leaves nothing for a client to manage models by", async () => {
    const before = await ollama.ask("/api/tags");
    for (const [method, target, body] of [
      ["POST", "/api/copy", { source: "secret", destination: MODEL }],
      ["POST", "/api/create", { model: MODEL, from: "secret" }],
      ["POST", "/api/pull", { model: "evil.example/library/x", insecure: true }],
      ["POST", "/api/push", { model: MODEL, insecure: true }],
      ["DELETE", "/api/delete", { model: MODEL }],
      ["DELETE", "/api/delete", { model: "", name: "secret" }],
      ["POST", "/api/me", {}],
    ] as [string, string, object][]) {
      equal((await send(target, body, method)).status, 404, target);
    }
    equal(sortedModels(await ollama.ask("/api/tags")), sortedModels(before));
    ok(!JSON.stringify(gateway.audit()).includes(ALICE));
  });
});

/** A generated document in which some of the generator's names mean the two models that exist. */
function naming(generated: Buffer): Buffer {
  const text = generated
    .toString("latin1")
    .replaceAll("library/llama3:8b", "library/smollm2:135m")
    .replaceAll("llama3:8b", MODEL)
    .replaceAll("LLAMA3:8B", "SmolLM2:135M");
  return Buffer.from(text, "latin1");
}

/** A list of models in the order of names: Ollama lists models that are equally old in any order. */
function sortedModels(tags: string): string {
  const { models } = JSON.parse(tags) as { models: { name: string }[] };
  return JSON.stringify(models.sort((a, b) => a.name.localeCompare(b.name)));
}

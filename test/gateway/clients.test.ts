import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { GatewayClient } from "../../components/gateway";
import { POLICY_FILE } from "../../components/gateway";
import { ALICE, ALLOWED, allowed, chat, denied, pairForSuite, request, tenant } from "./support/decisions";
import { eventually, hashOf, RunningGateway } from "./support/gateway";
import type { RawRequest } from "./support/http";
import { exchange } from "./support/http";

const BOB = "bob-0123456789abcdefghijklmnop";
const OTHER = "registry.ollama.ai/library/other:1b";

const alice = (changes: Partial<GatewayClient> = {}): GatewayClient => ({
  name: "alice",
  keySha256: [hashOf(ALICE)],
  ...changes,
});
const bob = (changes: Partial<GatewayClient> = {}): GatewayClient => ({
  name: "bob",
  keySha256: [hashOf(BOB)],
  ...changes,
});

describe("gateway: clients and their limits", function () {
  this.timeout(60_000);
  const pair = pairForSuite();

  const clients = (...list: GatewayClient[]) =>
    pair.gateway.update(tenant({ models: [{ canonical: ALLOWED }, { canonical: OTHER }], clients: list }));
  const by = (key: string, changes: Partial<RawRequest> = {}) =>
    request({
      headers: [
        ["host", "gateway"],
        ["authorization", `Bearer ${key}`],
      ],
      ...changes,
    });
  const status = async (sent: RawRequest) => (await exchange(pair.gateway, sent)).status;
  const streaming = (chunks: number, pauseMs: number) =>
    JSON.stringify({
      model: "llama3:8b",
      messages: [{ role: "user", content: `behave:${JSON.stringify({ chunks, pauseMs })}` }],
    });

  it("lets a client use only its own models, and lists only those", async () => {
    await clients(alice({ models: [ALLOWED] }), bob());
    await denied(pair, by(ALICE, { body: chat("other:1b") }), 404, "model_denied");
    equal(await status(by(BOB, { body: chat("other:1b") })), 200);
    await allowed(pair, by(ALICE));
    pair.upstream.models = ["llama3:8b", "other:1b", "secret:latest"];
    const names = async (key: string) =>
      (await exchange(pair.gateway, by(key, { method: "GET", target: "/api/tags", body: undefined }))).body.match(
        /"name":"[^"]+/g,
      )?.length;
    deepEqual([await names(ALICE), await names(BOB)], [1, 2]);
  });

  it("gives a client with an empty list of models no model", async () => {
    await clients(alice({ models: [] }));
    await denied(pair, by(ALICE), 404, "model_denied");
    await clients(alice());
    await allowed(pair, by(ALICE));
  });

  it("refuses every request of a tenant without clients", async () => {
    await clients();
    await denied(pair, by(ALICE), 401, "key_unknown");
  });

  it("refuses a key from its expiry on", async () => {
    await clients(alice({ expires: new Date(Date.now() - 1000).toISOString() }));
    await denied(pair, by(ALICE), 401, "key_expired");
    await clients(alice({ expires: new Date(Date.now() + 3_600_000).toISOString() }));
    await allowed(pair, by(ALICE));
  });

  it("lets a client generate as many tokens as its own ceiling says, in place of the default one", async () => {
    const generated = async (asked: number) => {
      const body = JSON.stringify({ model: "llama3:8b", messages: [], max_tokens: asked });
      const { arrived } = await allowed(pair, by(ALICE, { target: "/v1/messages", body }));
      return (JSON.parse(arrived.body) as { max_tokens: number }).max_tokens;
    };
    await clients(alice({ maxTokens: 32_000 }));
    deepEqual([await generated(32_000), await generated(40_000), await generated(7)], [32_000, 32_000, 7]);
    await clients(alice({ maxTokens: 100 }));
    deepEqual([await generated(32_000), await generated(99)], [100, 99]);
    await clients(alice());
    equal(await generated(32_000), 4096);
    await pair.gateway.update(tenant({ limits: { maxTokens: 8000 }, clients: [alice({ maxTokens: 32_000 })] }));
    equal(await generated(32_000), 8000);
  });

  it("bounds the requests of a client by its own limits, in place of the default ones", async () => {
    const texts = (count: number) => JSON.stringify({ model: "llama3:8b", input: Array(count).fill("x") });
    const embed = (key: string, count: number) => by(key, { target: "/v1/embeddings", body: texts(count) });
    await clients(alice({ maxInputs: 3, maxBodyBytes: 300 }), bob());
    equal(await status(embed(ALICE, 3)), 200);
    const refusal = await denied(pair, embed(ALICE, 4), 400, "field_limit");
    match(refusal.body, /input has 4 elements, the limit maxInputs allows 3/);
    await denied(pair, embed(ALICE, 100), 413, "body_refused");
    await denied(pair, { ...embed(ALICE, 100), chunkBytes: 50 }, 413, "body_refused");
    equal(await status(embed(BOB, 100)), 200);
    await clients(alice({ maxInputs: 5000, maxImages: 40 }), bob());
    equal(await status(embed(ALICE, 5000)), 200);
    await clients(alice(), bob());
    await denied(pair, embed(ALICE, 2049), 400, "field_limit");
  });

  it("knows both keys while a key is rotated, and the old one no more after that", async () => {
    const newer = "alice-new-0123456789abcdefghij";
    await clients(alice({ keySha256: [hashOf(ALICE), hashOf(newer)] }));
    deepEqual([await status(by(ALICE)), await status(by(newer))], [200, 200]);
    await clients(alice({ keySha256: [hashOf(newer)] }));
    deepEqual([await status(by(ALICE)), await status(by(newer))], [401, 200]);
  });

  it("refuses a revoked client's next request and cuts no stream", async () => {
    await clients(alice(), bob());
    const streams = [ALICE, BOB].map((key) => exchange(pair.gateway, by(key, { body: streaming(20, 50) })));
    await eventually("two streams", () => pair.upstream.active() === 2);
    await clients(bob());
    equal(await status(by(ALICE)), 401);
    equal(await status(by(BOB)), 200);
    equal(pair.upstream.active(), 2);
    for (const { body } of await Promise.all(streams)) match(body, /"eval_count":20/);
  });

  it("keeps the policy it has when a new one cannot be read", async () => {
    await clients(alice());
    const failures = await pair.gateway.counter("rds_update_failure");
    pair.gateway.swap({ [POLICY_FILE]: "{ broken" });
    await eventually("the failure", async () => (await pair.gateway.counter("rds_update_failure")) > failures);
    await allowed(pair, by(ALICE));
    await clients(bob());
    equal(await status(by(ALICE)), 401);
  });

  it("answers 429 with a time to wait when a client asks too often, and no other client notices", async () => {
    await clients(alice({ name: "often", requestsPerMinute: 3 }), bob());
    const replies = [];
    for (let count = 0; count < 4; count += 1) replies.push(await exchange(pair.gateway, by(ALICE)));
    deepEqual(
      replies.map((reply) => reply.status),
      [200, 200, 200, 429],
    );
    ok(Number(replies[3]?.headers["retry-after"]) >= 1);
    equal(await status(by(BOB)), 200);
    await clients(alice({ name: "often", requestsPerMinute: 3, models: [ALLOWED] }));
    equal(await status(by(ALICE)), 429, "a change of the policy must not refill the bucket");
  });

  it("bounds a client's requests in flight, and counts those that were broken off no more", async () => {
    await clients(alice({ name: "busy", maxConcurrent: 2 }), bob());
    const abort = new AbortController();
    const headers = { authorization: `Bearer ${ALICE}` };
    const open = async () => {
      const reply = await fetch(`${pair.gateway.url}/api/chat`, {
        method: "POST",
        headers,
        body: streaming(2000, 20),
        signal: abort.signal,
      });
      void reply.text().catch(() => undefined);
    };
    await open();
    await open();
    const refusal = await denied(pair, by(ALICE), 429, "too_many_at_a_time");
    ok(refusal.headers["retry-after"]);
    equal(await status(by(BOB)), 200);
    abort.abort();
    await eventually("the end of both streams", () => pair.upstream.active() === 0);
    await eventually("a free place", async () => (await status(by(ALICE))) === 200);
    for (let count = 0; count < 5; count += 1) equal(await status(by(ALICE)), 200);
  });

  it("refuses a client that has used up its tokens of the day, and says so in the log", async () => {
    await clients(alice({ name: "spender", tokensPerDay: 30 }), bob());
    const sent = by(ALICE, { body: streaming(5, 0) });
    deepEqual([await status(sent), await status(sent)], [200, 200]);
    const reply = await denied(pair, sent, 429, "budget_used");
    ok(Number(reply.headers["retry-after"]) <= 86_400);
    equal(await status(by(BOB)), 200);
  });

  it("answers 503 when the server has no place left, and counts it", async () => {
    const full = { ...tenant(), limits: { maxActiveRequests: 1, maxWaitingRequests: 1 } };
    const narrow = { upstream: pair.upstream, gateway: await RunningGateway.start(full, pair.upstream.port) };
    try {
      const calls = Array.from({ length: 6 }, () => exchange(narrow.gateway, request({ body: streaming(5, 100) })));
      const replies = await Promise.all(calls);
      const counts = {
        answered: replies.filter((reply) => reply.status === 200).length,
        busy: replies.filter((reply) => reply.status === 503),
      };
      ok(counts.answered >= 1 && counts.busy.length >= 1, JSON.stringify(replies.map((reply) => reply.status)));
      equal(counts.answered + counts.busy.length, 6);
      deepEqual(
        [counts.busy[0]?.body.trim(), counts.busy[0]?.headers["retry-after"]],
        ['{"error":"server busy, try again later"}', "5"],
      );
    } finally {
      await narrow.gateway.stop();
    }
  });
});

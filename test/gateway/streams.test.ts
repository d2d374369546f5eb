import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { drainCommand } from "../../components/gateway";
import type { Pair } from "./support/decisions";
import { ALICE, request, tenant } from "./support/decisions";
import { eventually, hashOf, RunningGateway } from "./support/gateway";
import { exchange, opened } from "./support/http";
import type { Behaviour } from "./support/upstream";
import { PROMPT_TOKENS, startUpstream } from "./support/upstream";

const headers = { authorization: `Bearer ${ALICE}` };

describe("gateway: streams", function () {
  this.timeout(60_000);
  let pair: Pair;

  beforeEach(async () => {
    const upstream = await startUpstream();
    pair = { upstream, gateway: await RunningGateway.start(tenant(), upstream.port) };
  });
  afterEach(async () => {
    await pair.gateway.stop();
    await pair.upstream.stop();
  });

  const asking = (behaviour: Behaviour, fields: object = {}) =>
    JSON.stringify({
      model: "llama3:8b",
      stream: true,
      messages: [{ role: "user", content: `behave:${JSON.stringify(behaviour)}` }],
      ...fields,
    });
  const post = (target: string, body: string, signal?: AbortSignal) =>
    fetch(pair.gateway.url + target, { method: "POST", headers, body, signal: signal ?? null });
  const lineOf = (reply: Response) => pair.gateway.auditOf(reply.headers.get("x-request-id") ?? "");

  /** A reply that has been read to its end. */
  async function finished(reply: Response): Promise<Response> {
    await reply.text();
    return reply;
  }

  /** Reads until `count` chunks have arrived; the server holds the rest back until it is told to go on. */
  async function firstChunks(reply: Response, count: number): Promise<string> {
    const reader = (reply.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    while ((text.match(/"content"/g) ?? []).length < count)
      text += Buffer.from((await reader.read()).value ?? []).toString();
    reader.releaseLock();
    return text;
  }

  for (const target of ["/api/chat", "/v1/chat/completions"]) {
    it(`passes each chunk of ${target} on before the next one is made`, async () => {
      // The server would make its second chunk only after an hour: the first one must have come through by itself.
      const abort = new AbortController();
      const reply = await post(target, asking({ chunks: 2, pauseMs: 3_600_000 }), abort.signal);
      match(await firstChunks(reply, 1), /w0/);
      abort.abort();
      await eventually("the end upstream", () => pair.upstream.aborted() === 1);
    });
  }

  it("counts the tokens of a whole stream of each API", async () => {
    for (const [target, chunks] of [
      ["/api/chat", 7],
      ["/api/generate", 5],
      ["/v1/chat/completions", 6],
      ["/v1/completions", 4],
    ] as [string, number][]) {
      for (const stream of [true, false]) {
        const body = asking({ chunks }, { stream, prompt: `behave:${JSON.stringify({ chunks })}` });
        const reply = await post(target, body);
        await reply.text();
        const { prompt_tokens, completion_tokens, partial } = await lineOf(reply);
        deepEqual(
          { target, prompt_tokens, completion_tokens, partial },
          { target, prompt_tokens: PROMPT_TOKENS, completion_tokens: chunks, partial: false },
        );
      }
    }
    const metrics = await pair.gateway.metrics();
    match(
      metrics,
      /envoy_gateway_completion_tokens\{tenant="finance",envoy_http_conn_manager_prefix="gateway",client="alice",model="registry.ollama.ai\/library\/llama3:8b"\} 44\n/,
    );
    match(metrics, /envoy_gateway_prompt_tokens\{[^}]*\} 88\n/);
  });

  it("asks for the counts of an OpenAI stream, and shows them only to a client that asked too", async () => {
    const quiet = await (await post("/v1/chat/completions", asking({ chunks: 2 }))).text();
    ok(!quiet.includes("usage") && quiet.endsWith("data: [DONE]\n\n"), quiet);
    equal(quiet.match(/"content"/g)?.length, 2);
    const asked = await (
      await post("/v1/chat/completions", asking({ chunks: 2 }, { stream_options: { include_usage: true } }))
    ).text();
    ok(asked.includes('"usage":{"prompt_tokens":11'), asked);
  });

  it("tells the server when a client breaks off, and logs what had passed as partial", async () => {
    const abort = new AbortController();
    const reply = await post("/api/chat", asking({ chunks: 1000, pauseMs: 10 }), abort.signal);
    await firstChunks(reply, 20);
    abort.abort();
    await eventually("the end upstream", () => pair.upstream.active() === 0 && pair.upstream.aborted() === 1);
    const line = await lineOf(reply);
    deepEqual([line["partial"], line["completion_tokens"], line["client"]], [true, null, "alice"]);
    ok(Number(line["chunks"]) >= 8);
  });

  for (const target of ["/api/chat", "/v1/chat/completions", "/v1/messages"]) {
    it(`charges each event of ${target} that is broken off, however many arrive at once`, async () => {
      const clients = [{ name: "alice", keySha256: [hashOf(ALICE)], tokensPerDay: 10_000 }];
      await pair.gateway.update(tenant({ clients }));
      const abort = new AbortController();
      const reply = await post(
        target,
        asking({ chunks: 1000, together: true, lingerMs: 3_600_000, silent: true }),
        abort.signal,
      );
      let text = "";
      for await (const part of reply.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(part).toString();
        if (text.includes("w999")) break;
      }
      abort.abort();
      await lineOf(reply);
      // The next request is charged on top of what the broken one was.
      const used = (await lineOf(await finished(await post("/api/chat", asking({ chunks: 1 })))))["budget_percent"];
      equal(used, 10);
    });
  }

  for (const [target, end] of [
    ["/api/chat", '"done":true'],
    ["/v1/chat/completions", "[DONE]"],
  ] as [string, string][]) {
    it(`counts the tokens of a client that leaves ${target} at the last event, before the stream has ended`, async () => {
      const clients = [{ name: "alice", keySha256: [hashOf(ALICE)], tokensPerDay: 10 * (PROMPT_TOKENS + 5) }];
      await pair.gateway.update(tenant({ clients }));
      const abort = new AbortController();
      const reply = await post(target, asking({ chunks: 5, lingerMs: 3_600_000 }), abort.signal);
      let text = "";
      for await (const part of reply.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(part).toString();
        if (text.includes(end)) break;
      }
      abort.abort();
      const { partial, prompt_tokens, completion_tokens, budget_percent } = await lineOf(reply);
      deepEqual([partial, prompt_tokens, completion_tokens, budget_percent], [true, PROMPT_TOKENS, 5, 10]);
      const metrics = await pair.gateway.metrics();
      match(metrics, new RegExp(`envoy_gateway_prompt_tokens\\{[^}]*\\} ${PROMPT_TOKENS}\n`));
      match(metrics, /envoy_gateway_completion_tokens\{[^}]*\} 5\n/);
    });
  }

  it("shows a stream that the server broke off as broken", async () => {
    const reply = await post("/api/chat", asking({ chunks: 10, cutAfter: 4 }));
    await eventually("the error", () =>
      reply.text().then(
        () => false,
        () => true,
      ),
    );
    equal((await lineOf(reply))["partial"], true);
  });

  it("keeps fifty streams apart", async () => {
    const chunks = Array.from({ length: 50 }, (_, index) => index + 1);
    const answers = await Promise.all(
      chunks.map(async (count) => (await post("/api/chat", asking({ chunks: count, pauseMs: 2 }))).text()),
    );
    chunks.forEach((count, index) => match(answers[index] ?? "", new RegExp(`"eval_count":${count}}`)));
    const counted = await eventually("fifty lines", () => pair.gateway.audit().length === 50 && pair.gateway.audit());
    equal(
      counted.reduce((sum, line) => sum + Number(line["completion_tokens"]), 0),
      1275,
    );
  });

  /** Ends Envoy as the kubelet does after the drain script; the exit code of the script. */
  async function drained(): Promise<number> {
    const [shell = "", ...args] = drainCommand(pair.gateway.place, 30, 1);
    const script = spawn(shell, args, { stdio: "ignore" });
    const [code] = (await once(script, "exit")) as [number];
    const ended = once(pair.gateway.process, "exit");
    pair.gateway.process.kill("SIGTERM");
    await ended;
    return code;
  }

  it("loses no stream when the pod ends: the gateway drains first", async () => {
    const streams = [2, 3].map((seconds) =>
      exchange(pair.gateway, request({ body: asking({ chunks: seconds * 20, pauseMs: 50 }) })),
    );
    await eventually("two streams", () => pair.upstream.active() === 2);
    equal(await drained(), 0);
    const answers = await Promise.all(streams);
    deepEqual(
      answers.map(({ body }) => /"eval_count":(\d+)}/.exec(body)?.[1]),
      ["40", "60"],
    );
    await opened(pair.gateway).then(
      () => Promise.reject(new Error("the gateway is still open")),
      () => undefined,
    );
  });

  it("would lose the stream without draining", async () => {
    const stream = exchange(pair.gateway, request({ body: asking({ chunks: 40, pauseMs: 50 }) }));
    await eventually("a stream", () => pair.upstream.active() === 1);
    pair.gateway.process.kill("SIGTERM");
    ok(!(await stream).body.includes("eval_count"));
  });

  it("answers new requests while it drains", async () => {
    const stream = exchange(pair.gateway, request({ body: asking({ chunks: 60, pauseMs: 50 }) }));
    await eventually("a stream", () => pair.upstream.active() === 1);
    await fetch(`http://127.0.0.1:${pair.gateway.place.adminPort}/drain_listeners?graceful`, { method: "POST" });
    const reply = await exchange(pair.gateway, request());
    equal(reply.status, 200);
    match((await stream).body, /"eval_count":60}/);
  });
});

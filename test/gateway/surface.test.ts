import { deepEqual, equal, match, ok } from "node:assert/strict";
import { ALICE, ALLOWED, allowed, chat, denied, pairForSuite, refused, request } from "./support/decisions";
import { eventually, hashOf } from "./support/gateway";
import { encoded, exchange, opened, readAll } from "./support/http";

const INFERENCE = [
  ...["/api/chat", "/api/generate", "/api/embed", "/api/embeddings", "/v1/chat/completions", "/v1/completions"],
  ...["/v1/embeddings", "/v1/responses", "/v1/messages"],
];

describe("gateway: which requests there are", function () {
  this.timeout(60_000);
  const pair = pairForSuite();

  const get = (target: string, method = "GET") => request({ method, target, body: undefined });
  const withKeyAnd = (...headers: [string, string][]) => request({ headers: [...request().headers, ...headers] });

  for (const target of INFERENCE) {
    it(`judges POST ${target} by the model`, async () => {
      await allowed(pair, request({ target }));
      await denied(pair, request({ target, body: chat("secret") }), 404, "model_denied");
      await allowed(pair, request({ target: `${target}?model=secret&api_key=x` }));
      await denied(pair, get(target), 404, "route");
      await denied(pair, request({ target, headers: [["host", "gateway"]] }), 401, "key_missing");
    });
  }

  for (const [method, target] of [
    ...[
      ["POST", "/api/pull"],
      ["POST", "/api/push"],
      ["POST", "/api/create"],
      ["POST", "/api/copy"],
      ["DELETE", "/api/delete"],
    ],
    ...[
      ["POST", "/api/me"],
      ["POST", "/api/signout"],
      ["DELETE", "/api/user/keys/x"],
      ["GET", "/api/status"],
    ],
    ...[
      ["POST", `/api/blobs/sha256:${"0".repeat(64)}`],
      ["HEAD", `/api/blobs/sha256:${"0".repeat(64)}`],
    ],
    ...[
      ["POST", "/api/experimental/web_search"],
      ["POST", "/api/experimental/web_fetch"],
      ["GET", "/api/experimental/model-recommendations"],
    ],
    ...[
      ["POST", "/v1/audio/transcriptions?model=llama3:8b"],
      ["POST", "/v1/images/generations"],
      ["GET", "/metrics"],
      ["GET", "/stats"],
    ],
    ...[
      ["OPTIONS", "/api/chat"],
      ["PUT", "/api/chat"],
      ["PATCH", "/api/chat"],
      ["POST", "/api/tags"],
      ["HEAD", "/v1/models"],
      ["POST", "/healthz"],
    ],
    ...[
      ["HEAD", "/healthz"],
      ["POST", "/"],
      ["GET", "/api/show"],
      ["HEAD", "/api/ps"],
      ["GET", "/quitquitquit"],
      ["GET", "/config_dump"],
    ],
  ] as [string, string][]) {
    it(`has no ${method} ${target.slice(0, 50)}`, async () => {
      const body = method === "POST" ? chat("llama3:8b") : undefined;
      await denied(pair, request({ method, target, body }), 404, "route");
      await denied(pair, request({ method, target, body, headers: [["host", "gateway"]] }), 401, "key_missing");
    });
  }

  for (const method of ["post", "TRACE", "CONNECT", "GARBAGE"]) {
    it(`refuses the method ${method}`, async () => {
      await refused(pair, request({ method }));
      await refused(pair, request({ method, body: undefined, headers: [["host", "gateway"]] }));
    });
  }

  for (const [method, target] of [
    ["CONNECT", "evil.example:443"],
    ["CONNECT", "127.0.0.1:11434"],
    ["OPTIONS", "*"],
  ] as const) {
    it(`refuses ${method} ${target}, with a key and without one`, async () => {
      for (const headers of [request().headers, [["host", "gateway"]] as [string, string][]]) {
        const { status } = await refused(pair, request({ method, target, headers, body: undefined }));
        ok(status >= 400, String(status));
      }
    });
  }

  for (const target of [
    ...[
      "/api%2Fchat",
      "/api%2fchat",
      "/api/chat%2f..%2fpull",
      "/healthz%2f..%2fapi%2fpull",
      "/api%5cchat",
      "/api/chat/",
      "/api/chat;x",
    ],
    ...[
      "/api/chat%00",
      "/api/chat%20",
      "/API/chat",
      "/api/chat/../pull",
      "/api/chat/%2e%2e/pull",
      "/healthz/../api/pull",
      "*",
      "api/chat",
    ],
    ...[
      "/api/chat#f",
      "/api/chat%23",
      "/v1/../api/pull",
      "http://x/api/pull",
      "//evil/api/pull",
      "/%2561pi/chat",
      "/api/cha\u00e9",
    ],
  ]) {
    it(`refuses the path ${JSON.stringify(target)}`, async () => {
      await refused(pair, request({ target }));
    });
  }

  for (const target of [
    ...[
      "//api/chat",
      "/api//chat",
      "/api/./chat",
      "/x/../api/chat",
      "/x/%2e%2e/api/chat",
      "/api/pull/../chat",
      "/api/chat?x=1",
    ],
    ...[
      "http://x/api/chat",
      "http://x//api/chat",
      "/api/chat?/../../api/pull",
      "/api/chat?a%00b",
      "/%61pi/chat",
      "/api/%63hat",
    ],
  ]) {
    it(`passes the path ${target} as /api/chat or not at all`, async () => {
      pair.upstream.clear();
      const reply = await exchange(pair.gateway, request({ target }));
      const arrived = pair.upstream.recorded.map(({ url }) => url);
      deepEqual(
        { status: reply.status, arrived },
        reply.status === 200 ? { status: 200, arrived: ["/api/chat"] } : { status: 404, arrived: [] },
      );
    });
  }

  it("writes no key, prompt or answer into its log", async () => {
    const words = `unlikely-words-${Date.now()}`;
    const body = JSON.stringify({ model: "llama3:8b", stream: false, messages: [{ role: "user", content: words }] });
    await allowed(pair, request({ body, target: `/api/chat?key=${ALICE}` }));
    await exchange(pair.gateway, request({ target: `/api/pull?key=${ALICE}`, body }));
    const log = JSON.stringify(pair.gateway.audit()) + pair.gateway.errors;
    for (const secret of [ALICE, words, hashOf(ALICE)]) ok(!log.includes(secret));
  });

  it("logs the same fields of a request that was answered and of one that was not", async () => {
    const { line } = await allowed(pair, request());
    const reply = await denied(pair, request({ body: chat("secret") }), 404, "model_denied");
    const other = await pair.gateway.auditOf(reply.headers["x-request-id"] ?? "");
    deepEqual(Object.keys(line).sort(), Object.keys(other).sort());
    const { status, details, flags, prompt_tokens, completion_tokens, partial } = line;
    deepEqual([status, details, flags], [200, "via_upstream", "-"]);
    deepEqual([prompt_tokens, completion_tokens, partial], [11, 3, false]);
  });

  for (const [name, value] of [
    ...[
      ["x-envoy-upstream-rq-timeout-ms", "1"],
      ["x-envoy-original-path", "/api/pull"],
      ["x-envoy-retry-on", "5xx"],
      ["x-forwarded-for", "9.9.9.9"],
    ],
    ...[
      ["x-forwarded-host", "evil"],
      ["x-forwarded-prefix", "/x"],
      ["origin", "http://evil"],
      ["x-http-method-override", "DELETE"],
      ["te", "trailers"],
    ],
    ...[
      ["upgrade", "h2c"],
      ["cookie", "a=b"],
      ["proxy-authorization", "Basic x"],
      ["x-anything", "y"],
      ["expect", "100-continue"],
    ],
  ] as [string, string][]) {
    it(`does not pass the header ${name} on`, async () => {
      const { arrived } = await allowed(pair, withKeyAnd([name, value]));
      equal(arrived.headers[name], undefined);
      equal(arrived.headers.host, "localhost");
    });
  }

  it("gives every request an id of its own, not the client's", async () => {
    const { reply, arrived } = await allowed(pair, withKeyAnd(["x-request-id", "chosen-by-client"]));
    match(reply.headers["x-request-id"] ?? "", /^[0-9a-f-]{36}$/);
    equal(arrived.headers["x-request-id"], reply.headers["x-request-id"]);
  });

  it("sees the same model wherever the body is cut", async () => {
    const body = chat("llama3:8b");
    for (let size = 1; size <= 24; size += 1) await allowed(pair, request({ body, chunkBytes: size }));
    for (let size = 1; size <= 24; size += 1)
      await denied(pair, request({ body: chat("secret"), chunkBytes: size }), 404, "model_denied");
    await allowed(pair, request({ writeBytes: 3 }));
    await denied(pair, request({ body: chat("secret"), writeBytes: 3 }), 404, "model_denied");
  });

  it("refuses a request whose length is told in two ways", async () => {
    await refused(pair, { ...withKeyAnd(["content-length", "5"]), chunkBytes: 7 });
    await refused(pair, withKeyAnd(["content-length", "5"]));
    await refused(pair, withKeyAnd(["transfer-encoding", "chunked, identity"]));
    await refused(pair, withKeyAnd(["transfer-encoding", "xchunked"]));
  });

  it("refuses malformed and oversized headers", async () => {
    await refused(pair, withKeyAnd(["x-long", "a".repeat(20_000)]));
    await refused(pair, withKeyAnd(...Array.from({ length: 70 }, (_, index): [string, string] => [`x-${index}`, "y"])));
    await refused(pair, withKeyAnd(["x-nul", "a\0b"]));
    await refused(pair, request({ headers: request().headers.slice(1) }));
  });

  it("judges each of several requests on one connection", async () => {
    pair.upstream.clear();
    const socket = await opened(pair.gateway);
    let text = "";
    socket.on("data", (part: Buffer) => (text += part.toString("latin1")));
    const statuses = () =>
      text
        .match(/HTTP\/1\.1 \d+/g)
        ?.map((line) => line.slice(-3))
        .join(" ");
    const openai = request({ target: "/v1/chat/completions" });
    socket.write(Buffer.concat([request(), openai, request({ body: chat("secret") })].map(encoded)));
    await eventually("three replies", () => statuses() === "200 200 404");
    socket.write(encoded(openai));
    await eventually("a reply after the denial", () => statuses() === "200 200 404 200");
    socket.destroy();
    const arrived = pair.upstream.recorded.map(({ url }) => url);
    deepEqual(arrived, ["/api/chat", "/v1/chat/completions", "/v1/chat/completions"]);
  });

  it("forwards nothing of a request that breaks off", async () => {
    pair.upstream.clear();
    const bytes = encoded(request());
    for (const cut of [10, 60, bytes.length - 20, bytes.length - 1]) {
      const socket = await opened(pair.gateway);
      const end = readAll(socket);
      socket.write(bytes.subarray(0, cut), () => socket.destroy());
      await end;
    }
    await allowed(pair, request());
  });

  it("forwards nothing of a request smuggled into a body", async () => {
    pair.upstream.clear();
    const inner = encoded(request({ target: "/api/pull" })).toString("latin1");
    await denied(pair, request({ body: inner }), 400, "json");
  });

  it("lists only the client's models, and a hidden model changes nothing about the list", async () => {
    for (const target of ["/api/tags", "/api/ps", "/v1/models"]) {
      const { status, body } = await exchange(pair.gateway, get(target));
      equal(status, 200);
      ok(body.includes("llama3:8b") && !body.includes("secret") && !body.includes("llama3:latest"), body);
      pair.upstream.models = ["llama3:8b"];
      equal((await exchange(pair.gateway, get(target))).body, body);
      pair.upstream.models = ["llama3:8b", "secret:latest", "llama3:latest"];
    }
  });

  it("answers HEAD for a list with the length of the client's own list", async () => {
    const list = await exchange(pair.gateway, get("/api/tags"));
    const head = await exchange(pair.gateway, get("/api/tags", "HEAD"));
    equal(head.status, 200);
    equal(head.headers["content-length"], String(Buffer.byteLength(list.body)));
  });

  it("shows nothing of a list that it does not understand", async () => {
    for (const body of [
      "<h1>secret:latest</h1>",
      '{"models":[{"name":"llama3:8b"}',
      '{"models":[{"name":"llama3:8b","name":"secret"}]}',
      "[]",
    ]) {
      pair.upstream.listBody = body;
      const reply = await exchange(pair.gateway, get("/api/tags"));
      deepEqual([reply.status, reply.body], [502, '{"error":"the model server failed"}']);
    }
    pair.upstream.listBody =
      '{"models":[{"name":"llama3:8b","model":"secret:latest"},{"name":5},"llama3:8b",null,{"model":"llama3:8b"}]}';
    equal((await exchange(pair.gateway, get("/api/tags"))).body, '{"models":[{"model":"llama3:8b"}]}');
    pair.upstream.listBody = undefined;
  });

  it("retrieves one model by name, whatever way it is written", async () => {
    const one = '{"id":"llama3:8b","object":"model","created":1,"owned_by":"library"}';
    for (const name of ["llama3:8b", "LLAMA3:8B", "llama3%3A8b", "%20llama3:8b"]) {
      equal((await exchange(pair.gateway, get(`/v1/models/${name}`))).body, one);
    }
    for (const name of ["secret", "%20secret", "secret:latest", "llama3"]) {
      await denied(pair, get(`/v1/models/${name}`), 404, "model_denied");
    }
    await denied(pair, get("/v1/models/secret%3Acloud"), 404, "model_malformed");
    await denied(pair, get("/v1/models/"), 404, "model_malformed");
  });

  it("describes an allowed model without its prompts, templates, paths and parents", async () => {
    const reply = await exchange(
      pair.gateway,
      request({ target: "/api/show", body: '{"model":"llama3:8b","name":""}' }),
    );
    equal(reply.status, 200);
    deepEqual(Object.keys(JSON.parse(reply.body) as object).sort(), ["capabilities", "details", "model_info"]);
    ok(!/secret|hidden|sha256|Prompt/.test(reply.body));
    equal((JSON.parse(pair.upstream.recorded.at(-1)?.body ?? "{}") as { model: string }).model, ALLOWED);
    await denied(pair, request({ target: "/api/show", body: '{"model":"secret"}' }), 404, "model_denied");
  });

  it("describes the model that the old field names, where Ollama still reads it", async () => {
    const show = (body: string) => request({ target: "/api/show", body });
    for (const body of [
      '{"name":"llama3:8b"}',
      '{"name":"LLAMA3:8b","verbose":false}',
      '{"model":"","name":"llama3:8b"}',
      '{"model":"llama3:8b","name":"library/llama3:8b"}',
      '{"model":"llama3:8b","name":null}',
    ]) {
      equal((await exchange(pair.gateway, show(body))).status, 200, body);
      deepEqual(JSON.parse(pair.upstream.recorded.at(-1)?.body ?? ""), { model: ALLOWED });
    }
    await denied(pair, show('{"name":"secret"}'), 404, "model_denied");
    await denied(pair, show('{"model":"","name":"secret"}'), 404, "model_denied");
    await denied(pair, show('{"model":"llama3:8b","name":"secret"}'), 400, "ambiguous_field");
    await denied(pair, show('{"model":"secret","name":"llama3:8b"}'), 400, "ambiguous_field");
    await denied(pair, show('{"model":"llama3:8b","name":5}'), 400, "ambiguous_field");
    await denied(pair, show('{"model":"llama3:8b","Name":"llama3:8b"}'), 400, "ambiguous_field");
    await denied(pair, request({ body: '{"name":"llama3:8b","messages":[]}' }), 400, "ambiguous_field");
  });

  it("tells editors which models fill in the middle, by a template that is not the model's own", async () => {
    const template = async () =>
      (
        JSON.parse(
          (await exchange(pair.gateway, request({ target: "/api/show", body: '{"model":"llama3:8b"}' }))).body,
        ) as { template?: string }
      ).template;
    equal(await template(), undefined);
    pair.upstream.capabilities = ["completion", "insert"];
    equal(await template(), "{{ .Prompt }}{{ .Suffix }}");
    pair.upstream.capabilities = ["completion"];
  });

  it("refuses a body where none belongs", async () => {
    await denied(pair, { ...get("/api/tags"), body: "x" }, 400, "body_unexpected");
    await denied(pair, { ...get("/api/version"), body: "x", chunkBytes: 1 }, 400, "body_unexpected");
  });

  it("answers its health without a key, and passes no credential on for it", async () => {
    pair.upstream.clear();
    const reply = await exchange(pair.gateway, { ...get("/healthz"), headers: [...request().headers] });
    deepEqual([reply.status, reply.body], [200, '{"version":"0.17.4"}']);
    equal(pair.upstream.recorded[0]?.headers.authorization, undefined);
  });

  it("shapes errors like the API that was called, each with its request id", async () => {
    const shape = async (target: string) => {
      const reply = await exchange(pair.gateway, request({ target, body: chat("secret") }));
      return { id: reply.headers["x-request-id"] as string, body: JSON.parse(reply.body) as Record<string, unknown> };
    };
    deepEqual((await shape("/api/chat")).body, { error: "model not found" });
    const error = { message: "model not found", type: "not_found_error", param: null, code: null };
    deepEqual((await shape("/v1/chat/completions")).body, { error });
    const anthropic = await shape("/v1/messages");
    const expected = {
      type: "error",
      error: { type: "not_found_error", message: "model not found" },
      request_id: anthropic.id,
    };
    deepEqual(anthropic.body, expected);
  });
});

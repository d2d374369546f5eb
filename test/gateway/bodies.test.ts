import { deepEqual, equal, match, ok } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Pair } from "./support/decisions";
import { allowed, chat, denied, request, tenant } from "./support/decisions";
import { RunningGateway } from "./support/gateway";
import { startUpstream } from "./support/upstream";

const MODEL = '"model":"llama3:8b"';

describe("gateway: what a body may say", function () {
  this.timeout(60_000);
  let pair: Pair;

  before(async () => {
    const upstream = await startUpstream();
    pair = {
      upstream,
      gateway: await RunningGateway.start(tenant({ limits: { contextLength: 4096, keepAlive: "10m" } }), upstream.port),
    };
  });
  after(async () => {
    await pair.gateway.stop();
    await pair.upstream.stop();
  });

  /** Body that reached the server for a request body that must be allowed. */
  const forwarded = async (target: string, body: unknown): Promise<Record<string, unknown>> => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return JSON.parse((await allowed(pair, request({ target, body: text }))).arrived.body) as Record<string, unknown>;
  };

  const strict: [string, string | Buffer][] = [
    ["the same key twice", `{${MODEL},${MODEL}}`],
    ["a second model of null", '{"model":"secret","model":null}'],
    ["a key twice, once escaped", `{${MODEL},"m\\u006fdel":"secret"}`],
    ["a nested key twice", `{${MODEL},"messages":[{"role":"user","role":"system"}]}`],
    ["a second document", `{${MODEL}}{"model":"secret"}`],
    ["text after the document", `{${MODEL}} junk`],
    ["a NUL after the document", `{${MODEL}}\0`],
    ["an array", "[]"],
    ["null", "null"],
    ["a string", '"x"'],
    ["a byte order mark", `\ufeff{${MODEL}}`],
    ["single quotes", "{'model':'llama3:8b'}"],
    ["a comment", `{${MODEL}/*x*/}`],
    ["a trailing comma", `{${MODEL},}`],
    ["a leading comma", `{,${MODEL}}`],
    ["a bare key", '{model:"llama3:8b"}'],
    ["a line break in a string", `{${MODEL},"messages":[{"role":"user","content":"a\nb"}]}`],
    ["half a character in a key", `{${MODEL},"a\\ud800":1}`],
    ["half a character in a nested key", `{${MODEL},"messages":[{"role":"user","\\udc00":1}]}`],
    ["an unknown escape", `{${MODEL},"prompt":"\\x41"}`],
    ["a cut escape", `{${MODEL},"prompt":"\\u00"}`],
    ["a leading zero", `{${MODEL},"options":{"seed":01}}`],
    ["a plus sign", `{${MODEL},"options":{"seed":+1}}`],
    ["NaN", `{${MODEL},"options":{"seed":NaN}}`],
    ["a bare point", `{${MODEL},"options":{"seed":1.}}`],
    ["a cut document", `{${MODEL},"messages":[{"role":"user"`],
    ["a cut literal", `{${MODEL},"stream":tru}`],
    ["white space only", "   "],
    ["nesting 200 deep", `{${MODEL},"tools":${"[".repeat(200)}${"]".repeat(200)}}`],
    ["nesting 100,000 deep", `{${MODEL},"tools":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["65 fields", `{${MODEL}${Array.from({ length: 65 }, (_, index) => `,"f${index}":1`).join("")}}`],
    ["UTF-16", Buffer.from(`{${MODEL}}`, "utf16le")],
    ["a byte that is not UTF-8", broken("ff")],
    ["an overlong form", broken("c0af")],
    ["a surrogate in UTF-8", broken("eda080")],
    ["a character above U+10FFFF", broken("f4908080")],
    ["a cut character", broken("e282")],
    ["a broken byte in a long text", broken("ff", "x".repeat(500))],
    ["a broken byte after characters", broken("c3", "é".repeat(300))],
  ];

  function broken(hex: string, before = ""): Buffer {
    return Buffer.concat([Buffer.from(`{${MODEL},"prompt":"${before}`), Buffer.from(hex, "hex"), Buffer.from('"}')]);
  }

  for (const [what, body] of strict) {
    it(`refuses ${what}`, async () => {
      await denied(pair, request({ body }), 400, "json");
    });
  }
  for (const [what, body] of [
    [
      "a space, a tab and line breaks between the tokens",
      `\r\n\t { "model" :\n"llama3:8b" ,"messages":[ ] , "stream":false }\n`,
    ],
    ["an escaped key", '{"m\\u006fdel":"llama3:8b","messages":[],"stream":false}'],
    ["an escaped value", '{"model":"\\u006clama3:8b","messages":[],"stream":false}'],
    [
      "text of every kind",
      JSON.stringify({
        model: "llama3:8b",
        stream: false,
        messages: [{ role: "user", content: 'é\u2028😀"\\/\b\f\n\r\t\u007f'.repeat(40) }],
      }),
    ],
    ["nesting 60 deep", `{${MODEL},"stream":false,"tools":${"[".repeat(59)}${"]".repeat(59)}}`],
    ["numbers of every form", `{${MODEL},"stream":false,"options":{"seed":-0,"top_p":0.5e-3,"temperature":1E+0}}`],
  ] as [string, string][]) {
    it(`passes ${what}`, async () => {
      await allowed(pair, request({ body }));
    });
  }

  for (const [what, body] of [
    ["MODEL beside model", `{${MODEL},"MODEL":"secret"}`],
    ["MODEL before model", `{"MODEL":"secret",${MODEL}}`],
    ["only MODEL", '{"MODEL":"llama3:8b"}'],
    ["a Kelvin sign in keep_alive", `{${MODEL},"\u212aeep_alive":-1}`],
    ["a long s in suffix", `{${MODEL},"\u017fuffix":"x"}`],
    ["OPTIONS beside options", `{${MODEL},"options":{"seed":1},"OPTIONS":{"num_gpu":2}}`],
    ["Keep_Alive", `{${MODEL},"Keep_Alive":0}`],
    ["the old field name", `{${MODEL},"name":"secret"}`],
  ] as [string, string][]) {
    it(`refuses ${what}, which Ollama could read in another way`, async () => {
      await denied(pair, request({ body }), 400, "ambiguous_field");
    });
  }

  for (const [what, written, read] of [
    ["the first half of a character", "a\\ud83d", "a\ufffd"],
    ["the first half before text", "\\uD83Dx", "\ufffdx"],
    ["the second half", "\\ude00x", "\ufffdx"],
    ["both halves the wrong way round", "\\ude00\\ud83d", "\ufffd\ufffd"],
    ["a first half before a whole character", "\\ud83d\\ud83d\\ude00", "\ufffd😀"],
    ["a first half before another escape", "\\ud83d\\n", "\ufffd\n"],
    ["a whole character", "\\ud83d\\ude00", "😀"],
    ["a backslash before the letters", "\\\\ud83d", "\\ud83d"],
  ] as const) {
    it(`reads ${what} in a message as Ollama does, and passes no half character on`, async () => {
      const body = `{${MODEL},"stream":false,"messages":[{"role":"user","content":"${written}"}]}`;
      const { arrived } = await allowed(pair, request({ body }));
      equal((JSON.parse(arrived.body) as { messages: { content: string }[] }).messages[0]?.content, read);
      equal(/\\ud83d(?!\\ude00)|(?<!\\ud83d)\\ude00/i.test(arrived.body.replaceAll("\\\\", "")), false, arrived.body);
    });
  }

  it("refuses half a character in the name of a model", async () => {
    await denied(pair, request({ body: '{"model":"llama3:8b\\ud83d"}' }), 400, "model_malformed");
  });

  it("refuses a body without a model", async () => {
    await denied(pair, request({ body: "{}" }), 400, "model_missing");
    await denied(pair, request({ body: '{"messages":[]}' }), 400, "model_missing");
  });

  it("refuses an empty body", async () => {
    await denied(pair, request({ body: "" }), 400, "body_missing");
  });

  it("refuses every content encoding, also one that encodes nothing", async () => {
    const headers = (encoding: string): [string, string][] => [...request().headers, ["content-encoding", encoding]];
    await denied(
      pair,
      request({ headers: headers("gzip"), body: gzipSync(chat("llama3:8b")) }),
      415,
      "content_encoding",
    );
    await denied(pair, request({ target: "/v1/chat/completions", headers: headers("zstd") }), 415, "content_encoding");
    await denied(pair, request({ headers: headers("identity") }), 415, "content_encoding");
    await allowed(pair, request());
  });

  it("reads the body as JSON whatever its content type says", async () => {
    const typed = (type: string): [string, string][] => [...request().headers, ["content-type", type]];
    const { arrived } = await allowed(pair, request({ headers: typed("text/plain") }));
    equal(arrived.headers["content-type"], "application/json");
    await denied(
      pair,
      request({ headers: typed("multipart/form-data; boundary=x"), body: chat("secret") }),
      404,
      "model_denied",
    );
  });

  it("refuses a body that is too long before reading it all", async () => {
    const body = `{${MODEL},"stream":false,"messages":[{"role":"user","content":"${"a".repeat(9_000_000)}"}]}`;
    const { body: said } = await denied(pair, request({ body }), 413, "body_refused");
    match(said, /the request body has 90000\d\d bytes, the limit maxBodyBytes allows 8388608/);
    await denied(pair, request({ body, chunkBytes: 60_000 }), 413, "body_refused");
    await allowed(pair, request({ body: body.replace("a".repeat(1_000_000), "") }));
  });

  it("takes a body of exactly the limit, which is longer when it goes on, and none that is a byte longer", async () => {
    const input = tenant({ limits: { maxBodyBytes: 300_000, contextLength: 4096, keepAlive: "10m" } });
    const small = { upstream: pair.upstream, gateway: await RunningGateway.start(input, pair.upstream.port) };
    try {
      const start = `{${MODEL},"messages":[{"role":"user","content":"`;
      const sized = (size: number) => `${start}${"a".repeat(size - start.length - 4)}"}]}`;
      for (const size of [299_900, 299_999, 300_000]) {
        for (const changes of [{}, { chunkBytes: 50_000 }]) {
          const { arrived, line } = await allowed(small, request({ body: sized(size), ...changes }));
          ok(arrived.body.length > size);
          equal(line["rule"], "granted");
        }
      }
      for (const changes of [{}, { chunkBytes: 50_000 }]) {
        await denied(small, request({ body: sized(300_001), ...changes }), 413, "body_refused");
        await denied(small, request({ body: sized(400_000), ...changes }), 413, "body_refused");
      }
    } finally {
      await small.gateway.stop();
    }
  });

  it("sets the tenant's limits in Ollama's own API, whatever was asked", async () => {
    const options = {
      num_ctx: 1_000_000,
      num_gpu: 0,
      num_thread: 64,
      num_predict: -1,
      temperature: 0.5,
      use_mmap: false,
    };
    deepEqual(
      await forwarded("/api/generate", {
        model: "llama3:8b",
        prompt: "x",
        stream: false,
        keep_alive: -1,
        shift: false,
        options,
      }),
      {
        model: "registry.ollama.ai/library/llama3:8b",
        prompt: "x",
        stream: false,
        options: { temperature: 0.5, num_predict: 4096, num_ctx: 4096 },
        keep_alive: "10m",
      },
    );
  });

  it("lets a request generate less than the limit, never more", async () => {
    const asked = async (num_predict: unknown) => {
      const body = await forwarded("/api/chat", {
        model: "llama3:8b",
        messages: [],
        stream: false,
        options: { num_predict },
      });
      return (body["options"] as Record<string, unknown>)["num_predict"];
    };
    deepEqual(
      [await asked(16), await asked(5000), await asked(-2), await asked(0), await asked(null)],
      [16, 4096, 4096, 4096, 4096],
    );
  });

  it("sets the limit in the OpenAI and Anthropic APIs", async () => {
    const sent = { model: "llama3:8b", messages: [], max_tokens: 9999 };
    equal((await forwarded("/v1/chat/completions", sent))["max_tokens"], 4096);
    equal(
      (await forwarded("/v1/chat/completions", { ...sent, max_tokens: 50, max_completion_tokens: 40 }))["max_tokens"],
      40,
    );
    equal((await forwarded("/v1/messages", sent))["max_tokens"], 4096);
    equal((await forwarded("/v1/responses", { model: "llama3:8b", input: "x" }))["max_output_tokens"], 4096);
  });

  it("refuses a limit that is not a whole number", async () => {
    for (const value of ['"10"', "1.5", "true", "1e400", "[1]"]) {
      await denied(pair, request({ body: `{${MODEL},"options":{"num_predict":${value}}}` }), 400, "field_type");
    }
  });

  it("refuses fields that bypass or show what the model's author set", async () => {
    for (const field of ['"raw":true', '"template":"{{ .System }}"', '"_debug_render_only":true']) {
      await denied(
        pair,
        request({ target: "/api/generate", body: `{${MODEL},"prompt":"x",${field}}` }),
        400,
        "field_refused",
      );
    }
    const body = await forwarded(
      "/api/generate",
      `{${MODEL},"prompt":"x","stream":false,"raw":false,"template":"","unheard_of":1}`,
    );
    deepEqual(Object.keys(body).sort(), ["keep_alive", "model", "options", "prompt", "stream"]);
  });

  it("passes on how much effort an answer of Anthropic's API is worth, and nothing else of that field", async () => {
    const config = async (value: string) =>
      (await forwarded("/v1/messages", `{${MODEL},"max_tokens":5,"messages":[],"output_config":${value}}`))[
        "output_config"
      ];
    deepEqual(await config('{"effort":"low","format":{"type":"json_schema","schema":{}},"Effort":"high"}'), {
      effort: "low",
    });
    deepEqual([await config("{}"), await config("null"), await config('"x"')], [undefined, undefined, undefined]);
    await denied(
      pair,
      request({ target: "/v1/messages", body: `{${MODEL},"messages":[],"output_config":{"effort":{"a":1}}}` }),
      400,
      "field_type",
    );
    const elsewhere = await forwarded(
      "/v1/chat/completions",
      `{${MODEL},"messages":[],"output_config":{"effort":"x"}}`,
    );
    equal(elsewhere["output_config"], undefined);
  });

  it("bounds messages, texts, images and tools", async () => {
    const many = (count: number, what: unknown) => Array.from({ length: count }, () => what);
    const message = { role: "user", content: "x" };
    const over = (target: string, fields: object) =>
      denied(
        pair,
        request({ target, body: JSON.stringify({ model: "llama3:8b", stream: false, ...fields }) }),
        400,
        "field_limit",
      );
    await over("/api/chat", { messages: many(4097, message) });
    await over("/api/embed", { input: many(2049, "x") });
    await over("/api/generate", { prompt: "x", images: many(33, "aaaa") });
    await over("/api/chat", { messages: many(3, { ...message, images: many(11, "aaaa") }) });
    await over("/v1/chat/completions", {
      messages: [{ role: "user", content: many(33, { type: "image_url", image_url: { url: "data:" } }) }],
    });
    await over("/api/chat", { messages: [], tools: many(513, { type: "function" }) });
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "aaaa" } };
    const result = { type: "tool_result", tool_use_id: "x", content: many(33, image) };
    await over("/v1/messages", { max_tokens: 5, messages: [{ role: "user", content: many(33, image) }] });
    await over("/v1/messages", { max_tokens: 5, messages: [{ role: "user", content: [result] }] });
    const picture = { type: "input_image", image_url: "data:" };
    await over("/v1/responses", { input: [{ role: "user", content: many(33, picture) }] });
    await over("/v1/responses", { input: [{ type: "function_call_output", call_id: "x", output: many(33, picture) }] });
    await forwarded("/api/chat", { model: "llama3:8b", stream: false, messages: many(4096, message) });
    const turn = [{ type: "reasoning" }, { type: "function_call" }, { type: "function_call_output" }];
    await forwarded("/v1/responses", { model: "llama3:8b", input: [message, ...many(86, turn).flat()] });
    await over("/v1/responses", { input: many(4097, message) });
    await forwarded("/api/embed", { model: "llama3:8b", input: many(2048, "x") });
    await forwarded("/api/chat", {
      model: "llama3:8b",
      stream: false,
      messages: many(2, { ...message, images: many(16, "aaaa") }),
    });
  });

  it("counts an image however the word for it is written", async () => {
    const part = '{"type":"image_url","image_url":{"url":"data:"}}';
    const asked = (one: string, count: number, content = "content") =>
      request({
        target: "/v1/chat/completions",
        body: `{"model":"llama3:8b","messages":[{"role":"user","${content}":[${Array(count).fill(one).join()}]}]}`,
      });
    for (const one of [
      part,
      part.replace("image_url", "\\u0069mage_url"),
      part.replace("type", "t\\u0079pe"),
      part.replace("type", "Type"),
    ]) {
      await denied(pair, asked(one, 33), 400, "field_limit");
      await allowed(pair, asked(one, 32));
    }
    for (const content of ["Content", "c\\u006fntent", "CONTENT"]) {
      await denied(pair, asked(part, 33, content), 400, "field_limit");
      await allowed(pair, asked(part, 32, content));
    }
  });

  it("bounds how far back repetitions are looked for, which costs the server memory", async () => {
    const options = async (repeat: string) =>
      (
        JSON.parse(
          (
            await allowed(
              pair,
              request({ body: `{"model":"llama3:8b","messages":[],"options":{"repeat_last_n":${repeat}}}` }),
            )
          ).arrived.body,
        ) as { options: Record<string, unknown> }
      ).options["repeat_last_n"];
    equal(await options("2000000000"), 65536);
    equal(await options("2e9"), 65536);
    equal(await options("64"), 64);
    equal(await options("-1"), -1);
    equal(await options("null"), undefined);
    await denied(
      pair,
      request({ body: '{"model":"llama3:8b","messages":[],"options":{"repeat_last_n":"9"}}' }),
      400,
      "field_type",
    );
  });
});

import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { ALLOWED, allowed, chat, denied, pairForSuite, request, tenant } from "./support/decisions";
import { exchange } from "./support/http";

interface NameVector {
  input: string;
  canonical?: string;
  reason?: string;
}

const table = path.join(__dirname, "../../components/models/names.vectors.json");
const { vectors } = JSON.parse(readFileSync(table, "utf8")) as { vectors: NameVector[] };

describe("gateway: which model a name means", function () {
  this.timeout(60_000);
  const pair = pairForSuite();

  const sent = (model: unknown) => request({ body: chat(model) });

  for (const name of [
    ...["llama3:8b", "LLAMA3:8B", "library/llama3:8b", "registry.ollama.ai/library/llama3:8b"],
    ...[
      "Registry.Ollama.AI/Library/Llama3:8B",
      "llama3:8b:local",
      " llama3:8b ",
      "\u00a0llama3:8b\u3000",
      "\u2028llama3:8b\u0085",
    ],
    ...["llama3:8b: LOCAL", "llama3:8b:\u3000local"],
  ]) {
    it(`asks for the allowed model when the client writes ${JSON.stringify(name)}`, async () => {
      const { line } = await allowed(pair, sent(name));
      equal(line["model"], ALLOWED);
    });
  }

  for (const name of [
    ...["llama3", "llama3:latest", "llama3:8b-instruct", "llama3:8B-q4", "me/llama3:8b", "llama3.8b", "llama3-evil:8b"],
    ...["registry.ollama.ai:443/library/llama3:8b", "evil.example/library/llama3:8b", "library/library/llama3:8b"],
    ...["secret", "secret:latest", "SECRET", "secret:local", "\u00a0secret", "secret:8b:local"],
  ]) {
    it(`denies ${JSON.stringify(name)} as another model`, async () => {
      const reply = await denied(pair, sent(name), 404, "model_denied");
      equal(reply.body, '{"error":"model not found"}');
    });
  }

  for (const name of [
    "llama3:8b:cloud",
    "llama3:8b-cloud",
    "llama3: cloud",
    "LLAMA3:CLOUD",
    "llama3:8b: Cloud ",
    "secret-x:8b-cloud",
  ]) {
    it(`denies ${JSON.stringify(name)}, which would leave the cluster`, async () => {
      const reply = await denied(pair, sent(name), 404, "model_cloud");
      equal(reply.body, '{"error":"model not found"}');
    });
  }

  for (const name of [
    ...[
      "https://registry.ollama.ai/library/llama3:8b",
      "x://registry.ollama.ai/library/llama3:8b",
      "llama3:8b:local:local",
    ],
    ...[
      "",
      " ",
      "\u017fecret",
      "\u212aimi",
      `secret@sha256:${"a".repeat(64)}`,
      "secret:",
      "/secret",
      "secret/",
      "a/b/c/d",
      "../x",
    ],
    ...[
      ".x",
      "-x",
      "secret\u0000",
      "llama3:8b\u0000",
      "llama3:8b/",
      "/llama3:8b",
      "llama3:8b\n:latest",
      "llama3 :8b",
      "llama3: 8b",
    ],
    ...["m".repeat(600), "llama3:8b\u0301", "llama3:8b,secret"],
  ]) {
    it(`refuses ${JSON.stringify(name.slice(0, 50))} as no name`, async () => {
      await denied(pair, sent(name), 400, "model_malformed");
    });
  }

  for (const value of [null, ["llama3:8b"], { a: 1 }, 5, true]) {
    it(`refuses the model ${JSON.stringify(value)}, which is not a string`, async () => {
      await denied(pair, sent(value), 400, "model_missing");
    });
  }

  it("answers for an absent model exactly as for a forbidden one, in each API", async () => {
    const absent = tenant({
      models: [{ canonical: "registry.ollama.ai/library/gone:latest" }, { canonical: ALLOWED }],
    });
    await pair.gateway.update(absent);
    for (const target of ["/api/chat", "/v1/chat/completions", "/v1/messages"]) {
      const body = (model: string) =>
        JSON.stringify({ model, messages: [{ role: "user", content: 'behave:{"status":404}' }], stream: false });
      const replies = [];
      for (const model of ["gone", "secret"]) {
        const reply = await exchange(pair.gateway, request({ target, body: body(model) }));
        const withoutId = reply.body.replace(reply.headers["x-request-id"] ?? "-", "ID");
        replies.push([reply.status, withoutId, reply.headers["content-type"]]);
      }
      deepEqual(replies[0], replies[1]);
    }
    await pair.gateway.update(tenant());
  });

  it("resolves every name of the shared table as the catalogue does", async () => {
    const resolved = vectors.flatMap(({ canonical }) => (canonical === undefined ? [] : [{ canonical }]));
    const distinct = [...new Map(resolved.map((model) => [model.canonical, model])).values()];
    await pair.gateway.update(tenant({ models: distinct }));
    for (const { input, canonical, reason } of vectors) {
      pair.upstream.clear();
      const reply = await exchange(pair.gateway, sent(input));
      const arrived = pair.upstream.recorded.map(({ body }) => (JSON.parse(body) as { model: string }).model);
      const expected = canonical
        ? { status: 200, arrived: [canonical] }
        : { status: reason === "cloud" ? 404 : 400, arrived: [] };
      deepEqual({ input, status: reply.status, arrived }, { input, ...expected });
    }
    await pair.gateway.update(tenant());
  });
});

import { deepEqual, equal } from "node:assert/strict";
import { allowed, pairForSuite, request } from "./support/decisions";

const MODEL = '"model":"llama3:8b"';

describe("gateway: tools that a request brings along", function () {
  this.timeout(60_000);
  const pair = pairForSuite();

  const function_ = (name: string) => ({ type: "function", name, function: { name, parameters: {} } });
  const WITH_TOOLS = ["/api/chat", "/v1/chat/completions", "/v1/responses", "/v1/messages"];

  for (const [word, tool] of [
    ["web_search", '{"type":"web_search"}'],
    ["web_search", '{"type":"web_search_preview"}'],
    ["web_search", '{"type":"w\\u0065b_search_20250305"}'],
    ["web_search", '{"Type":"web_search"}'],
    ["web_search", '{"type":"function","TYPE":"Web_Search"}'],
    ["web_search", '{"type":"web_search\\ud800"}'],
    ["web_search", '{"type":"namespace","name":"x","tools":[{"type":"function"},{"type":"web_search"}]}'],
    ["web_search", '{"type":"namespace","name":"x","Tools":[{"type":"web_search"}]}'],
    ["mcp", '{"type":"mcp","server_url":"https://evil.example"}'],
    ["code_interpreter", '{"type":"code_interpreter","container":{"type":"auto"}}'],
  ] as const) {
    it(`leaves a tool out that the server would run, says so, and answers the rest: ${tool}`, async () => {
      for (const target of WITH_TOOLS) {
        const others = [function_("a"), function_("b")];
        const tools = `[${JSON.stringify(others[0])},${tool}, ${JSON.stringify(others[1])}]`;
        const body = `{${MODEL},"messages":[],"input":"x","tools":${tools}}`;
        const { arrived, reply, line } = await allowed(pair, request({ target, body }));
        deepEqual((JSON.parse(arrived.body) as { tools: unknown }).tools, others);
        deepEqual([reply.headers["x-gateway-dropped-tools"], line["dropped_tools"]], [word, word]);
      }
    });
  }

  it("passes no half of a character on in the tools that are left", async () => {
    for (const target of WITH_TOOLS) {
      const tools = '[{"type":"function","name":"\\ud800"},{"type":"web_search"}]';
      const body = `{${MODEL},"messages":[],"input":"x","tools":${tools}}`;
      const { arrived } = await allowed(pair, request({ target, body }));
      deepEqual((JSON.parse(arrived.body) as { tools: unknown }).tools, [{ type: "function", name: "\ufffd" }]);
    }
  });

  it("leaves out all of several such tools, and passes on what only sounds like one", async () => {
    const tools = [{ type: "web_search" }, { type: "image_generation" }];
    for (const target of WITH_TOOLS) {
      const body = JSON.stringify({ model: "llama3:8b", messages: [], input: "x", tools });
      const { arrived, reply } = await allowed(pair, request({ target, body }));
      deepEqual((JSON.parse(arrived.body) as { tools: unknown }).tools, []);
      equal(reply.headers["x-gateway-dropped-tools"], "web_search, image_generation");
      const kept = [function_("web_search"), { name: "mcp", input_schema: {} }, { type: "custom", name: "computer" }];
      const sent = await allowed(
        pair,
        request({ target, body: JSON.stringify({ model: "llama3:8b", messages: [], input: "x", tools: kept }) }),
      );
      deepEqual((JSON.parse(sent.arrived.body) as { tools: unknown }).tools, kept);
      deepEqual([sent.reply.headers["x-gateway-dropped-tools"], sent.line["dropped_tools"]], [undefined, null]);
    }
  });
});

import { allowed, denied, Pair, request, tenant } from "./support/decisions";
import { RunningGateway } from "./support/gateway";
import { startUpstream } from "./support/upstream";

const TARGETS = ["/api/chat", "/v1/chat/completions", "/v1/responses"];

/** Fields that ask for an answer of a schema, as each API writes it. */
function within(target: string, schema: object): object {
  if (target === "/api/chat") return { messages: [], format: schema };
  const named = { type: "json_schema", name: "x", schema };
  return target === "/v1/responses"
    ? { input: "x", text: { format: named } }
    : { messages: [], response_format: { type: "json_schema", json_schema: named } };
}

const asked = (target: string, schema: object) =>
  request({ target, body: JSON.stringify({ model: "llama3:8b", ...within(target, schema) }) });

const ref = (place: string) => ({ $ref: place });
const node = ref("#/$defs/node");

/** References that lead back to themselves before the answer has a character. */
const circles: [string, object][] = [
  ["at once", { ...node, $defs: { node } }],
  ["through anyOf", { ...node, $defs: { node: { anyOf: [node, { type: "string" }] } } }],
  ["through oneOf in allOf", { ...node, $defs: { node: { allOf: [{ oneOf: [{ type: "null" }, node] }] } } }],
  [
    "through another definition",
    { ...node, $defs: { node: { anyOf: [ref("#/$defs/leaf")] }, leaf: { oneOf: [{ type: "null" }, node] } } },
  ],
  ["in a property that names itself", { properties: { a: { anyOf: [ref("#/properties/a"), { type: "null" }] } } }],
  [
    "in an alternative that names itself",
    { anyOf: [{ type: "null" }, { oneOf: [ref("#/anyOf/1"), { type: "null" }] }] },
  ],
  ["from the root to the root", { anyOf: [ref("#"), { type: "string" }] }],
];

/** The same references behind something that the answer must have first. */
const trees: [string, object][] = [
  ["a list", { ...node, $defs: { node: { properties: { next: { anyOf: [node, { type: "null" }] } } } } }],
  ["a tree", { ...node, $defs: { node: { type: "object", properties: { of: { type: "array", items: node } } } } }],
  [
    "a definition that is used twice",
    { properties: { a: node, b: { anyOf: [node, { type: "null" }] } }, $defs: { node: { type: "string" } } },
  ],
  ["a root in its own property", { type: "object", properties: { child: ref("#") } }],
  ["a property of the name $ref", { type: "object", properties: { $ref: { type: "string" } } }],
];

describe("gateway: what a schema for the answer may say", function () {
  this.timeout(60_000);
  let pair: Pair;

  before(async () => {
    const upstream = await startUpstream();
    pair = { upstream, gateway: await RunningGateway.start(tenant(), upstream.port) };
  });
  after(async () => {
    await pair.gateway.stop();
    await pair.upstream.stop();
  });

  it("bounds repetitions, of which the server's runner would die", async () => {
    for (const target of TARGETS) {
      for (const bounded of [
        (count: number) => ({ type: "array", items: { type: "integer" }, maxItems: count }),
        (count: number) => ({ type: "object", properties: { a: { type: "string", minLength: count } } }),
        (count: number) => ({ anyOf: [{ type: "string", pattern: `^a{1, ${count}}$` }, { type: "null" }] }),
      ]) {
        await denied(pair, asked(target, bounded(2001)), 400, "field_limit");
        await allowed(pair, asked(target, bounded(2000)));
      }
      await allowed(pair, asked(target, { type: "object", properties: { maxItems: { type: "integer" } } }));
    }
  });

  for (const [title, schema] of circles)
    it(`refuses a reference that leads back to itself, of which the runner would die too: ${title}`, async () => {
      for (const target of TARGETS) await denied(pair, asked(target, schema), 400, "field_limit");
    });

  it("refuses it however its name is written", async () => {
    const { target, body } = asked("/api/chat", { ...node, $defs: { node } });
    await denied(
      pair,
      request({ target, body: String(body).replaceAll("$ref", "\\u0024r\\u0065f") }),
      400,
      "field_limit",
    );
  });

  for (const [title, schema] of trees)
    it(`lets a schema refer to itself behind something to read: ${title}`, async () => {
      for (const target of TARGETS) await allowed(pair, asked(target, schema));
    });

  it("bounds the parts of a schema, so that looking for such references takes no longer than reading it", async () => {
    const parts = (count: number) => ({
      allOf: Array.from({ length: count / 1000 }, (_, group) => ({
        properties: Object.fromEntries(Array.from({ length: 500 }, (__, index) => [`p${group}-${index}`, {}])),
        required: [],
      })),
    });
    await allowed(pair, asked("/api/chat", parts(10_000)));
    await denied(pair, asked("/api/chat", parts(50_000)), 400, "field_limit");
  });
});

import { match } from "node:assert/strict";
import type { Pair } from "./support/decisions";
import { allowed, denied, request, tenant } from "./support/decisions";
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

const string = { type: "string" };

/** Numbers that look like bounds and are none. */
const unread: [string, object][] = [
  ["in a default value", { ...string, default: { maxItems: 99_999, pattern: "a{9999}" } }],
  ["in examples", { type: "object", properties: { a: { ...string, examples: [{ maxLength: 99_999 }] } } }],
  ["in a constant", { const: { type: "string", maxLength: 99_999 } }],
  ["in an enumeration", { enum: [{ type: "string", minLength: 99_999 }, "a{9999}"] }],
  ["in a description", { ...string, description: 'at most {99999}, "maxItems": 99999' }],
  ["as names of properties", { properties: { maxLength: { type: "integer" }, pattern: string, default: string } }],
  ["the length of a number", { type: "integer", maxLength: 99_999, maximum: 99_999 }],
  ["the length of what has no type", { properties: { a: { maxLength: 99_999 } } }],
  ["the number of items of a string", { ...string, maxItems: 99_999 }],
  ["the number of items of nothing", { type: "array", maxItems: 99_999 }],
  ["the number of properties", { type: "object", properties: { a: string }, maxProperties: 99_999 }],
  ["a literal after a comma in a pattern", { ...string, pattern: "^a, 99999$" }],
  ["braces behind a backslash", { ...string, pattern: "^\\{99999\\}$" }],
  ["braces in a class of characters", { ...string, pattern: "^[{}]99999[^,{]9999$" }],
  ["the pattern of a number", { type: "number", pattern: "^a{9999}$" }],
];

/** Bounds that are read, where a reader could pass over them. */
const hidden: [string, object][] = [
  ["a type behind the bound", { maxLength: 9999, type: "string" }],
  ["several types", { type: ["null", "string"], minLength: 9999 }],
  ["a type with an escape", JSON.parse('{"type":"str\\u0069ng","maxLength":9999}') as object],
  ["items without a type", { maxItems: 9999, items: string }],
  ["prefix items", { prefixItems: [string], minItems: 9999 }],
  ["an element of items", { items: [{ ...string, maxLength: 9999 }] }],
  ["a property with the name of an annotation", { properties: { default: { ...string, maxLength: 9999 } } }],
  ["a property of the name properties", { properties: { properties: { ...string, maxLength: 9999 } } }],
  ["properties in a list", { properties: [{ ...string, maxLength: 9999 }] }],
  ["additional properties", { additionalProperties: { ...string, maxLength: 9999 } }],
  ["a definition", { $ref: "#/$defs/a", $defs: { a: { ...string, maxLength: 9999 } } }],
  ["a member of the author's own", { $ref: "#/mine/a", mine: { a: { ...string, maxLength: 9999 } } }],
  ["a default that a reference makes a schema", { $ref: "#/default", default: { ...string, maxLength: 9999 } }],
  ["an example that one does", { $ref: "#/examples/0", examples: [{ ...string, maxLength: 9999 }] }],
  [
    "a default of a property that one does",
    { properties: { a: { $ref: "#/properties/a/default", default: { ...string, maxLength: 9999 } } } },
  ],
  ["a default of a property without a name", { $ref: "#/properties//default", properties: { "": { default: {} } } }],
  ["a pattern without a type", { pattern: "^a{9999}$" }],
  ["a pattern behind a class", { ...string, pattern: "^[a-z{\\]}]{9999}$" }],
  ["a pattern behind an escape", { ...string, pattern: "^\\\\{9999}$" }],
  ["a pattern without an upper bound", { ...string, pattern: "^a{9999,}$" }],
  ["a number in other digits", JSON.parse('{"type":"string","maxLength":9.999e3}') as object],
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

  for (const [title, schema] of unread)
    it(`lets a number stand that no grammar is made of: ${title}`, async () => {
      for (const target of TARGETS) await allowed(pair, asked(target, schema));
    });

  it("tells which bound of which property is too large", async () => {
    const tags = { type: "array", items: { type: "string" }, maxItems: 5000 };
    const { body } = await denied(pair, asked("/api/chat", { properties: { tags } }), 400, "field_limit");
    match(body, /maxItems of the schema at \/properties\/tags is 5000, at most 2000 are allowed/);
  });

  for (const [title, schema] of hidden)
    it(`bounds what a grammar is made of, wherever it stands: ${title}`, async () => {
      for (const target of TARGETS) await denied(pair, asked(target, schema), 400, "field_limit");
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

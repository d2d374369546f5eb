import { deepEqual, equal } from "node:assert/strict";
import { ALICE, allowed, chat, denied, pairForSuite, request, tenant } from "./support/decisions";
import { hashOf } from "./support/gateway";
import type { RawRequest } from "./support/http";
import { exchange } from "./support/http";

const BOB = "bob-0123456789abcdefghijklmnop";
const PAGE = "https://chat.example.com";
const EDITOR = "app://obsidian.md";

describe("gateway: web pages that call", function () {
  this.timeout(60_000);
  const pair = pairForSuite();

  const clients = (origins?: string[]) => [
    { name: "alice", keySha256: [hashOf(ALICE)], ...(origins && { origins }) },
    { name: "bob", keySha256: [hashOf(BOB)], origins: ["https://bob.example.com"] },
  ];
  before(() => pair.gateway.update(tenant({ clients: clients([PAGE, EDITOR]) })));

  const from = (origin: string, changes: Partial<RawRequest> = {}) =>
    request({ ...changes, headers: [...(changes.headers ?? request().headers), ["origin", origin]] });
  const preflight = (origin: string, more: [string, string][] = []) =>
    exchange(
      pair.gateway,
      from(origin, {
        method: "OPTIONS",
        target: "/v1/chat/completions",
        body: undefined,
        headers: [["host", "gateway"], ["access-control-request-method", "POST"], ...more],
      }),
    );
  const admitted = (headers: Record<string, string>) => headers["access-control-allow-origin"];

  for (const origin of [PAGE, EDITOR, "https://bob.example.com"]) {
    it(`answers what a browser asks for ${origin} before it sends the key`, async () => {
      pair.upstream.clear();
      const wanted = "authorization, content-type, x-stainless-os";
      const { status, headers, body } = await preflight(origin, [["access-control-request-headers", wanted]]);
      deepEqual([status, body, admitted(headers)], [204, "", origin]);
      equal(headers["access-control-allow-headers"], wanted);
      equal(headers["access-control-allow-methods"], "GET, HEAD, POST");
      deepEqual(pair.upstream.recorded, []);
      const line = await pair.gateway.auditOf(headers["x-request-id"] ?? "");
      deepEqual([line["client"], line["rule"], line["status"]], [null, "preflight", 204]);
    });
  }

  for (const [what, origin, more] of [
    ["an origin of nobody", "https://evil.example", []],
    ["an origin that begins like one", `${PAGE}.evil.example`, []],
    ["another scheme", PAGE.replace("https", "http"), []],
    ["no origin at all", "null", []],
    ["headers with other characters", PAGE, [["access-control-request-headers", "a;b"]]],
    ["a list of headers without end", PAGE, [["access-control-request-headers", "a".repeat(2000)]]],
  ] as [string, string, [string, string][]][]) {
    it(`does not answer for ${what}`, async () => {
      const { status, headers } = await preflight(origin, more);
      deepEqual([status, admitted(headers)], [401, origin === PAGE ? PAGE : undefined]);
    });
  }

  it("lets a page of the client read answers and refusals, and nobody else's page", async () => {
    equal(admitted((await allowed(pair, from(PAGE))).reply.headers), PAGE);
    equal(
      admitted(
        (await allowed(pair, from(PAGE, { method: "GET", target: "/api/version", body: undefined }))).reply.headers,
      ),
      PAGE,
    );
    const list = await exchange(pair.gateway, from(PAGE, { method: "GET", target: "/v1/models", body: undefined }));
    deepEqual([list.status, admitted(list.headers)], [200, PAGE]);
    equal(
      admitted(
        await denied(pair, from(PAGE, { body: chat("secret") }), 404, "model_denied").then(({ headers }) => headers),
      ),
      PAGE,
    );
    const tooLong = from(PAGE, { body: "x".repeat(9_000_000), chunkBytes: 100_000 });
    equal(admitted((await denied(pair, tooLong, 413, "body_refused")).headers), PAGE);
    equal(admitted((await denied(pair, from(PAGE, { headers: [["host", "x"]] }), 401, "key_missing")).headers), PAGE);
    for (const origin of ["https://bob.example.com", "https://evil.example"])
      equal(admitted((await allowed(pair, from(origin))).reply.headers), undefined);
  });

  it("does not pass the origin on to the server", async () => {
    equal((await allowed(pair, from(PAGE))).arrived.headers.origin, undefined);
  });

  it("answers no page of a tenant whose clients have none", async () => {
    await pair.gateway.update(tenant());
    const { status, headers } = await preflight(PAGE);
    deepEqual([status, admitted(headers)], [401, undefined]);
    equal(admitted((await allowed(pair, from(PAGE))).reply.headers), undefined);
  });
});

import { deepEqual, equal, ok } from "node:assert/strict";
import { ALICE, ALLOWED, allowed, chat, denied, pairForSuite, refused, request } from "./support/decisions";
import { encoded, opened, parsed, readAll, readReply } from "./support/http";

const KEY = `authorization: Bearer ${ALICE}`;
const BODY = chat("llama3:8b");
const LENGTH = `content-length: ${BODY.length}`;

describe("gateway: what the transport can be made to say", function () {
  this.timeout(60_000);
  const pair = pairForSuite();

  const withHeaders = (...headers: [string, string][]) => request({ headers: [["host", "gateway"], ...headers] });
  const withKeyAnd = (...headers: [string, string][]) => request({ headers: [...request().headers, ...headers] });

  /** Sends bytes as they are, and returns the status of the reply to them, or 0. */
  async function raw(...lines: string[]): Promise<number> {
    pair.upstream.clear();
    const socket = await opened(pair.gateway);
    const reply = readReply(socket, "POST");
    socket.write(Buffer.from(lines.join("\r\n"), "latin1"));
    return parsed(await reply, "POST").status;
  }

  /** A whole request whose first line or headers are given, with a connection that ends. */
  const whole = (lines: string[], body = BODY) => raw(...lines, "connection: close", "", body);
  const FIRST = ["POST /api/chat HTTP/1.1", "host: gateway"];

  async function nothingArrives(status: Promise<number>): Promise<void> {
    const found = await status;
    ok(found === 0 || (found >= 400 && found < 500), `status ${found}`);
    deepEqual(pair.upstream.recorded, []);
  }

  it("takes a plain request that is written by hand", async () => {
    equal(await whole([...FIRST, KEY, LENGTH]), 200);
    equal(pair.upstream.recorded.length, 1);
  });

  for (const [what, lines] of [
    ["HTTP/1.0", ["POST /api/chat HTTP/1.0", "host: gateway", KEY, LENGTH]],
    ["HTTP/2.0 on the first line", ["POST /api/chat HTTP/2.0", "host: gateway", KEY, LENGTH]],
    ["a first line without a version", ["POST /api/chat", "host: gateway", KEY, LENGTH]],
    ["a blank before the colon", [...FIRST, KEY, `content-length : ${BODY.length}`]],
    ["a blank before the colon of the key", [...FIRST, `authorization : Bearer ${ALICE}`, LENGTH]],
    ["a header folded over two lines", [...FIRST, "x-folded: a", ` ${KEY}`, LENGTH]],
    ["a header without a name", [...FIRST, KEY, ": x", LENGTH]],
    ["a header's name outside ASCII", [...FIRST, KEY, "x-\u00e9: y", LENGTH]],
    ["two lengths that differ", [...FIRST, KEY, LENGTH, "content-length: 5"]],
    ["a length with a sign", [...FIRST, KEY, `content-length: +${BODY.length}`]],
    ["a length in hexadecimal", [...FIRST, KEY, "content-length: 0x10"]],
    ["a negative length", [...FIRST, KEY, "content-length: -1"]],
    ["a length beyond 64 bits", [...FIRST, KEY, "content-length: 18446744073709551617"]],
  ] as [string, string[]][]) {
    it(`forwards nothing of ${what}`, () => nothingArrives(whole(lines)));
  }

  for (const [what, body] of [
    ["a chunk's length beyond 64 bits", `1000000000000000${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`],
    ["a negative chunk", `-1\r\n${BODY}\r\n0\r\n\r\n`],
    ["a chunk without an end", `5\r\n${BODY}\r\n0\r\n\r\n`],
  ] as const) {
    it(`forwards nothing of ${what}`, () => nothingArrives(whole([...FIRST, KEY, "transfer-encoding: chunked"], body)));
  }

  it("speaks no HTTP/2, neither at once nor by upgrade", async () => {
    await nothingArrives(raw("PRI * HTTP/2.0", "", "SM", "", "\0\0\0\x04\0\0\0\0\0"));
    const { reply, arrived } = await allowed(
      pair,
      withKeyAnd(["upgrade", "h2c"], ["http2-settings", "AAMAAABkAAQAAP__"]),
    );
    equal(reply.status, 200);
    equal(arrived.headers["http2-settings"], undefined);
  });

  it("switches to no other protocol", async () => {
    const upgrade: [string, string][] = [
      ["upgrade", "websocket"],
      ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
    ];
    pair.upstream.clear();
    await nothingArrives(
      whole(["GET /api/chat HTTP/1.1", "host: gateway", KEY, "connection: upgrade", "upgrade: websocket"], ""),
    );
    await denied(pair, { ...withKeyAnd(...upgrade), body: chat("secret") }, 404, "model_denied");
  });

  it("reads no key and no length from behind the body", async () => {
    const chunked = ["transfer-encoding: chunked", "trailer: authorization"];
    const body = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n${KEY}\r\nx-trailer: y\r\n\r\n`;
    equal(await whole([...FIRST, ...chunked], body), 401);
    deepEqual(pair.upstream.recorded, []);
    equal(await whole([...FIRST, KEY, ...chunked], body), 200);
    const passed = pair.upstream.recorded.flatMap(({ headers }) => Object.keys(headers));
    ok(passed.includes("x-request-id") && !passed.includes("trailer") && !passed.includes("x-trailer"));
  });

  it("tells the server a host of its own, however many the client names", async () => {
    const { arrived } = await allowed(pair, withKeyAnd(["host", "other"]));
    equal(arrived.headers.host, "localhost");
  });

  it("forwards a whole request or nothing, whatever headers the client calls its connection's own", async () => {
    for (const named of ["authorization", "content-length", "host", "x-request-id", "x-api-key"]) {
      const status = await raw(...FIRST, KEY, LENGTH, `connection: ${named}, close`, "", BODY);
      const arrived = pair.upstream.recorded.map(({ url, body }) => [
        url,
        (JSON.parse(body) as { model: string }).model,
      ]);
      deepEqual(arrived, status === 200 ? [["/api/chat", ALLOWED]] : [], named);
    }
    await nothingArrives(raw(...FIRST, LENGTH, "connection: authorization, close", "", BODY));
  });

  it("judges before it asks a waiting client for the body", async () => {
    const expect: [string, string] = ["expect", "100-continue"];
    await denied(pair, withHeaders(expect), 401, "key_missing");
    await denied(pair, { ...withKeyAnd(expect), body: chat("secret") }, 404, "model_denied");
    await allowed(pair, withKeyAnd(expect));
  });

  for (const [what, value] of [
    ["a tab behind the scheme", `Bearer\t${ALICE}`],
    ["a tab within the key", `Bearer ${ALICE.slice(0, 10)}\t${ALICE.slice(10)}`],
    ["a character outside ASCII", `Bearer ${ALICE}\u00e9`],
    ["a blank that is no ASCII one", `Bearer\u00a0${ALICE}`],
    ["two keys in one header", `Bearer ${ALICE}, Bearer ${ALICE}`],
    ["the scheme twice", `Bearer Bearer ${ALICE}`],
    ["a quoted key", `Bearer "${ALICE}"`],
    ["the key alone", ALICE],
  ] as const) {
    it(`refuses a key with ${what}`, async () => {
      await denied(pair, withHeaders(["authorization", value]), 401, "key_invalid");
    });
  }

  it("takes the key with blanks around the header's value, which are not part of it", async () => {
    await allowed(pair, withHeaders(["authorization", `  Bearer ${ALICE} \t `]));
  });

  it("logs the path that was judged, not the one that a header tells", async () => {
    const forged: [string, string] = ["x-envoy-original-path", "/forged"];
    const { line } = await allowed(pair, withKeyAnd(forged));
    equal(line["path"], "/api/chat");
    const reply = await denied(pair, { ...withKeyAnd(forged), target: "/api/pull" }, 404, "route");
    equal((await pair.gateway.auditOf(reply.headers["x-request-id"] ?? ""))["path"], "/api/pull");
  });

  it("writes one line of JSON for whatever path is asked for", async () => {
    const target = '/api/chat"x","decision":"allow';
    await refused(pair, request({ target }));
    await allowed(pair, request());
    // The log is read as JSON: a line that is none would have failed the test before.
    ok(pair.gateway.audit().every((line) => line["tenant"] === "finance"));
  });

  it("keeps two requests apart that are sent at once", async () => {
    pair.upstream.clear();
    const socket = await opened(pair.gateway);
    const end = readAll(socket);
    const last = { ...withHeaders(["connection", "close"]), body: BODY };
    socket.write(Buffer.concat([encoded(request()), encoded(last)]));
    const text = (await end).toString("latin1");
    deepEqual(text.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 200", "HTTP/1.1 401"]);
    equal(pair.upstream.recorded.length, 1);
  });
});

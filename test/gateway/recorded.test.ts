import { deepEqual, equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { ALICE, ALLOWED, pairForSuite, tenant } from "./support/decisions";
import { hashOf } from "./support/gateway";
import { exchange } from "./support/http";
import type { RecordedRequest } from "./support/recorded";
import { PROGRAMS } from "./support/recorded";

const DOCUMENT = path.join(__dirname, "../../docs/clients.md");

describe("gateway: requests of programs that people use", function () {
  this.timeout(60_000);
  const pair = pairForSuite();
  before(() =>
    pair.gateway.update(tenant({ clients: [{ name: "alice", keySha256: [hashOf(ALICE)], maxTokens: 32_000 }] })),
  );

  async function replay(key: [string, string][], recorded: RecordedRequest): Promise<void> {
    pair.upstream.clear();
    const { method, target, headers = [], body, status = 200, says = /./, dropped, arrives = {} } = recorded;
    const reply = await exchange(pair.gateway, {
      method,
      target,
      headers: [["host", "gateway"], ["content-type", "application/json"], ...key, ...headers],
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    equal(reply.status, status, `${method} ${target}: ${reply.body}`);
    match(reply.body, says);
    equal(reply.headers["x-gateway-dropped-tools"], dropped);
    if (status !== 200) return deepEqual(pair.upstream.recorded, []);
    const arrived = JSON.parse(pair.upstream.recorded[0]?.body || "{}") as Record<string, unknown>;
    if (method === "POST") equal(arrived["model"], ALLOWED);
    for (const [field, value] of Object.entries(arrives)) deepEqual(arrived[field], value, field);
  }

  for (const { name, key, requests } of PROGRAMS) {
    it(`answers ${name}, or tells the person in front of it what is wrong`, async () => {
      for (const recorded of requests) await replay(key, recorded);
    });

    it(`is documented for ${name}`, () => {
      match(readFileSync(DOCUMENT, "utf8"), new RegExp(`^### .*${name.split(",")[0] ?? name}`, "m"));
    });
  }
});

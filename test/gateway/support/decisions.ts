/** What a decision must look like from every side: the reply, what reached the server, and the audit line. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { GatewayInput } from "../../../components/gateway";
import type { AuditLine } from "./gateway";
import { hashOf, RunningGateway } from "./gateway";
import type { RawReply, RawRequest } from "./http";
import { exchange } from "./http";
import type { Recorded, Upstream } from "./upstream";
import { startUpstream } from "./upstream";

/** Key of the client `alice`, who may use every model of the tenant. */
export const ALICE = "alice-0123456789abcdefghijklmn";
/** The one model that the tenant may use; the server also has `secret:latest` and `llama3:latest`. */
export const ALLOWED = "registry.ollama.ai/library/llama3:8b";

/** A tenant with one model and one client. */
export const tenant = (changes: Partial<GatewayInput> = {}): GatewayInput => ({
  tenant: "finance",
  models: [{ canonical: ALLOWED }],
  clients: [{ name: "alice", keySha256: [hashOf(ALICE)] }],
  ...changes,
});

/** An allowed chat request; tests change one thing of it. */
export const request = (changes: Partial<RawRequest> = {}): RawRequest => ({
  method: "POST",
  target: "/api/chat",
  headers: [
    ["host", "gateway"],
    ["authorization", `Bearer ${ALICE}`],
  ],
  body: chat("llama3:8b"),
  ...changes,
});

/** Body of a chat request that names a model; in raw text when it is not a string. */
export function chat(model: unknown): string {
  return JSON.stringify({ model, messages: [{ role: "user", content: "hi" }], stream: false });
}

/** Request headers that must never reach the server. */
const NEVER_UPSTREAM =
  /^(authorization|x-api-key|cookie|proxy-authorization|origin|x-forwarded-(for|host|prefix)|x-envoy-.*|upgrade|te)$/;

/** A gateway and the server behind it. */
export interface Pair {
  gateway: RunningGateway;
  upstream: Upstream;
}

/** Starts a gateway of the usual tenant with a recording upstream before the tests of a suite, and stops both after them. */
export function pairForSuite(): Pair {
  const pair = {} as Pair;
  before(async () => {
    pair.upstream = await startUpstream();
    pair.gateway = await RunningGateway.start(tenant(), pair.upstream.port);
  });
  after(async () => {
    await pair.gateway.stop();
    await pair.upstream.stop();
  });
  return pair;
}

/** Sends a request that must be allowed; returns the one request that reached the server. */
export async function allowed(
  pair: Pair,
  sent: RawRequest,
): Promise<{ reply: RawReply; arrived: Recorded; line: AuditLine }> {
  pair.upstream.clear();
  const reply = await exchange(pair.gateway, sent);
  equal(reply.status, 200, reply.body);
  equal(pair.upstream.recorded.length, 1);
  const arrived = pair.upstream.recorded[0] as Recorded;
  ok(!arrived.url.includes("?"), arrived.url);
  deepEqual(
    Object.keys(arrived.headers).filter((name) => NEVER_UPSTREAM.test(name)),
    [],
  );
  if (arrived.method === "POST") {
    const body = JSON.parse(arrived.body) as Record<string, unknown>;
    equal(body["model"], ALLOWED);
    equal(Object.keys(body).filter((key) => key.toLowerCase() === "model").length, 1);
    equal(arrived.body.indexOf(`{"model":"${ALLOWED}"`), 0);
  }
  const line = await pair.gateway.auditOf(reply.headers["x-request-id"] ?? "");
  equal(line["decision"], "allow");
  equal(line["client"], "alice");
  return { reply, arrived, line };
}

/** Sends a request that must be denied by a rule: nothing may reach the server. */
export async function denied(pair: Pair, sent: RawRequest, status: number, rule: string): Promise<RawReply> {
  pair.upstream.clear();
  const reply = await exchange(pair.gateway, sent);
  deepEqual(pair.upstream.recorded, []);
  equal(reply.status, status, reply.body);
  const line = await pair.gateway.auditOf(reply.headers["x-request-id"] ?? "");
  deepEqual({ decision: line["decision"], rule: line["rule"] }, { decision: "deny", rule });
  return reply;
}

/** Sends a request that must not get through, whoever refuses it: Envoy's parser, the routes or the guard. */
export async function refused(pair: Pair, sent: RawRequest): Promise<RawReply> {
  pair.upstream.clear();
  const reply = await exchange(pair.gateway, sent);
  deepEqual(pair.upstream.recorded, []);
  ok(reply.status === 0 || (reply.status >= 400 && reply.status < 500), `status ${reply.status}`);
  return reply;
}

import { deepEqual, equal, ok } from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import type { GatewayClient, GatewayInput } from "../../components/gateway";
import { serviceAccountSubject, TOKENS_FILE } from "../../components/gateway";
import type { Pair } from "./support/decisions";
import { ALICE, ALLOWED, denied, request, tenant } from "./support/decisions";
import { swapFiles } from "../../tools/gateway/process";
import { eventually, hashOf, RunningGateway } from "./support/gateway";
import type { RawRequest } from "./support/http";
import { exchange } from "./support/http";
import { confusedToken, signedToken, tamperedToken, tokenKeyPair, unsignedToken } from "./support/tokens";
import { startUpstream } from "./support/upstream";

const ISSUER = "https://kubernetes.default.svc.cluster.local";
const AUDIENCE = "ollama.tenant-finance.svc";
const SUBJECT = serviceAccountSubject("finance-apps", "ledger");
const current = tokenKeyPair("current");
const next = tokenKeyPair("next");
const foreign = tokenKeyPair("current");

const now = () => Math.floor(Date.now() / 1000);
const claims = (changes: object = {}) => ({
  iss: ISSUER,
  aud: [AUDIENCE],
  sub: SUBJECT,
  iat: now(),
  nbf: now(),
  exp: now() + 3600,
  ...changes,
});

const ledger = (changes: Partial<GatewayClient> = {}): GatewayClient => ({
  name: "ledger",
  keySha256: [],
  subject: SUBJECT,
  ...changes,
});
const alice: GatewayClient = { name: "alice", keySha256: [hashOf(ALICE)] };
const accepting = (changes: Partial<GatewayInput> = {}): GatewayInput =>
  tenant({
    clients: [alice, ledger()],
    tokens: { issuer: ISSUER, audience: AUDIENCE, keys: [current.published] },
    ...changes,
  });

describe("gateway: ServiceAccount tokens", function () {
  this.timeout(60_000);
  const pair = {} as Pair;
  before(async () => {
    pair.upstream = await startUpstream();
    pair.gateway = await RunningGateway.start(accepting(), pair.upstream.port);
  });
  after(async () => {
    await pair.gateway?.stop();
    await pair.upstream?.stop();
  });

  const bearing = (token: string, ...more: [string, string][]): RawRequest =>
    request({ headers: [["host", "gateway"], ["authorization", `Bearer ${token}`], ...more] });
  const valid = (changes: object = {}) => signedToken(claims(changes), current);
  const status = async (sent: RawRequest) => (await exchange(pair.gateway, sent)).status;

  it("are a client's proof: the log names the client, and the server never sees the token", async () => {
    pair.upstream.clear();
    const reply = await exchange(pair.gateway, bearing(valid()));
    equal(reply.status, 200, reply.body);
    const line = await pair.gateway.auditOf(reply.headers["x-request-id"] ?? "");
    deepEqual([line["client"], line["decision"], line["model"]], ["ledger", "allow", ALLOWED]);
    const arrived = JSON.stringify(pair.upstream.recorded);
    ok(!arrived.includes("authorization") && !arrived.includes("Bearer"), arrived);
  });

  const lastPart = (token: string) => token.slice(0, token.lastIndexOf(".") + 1);
  const asPem = () =>
    createPublicKey({ key: current.published, format: "jwk" }).export({ type: "spki", format: "pem" });
  const refusals: [title: string, token: () => string, rule: string][] = [
    ["has ended", () => valid({ exp: now() - 60 }), "token_expired"],
    ["has no end", () => valid({ exp: undefined }), "token_invalid"],
    ["lives longer than a day", () => valid({ exp: now() + 2 * 86_400 }), "token_invalid"],
    ["is not valid yet", () => valid({ nbf: now() + 600 }), "token_invalid"],
    ["is for another tenant", () => valid({ aud: ["ollama.tenant-hr.svc"] }), "token_audience"],
    ["is for the API server", () => valid({ aud: [ISSUER] }), "token_audience"],
    ["is for nobody", () => valid({ aud: undefined }), "token_audience"],
    ["comes from another issuer", () => valid({ iss: "https://issuer.example.com" }), "token_issuer"],
    ["comes from no issuer", () => valid({ iss: undefined }), "token_issuer"],
    ["is signed by a stranger with the issuer's key id", () => signedToken(claims(), foreign), "token_invalid"],
    ["is signed by a key that is not published", () => signedToken(claims(), next), "token_invalid"],
    ["says that it needs no signature", () => unsignedToken(claims(), "current"), "token_invalid"],
    ["says so and keeps a signature", () => signedToken(claims(), current, { alg: "none" }), "token_invalid"],
    [
      "is signed with the public key as a secret",
      () => confusedToken(claims(), "current", String(asPem())),
      "token_invalid",
    ],
    ["has lost its signature", () => lastPart(valid()), "token_invalid"],
    ["was extended", () => tamperedToken(valid({ exp: now() - 60 }), { exp: now() + 3600 }), "token_invalid"],
    ["was given another subject", () => tamperedToken(valid({ sub: "x" }), { sub: SUBJECT }), "token_invalid"],
    ["is another account's", () => valid({ sub: serviceAccountSubject("finance-apps", "default") }), "token_unknown"],
    [
      "is the same account's of another namespace",
      () => valid({ sub: serviceAccountSubject("hr-apps", "ledger") }),
      "token_unknown",
    ],
    ["has no subject", () => valid({ sub: undefined }), "token_invalid"],
    ["names a key hash as its subject", () => valid({ sub: hashOf(ALICE) }), "token_unknown"],
  ];
  for (const [title, token, rule] of refusals) {
    it(`are refused when one ${title}`, async () => {
      await denied(pair, bearing(token()), 401, rule);
      equal(await status(bearing(valid())), 200, "the control, which differs in this only");
    });
  }

  it("are accepted when they name this tenant beside another", async () => {
    equal(await status(bearing(valid({ aud: ["ollama.tenant-hr.svc", AUDIENCE] }))), 200);
  });

  it("are accepted in the one header only, once and alone", async () => {
    const token = valid();
    await denied(pair, bearing(token, ["x-api-key", ALICE]), 401, "token_invalid");
    await denied(pair, bearing(token, ["authorization", `Bearer ${token}`]), 401, "token_invalid");
    await denied(pair, bearing(ALICE, ["authorization", `Bearer ${token}`]), 401, "token_invalid");
    const bare = (headers: [string, string][], target = "/api/chat") =>
      request({ target, headers: [["host", "gateway"], ...headers] });
    await denied(pair, bare([["x-api-key", token]]), 401, "key_invalid");
    await denied(pair, bare([["authorization", token]]), 401, "key_invalid");
    await denied(pair, bare([["cookie", `access_token=${token}`]]), 401, "key_missing");
    await denied(pair, bare([], `/api/chat?access_token=${token}`), 401, "key_missing");
    equal(await status(bearing(token)), 200);
  });

  it("leave keys as they were", async () => {
    equal(await status(bearing(ALICE)), 200);
    await denied(pair, bearing("stranger-0123456789abcdefgh"), 401, "key_unknown");
  });

  it("are never written to the log", async () => {
    const token = valid();
    await exchange(pair.gateway, bearing(token));
    await exchange(pair.gateway, request({ target: `/api/chat?access_token=${token}` }));
    const text = JSON.stringify(pair.gateway.audit()) + pair.gateway.errors;
    for (const part of token.split(".")) ok(!text.includes(part));
  });

  it("are worth what the client is: its models, its limits, its last day", async () => {
    await pair.gateway.update(accepting({ clients: [ledger({ models: [] })] }));
    await denied(pair, bearing(valid()), 404, "model_denied");
    await pair.gateway.update(accepting({ clients: [ledger({ name: "rare", requestsPerMinute: 1 })] }));
    deepEqual([await status(bearing(valid())), await status(bearing(valid()))], [200, 429]);
    await pair.gateway.update(accepting({ clients: [ledger({ expires: new Date(Date.now() - 1000).toISOString() })] }));
    await denied(pair, bearing(valid()), 401, "key_expired");
    await pair.gateway.update(accepting({ clients: [alice] }));
    await denied(pair, bearing(valid()), 401, "token_unknown");
    await pair.gateway.update(accepting());
    equal(await status(bearing(valid())), 200);
  });

  it("follow the issuer's keys while the gateway runs: both during a change, then the new one only", async () => {
    const keys = (...list: (typeof current)[]) =>
      pair.gateway.updateTokens(
        accepting({ tokens: { issuer: ISSUER, audience: AUDIENCE, keys: list.map(({ published }) => published) } }),
      );
    const by = (key: typeof current) => status(bearing(signedToken(claims(), key)));
    keys(current, next);
    await eventually("the new key", async () => (await by(next)) === 200);
    equal(await by(current), 200);
    keys(next);
    await eventually("the end of the old key", async () => (await by(current)) === 401);
    equal(await by(next), 200);
    keys(current);
    await eventually("the first key again", async () => (await by(current)) === 200);
  });

  it("are no way in where the tenant accepts none", async () => {
    const closed = { upstream: pair.upstream, gateway: await RunningGateway.start(tenant(), pair.upstream.port) };
    try {
      await denied(closed, bearing(valid()), 401, "token_invalid");
      equal((await exchange(closed.gateway, bearing(ALICE))).status, 200);
    } finally {
      await closed.gateway.stop();
    }
  });

  it("keep the gateway closed for everybody while it cannot be read what makes them valid", async () => {
    const broken = await RunningGateway.start(accepting(), pair.upstream.port, undefined, ({ tokensDirectory }) =>
      swapFiles(tokensDirectory, { [TOKENS_FILE]: "{ broken" }),
    );
    try {
      pair.upstream.clear();
      for (const proof of [valid(), ALICE]) {
        const { status: answered } = await exchange(broken, bearing(proof)).catch(() => ({ status: 0 }));
        ok(answered === 0 || answered >= 500, `status ${answered}`);
      }
      deepEqual(pair.upstream.recorded, []);
      broken.updateTokens(accepting());
      await eventually("the open gateway", async () => (await exchange(broken, bearing(valid()))).status === 200);
    } finally {
      await broken.stop();
    }
  });

  it("for another tenant are refused even if the file of accepted tokens names that tenant's audience", async () => {
    const theirs = "ollama.tenant-hr.svc";
    const told = (audience: string) =>
      pair.gateway.updateTokens(accepting({ tokens: { issuer: ISSUER, audience, keys: [current.published] } }));
    told(theirs);
    await eventually("the change", async () => (await status(bearing(valid({ aud: [theirs] })))) === 403);
    await eventually("the other refusal", async () => (await status(bearing(valid()))) === 401);
    equal(await status(bearing(valid({ aud: [theirs, AUDIENCE] }))), 200, "the control names both");
    equal(await status(bearing(ALICE)), 200);
    told(AUDIENCE);
    await eventually("the change back", async () => (await status(bearing(valid()))) === 200);
  });

  it("stay as they were when a change cannot be read, which is counted", async () => {
    const failures = () => pair.gateway.counter("_jwt_authn_config_fail");
    const before = await failures();
    swapFiles(pair.gateway.place.tokensDirectory, { [TOKENS_FILE]: "{ broken" });
    await eventually("the failure", async () => (await failures()) > before);
    equal(await status(bearing(valid())), 200);
    await denied(pair, bearing(valid({ aud: ["ollama.tenant-hr.svc"] })), 401, "token_audience");
    pair.gateway.updateTokens(accepting());
  });
});

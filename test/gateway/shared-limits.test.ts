import { equal, match, ok } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { GatewayInput } from "../../components/gateway";
import type { Budgets } from "../../components/gateway/budgets";
import { ALICE, chat, request, tenant } from "./support/decisions";
import { eventually, hashOf, RunningGateway } from "./support/gateway";
import { exchange, type RawReply } from "./support/http";
import { LimitsService, whyNoStore } from "./support/limits-service";
import { startUpstream, type Upstream } from "./support/upstream";

/** What one answer of the recording server costs: its prompt and three chunks. */
const TOKENS = 14;
/** Requests of a minute: far more than the tests send, so that no minute's end lies between two of them. */
const MANY = 1000;

describe("gateway: limits that replicas share", function () {
  this.timeout(120_000);
  const obstacle = whyNoStore();
  let service: LimitsService;
  let upstream: Upstream;
  let replicas: RunningGateway[];
  /** Clients' counts outlast a test, so each test has a client of its own. */
  let last = 0;

  before(async function () {
    // The first run on a machine builds the service.
    this.timeout(600_000);
    if (obstacle !== undefined) {
      console.log(`      skipped: there is no store for the counts: ${obstacle}`);
      return this.skip();
    }
    service = await LimitsService.start();
    upstream = await startUpstream();
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    replicas = [];
  });
  after(async () => {
    await service?.stop();
    await upstream?.stop();
  });

  type Client = Partial<GatewayInput["clients"][number]>;

  /** Two replicas of the tenant's server. */
  async function start(
    client: Client,
    shared: Partial<GatewayInput["sharedLimits"]> | null = {},
    name = "finance",
    budget?: Budgets,
  ) {
    last += 1;
    const input = tenant({
      tenant: name,
      clients: [{ name: `client-${last}`, keySha256: [hashOf(ALICE)], ...client }],
      ...(budget && { budget }),
      ...(shared && {
        sharedLimits: { host: "127.0.0.1", port: service.port, whenUnavailable: "refuse", graceSeconds: 0, ...shared },
      }),
    });
    replicas = await Promise.all([0, 1].map(() => RunningGateway.start(input, upstream.port)));
  }

  const askOnce = (replica: number, body = chat("llama3:8b")): Promise<RawReply> =>
    exchange(replicas[replica] as RunningGateway, request({ body }));

  /** Asks again while the service does not answer in time, as it may on a busy machine. */
  const ask = (replica: number, body?: string): Promise<RawReply> =>
    eventually("an answer of the service", async () => {
      const reply = await askOnce(replica, body);
      return reply.status !== 503 && reply;
    });

  /** How often the service has answered a replica: questions before requests, and words of tokens after answers. */
  async function words(replica: number): Promise<number> {
    const metrics = (await replicas[replica]?.metrics()) ?? "";
    const counts = metrics.matchAll(/^envoy_cluster_upstream_rq_xx\{.*"[24]".*"shared-limits"\} (\d+)/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** Waits until the service has heard what an answer of a replica cost, which the client does not wait for. */
  async function askAndTell(replica: number, body?: string): Promise<RawReply> {
    const before = await words(replica);
    const reply = await ask(replica, body);
    if (reply.status === 200) await eventually("the replica's word", async () => (await words(replica)) >= before + 2);
    return reply;
  }

  /** Asks replicas in turn until one refuses; how many answers there were. */
  async function answersUntilRefused(most: number, how = askAndTell): Promise<{ answers: number; refusal: RawReply }> {
    for (let answers = 0; answers <= most; answers += 1) {
      const reply = await how(answers % 2);
      if (reply.status !== 200) return { answers, refusal: reply };
    }
    throw new Error(`nobody refused ${most} requests`);
  }

  /** Waits until so many seconds of the minute are left. */
  async function beginOfMinute(seconds: number): Promise<void> {
    const left = 60 - ((Date.now() / 1000) % 60);
    if (left < seconds) await pause(left * 1000);
  }

  /** Why a replica refused. */
  const rule = async (replica: number, reply: RawReply) =>
    (await (replicas[replica] as RunningGateway).auditOf(reply.headers["x-request-id"] ?? ""))["rule"];

  it("counts requests of a minute over both", async () => {
    await start({ requestsPerMinute: 5 });
    const { answers, refusal } = await answersUntilRefused(20, ask);
    // A new minute may begin in between, once.
    ok(answers >= 5 && answers < 10, `${answers} answers`);
    equal(refusal.status, 429);
    ok(Number(refusal.headers["retry-after"]) >= 1 && Number(refusal.headers["retry-after"]) <= 60);
  });

  it("counts requests ahead of a client far from its limit, asks seldom, and lets no more in than the limit", async () => {
    const limit = 2000;
    await start({ requestsPerMinute: limit });
    await beginOfMinute(30);
    const replies = { let: 0, refused: 0 };
    let left = limit + 400;
    const client = async (replica: number): Promise<void> => {
      while (left-- > 0) {
        const { status } = await askOnce(replica);
        if (status === 200) replies.let += 1;
        else if (status === 429) replies.refused += 1;
        else throw new Error(`status ${status}`);
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => client(index % 2)));
    ok(replies.let <= limit, `${replies.let} were let in`);
    // What a replica has counted ahead and does not need is missing to the other.
    ok(replies.let >= limit * (1 - 2 / 64), `${replies.let} were let in`);
    const asked = (await words(0)) + (await words(1));
    ok(asked < limit / 2, `the service was asked ${asked} times`);
  });

  it("counts tokens of the day over both: never more than the budget and one answer under way", async () => {
    await start({ tokensPerDay: 4 * TOKENS });
    const { answers, refusal } = await answersUntilRefused(12);
    equal(answers, 4);
    equal(refusal.status, 429);
    ok(Number(refusal.headers["retry-after"]) > 0);
    const other = await ask(0);
    equal(await rule(0, other), "budget_used");
  });

  it("counts tokens of the month over both, beside those of the day", async () => {
    await start({ tokensPerDay: 3 * TOKENS, tokensPerMonth: 3 * TOKENS });
    const { answers, refusal } = await answersUntilRefused(12);
    equal(answers, 3);
    match(refusal.body, /the client's budget tokensPerMonth is used up until/);
    const wait = Number(refusal.headers["retry-after"]);
    ok(wait > 0 && wait <= 30 * 86_400, String(wait));
  });

  it("counts the seconds that models worked over both", async () => {
    await start({ modelSecondsPerDay: 10 });
    const durations = { total_duration: 9e9, eval_duration: 2.5e9 };
    const messages = [{ role: "user", content: `behave:${JSON.stringify({ durations })}` }];
    const body = JSON.stringify({ model: "llama3:8b", stream: false, messages });
    const { answers, refusal } = await answersUntilRefused(12, (replica) => askAndTell(replica, body));
    // Each replica keeps up to a second to itself.
    ok(answers >= 4 && answers <= 5, `${answers} answers`);
    match(refusal.body, /the client's budget modelSecondsPerDay is used up/);
  });

  it("counts a tenant's budget over all its clients and both replicas", async () => {
    await start({}, {}, "sales", { tokensPerMonth: 3 * TOKENS });
    equal((await answersUntilRefused(12)).answers, 3);
    await Promise.all(replicas.map((replica) => replica.stop()));
    // Another client, of the same tenant.
    await start({}, {}, "sales", { tokensPerMonth: 3 * TOKENS });
    match((await ask(1)).body, /the tenant's budget tokensPerMonth is used up/);
  });

  it("counts budgets that have no room in 32 bits", async () => {
    await start({ tokensPerMonth: 1_000_000_000_000 });
    for (const replica of [0, 1]) equal((await ask(replica)).status, 200);
  });

  it("is the control: without a service the same two replicas give twice the budget", async () => {
    await start({ tokensPerDay: 4 * TOKENS }, null);
    equal((await answersUntilRefused(12, ask)).answers, 8);
  });

  it("remembers what was used when a replica is killed and started again", async () => {
    await start({ tokensPerDay: 4 * TOKENS });
    for (const replica of [0, 0, 0]) equal((await askAndTell(replica)).status, 200);
    await (replicas[0] as RunningGateway).restart();
    equal((await answersUntilRefused(4)).answers, 1);
  });

  it("remembers what was used when the store is killed and started again", async () => {
    await start({ tokensPerDay: 4 * TOKENS });
    for (const replica of [0, 1, 0]) equal((await askAndTell(replica)).status, 200);
    await service.killStore();
    await service.startStore();
    // The service reconnects, which takes it a moment.
    await eventually("the store's return", async () => (await askOnce(1)).status === 200);
    for (const replica of [0, 1])
      await eventually(
        "a refusal for the budget",
        async () => (await rule(replica, await ask(replica))) === "budget_used",
      );
  });

  it("refuses clients with limits while the service is away, and nobody else", async () => {
    await start({ tokensPerDay: 100 * TOKENS, requestsPerMinute: MANY });
    equal((await ask(0)).status, 200);
    await service.killService();
    const reply = await askOnce(0);
    equal(reply.status, 503);
    equal(await rule(0, reply), "limits_unavailable");
    ok(Number(reply.headers["retry-after"]) >= 1);
    await service.startService();
    equal((await ask(0)).status, 200);
  });

  it("lets clients without limits in while the service is away", async () => {
    await start({});
    await service.killService();
    equal((await ask(0)).status, 200);
    await service.startService();
  });

  it("counts in each replica for the time of the grace, and tells the service afterwards", async () => {
    await start({ tokensPerDay: 4 * TOKENS }, { graceSeconds: 3600 });
    await service.killService();
    for (const replica of [0, 0]) equal((await ask(replica)).status, 200);
    await service.startService();
    // A list costs no tokens, but the first replica tells with it what it has counted.
    await eventually("the first replica's word", async () => {
      await exchange(replicas[0] as RunningGateway, request({ method: "GET", target: "/api/tags", body: undefined }));
      return /^envoy_cluster_upstream_rq_xx\{.*"2".*"shared-limits"\} [1-9]/m.test(
        (await replicas[0]?.metrics()) ?? "",
      );
    });
    for (const replica of [1, 1]) equal((await askAndTell(replica)).status, 200);
    equal((await ask(1)).status, 429);
  });

  it("goes on counting in each replica where that is wished", async () => {
    await start({ tokensPerDay: 2 * TOKENS }, { whenUnavailable: "countPerReplica" });
    await service.killService();
    equal((await answersUntilRefused(6, ask)).answers, 4);
    await service.startService();
  });

  it("charges an answer that its client breaks off", async () => {
    await start({ tokensPerDay: 500 });
    const body = JSON.stringify({
      model: "llama3:8b",
      messages: [{ role: "user", content: 'behave:{"chunks":2000,"pauseMs":1}' }],
      stream: true,
    });
    const abort = new AbortController();
    const reply = await fetch(`${(replicas[0] as RunningGateway).url}/api/chat`, {
      method: "POST",
      headers: { authorization: `Bearer ${ALICE}` },
      body,
      signal: abort.signal,
    });
    let read = 0;
    for await (const chunk of reply.body as unknown as AsyncIterable<Uint8Array>) {
      read += Buffer.from(chunk).toString("utf8").split("\n").length - 1;
      if (read > 800) break;
    }
    abort.abort();
    await eventually("the other replica's refusal", async () => (await ask(1)).status === 429);
  });

  it("has of streams in which a gateway is killed no line and the last count, and what was told of them is charged", async () => {
    const streams = 20;
    await start({ tokensPerDay: 100 * streams });
    const [killed, other] = replicas as [RunningGateway, RunningGateway];
    const messages = [{ role: "user", content: 'behave:{"chunks":2000,"pauseMs":5}' }];
    const body = JSON.stringify({ model: "llama3:8b", stream: true, messages });
    const cut = Array.from({ length: streams }, () => exchange(killed, request({ body })).catch(() => undefined));
    // Of each stream the service is told every 64 tokens.
    await eventually("the other replica's refusal", async () => (await ask(1)).status === 429);
    const active = /^envoy_cluster_upstream_rq_active\{envoy_cluster_name="ollama"\} (\d+)/m;
    equal(active.exec(await killed.metrics())?.[1], String(streams));
    await killed.restart();
    await Promise.all(cut);
    equal(killed.audit().length, 0);
    equal(active.exec(await killed.metrics())?.[1], "0");
    for (const replica of [0, 1]) equal((await ask(replica)).status, 429);
    ok(other.audit().every((line) => line["rule"] !== "limits_unavailable"));
  });

  it("keeps tenants apart: a client of the same name has its own budget elsewhere", async () => {
    await start({ name: "portal", tokensPerDay: 2 * TOKENS });
    equal((await answersUntilRefused(6)).answers, 2);
    await Promise.all(replicas.map((replica) => replica.stop()));
    await start({ name: "portal", tokensPerDay: 2 * TOKENS }, {}, "legal");
    equal((await answersUntilRefused(6)).answers, 2);
  });
});

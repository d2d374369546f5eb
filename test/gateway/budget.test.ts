import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Budgets } from "../../components/gateway/budgets";
import { ALICE, ALLOWED, allowed, denied, pairForSuite, request, tenant } from "./support/decisions";
import { eventually, hashOf } from "./support/gateway";
import { exchange, type RawRequest } from "./support/http";

/** What one answer of the recording server costs: its prompt and three chunks. */
const TOKENS = 14;
const DAY_S = 86_400;
const MONTH_S = 30 * DAY_S;
/** When the day or the month of 30 days ends in which it is now, in seconds since 1970. */
const endOf = (seconds: number): number => (Math.floor(Date.now() / 1000 / seconds) + 1) * seconds;

describe("gateway: budgets in the log and the metrics", function () {
  this.timeout(60_000);
  const pair = pairForSuite();
  const budget = (tokensPerDay?: number) =>
    pair.gateway.update(tenant({ clients: [{ name: "alice", keySha256: [hashOf(ALICE)], tokensPerDay }] }));
  const lines = async (name: string) =>
    (await pair.gateway.metrics()).split("\n").filter((text) => text.startsWith(`envoy_gateway_${name}{`));
  const written = (name: string, labels: string, value: number) =>
    `envoy_gateway_${name}{tenant="finance",envoy_http_conn_manager_prefix="gateway",${labels}} ${value}`;
  const series = (name: string, value: number) => [written(name, 'client="alice",budget="tokensPerDay"', value)];

  it("say nothing of a client without a budget", async () => {
    await budget();
    const { line } = await allowed(pair, request());
    equal(line["budget_percent"], null);
    deepEqual(await lines("budget_used_percent"), []);
  });

  it("tell how much is used after each answer, up to the one that uses it up, and when the next is refused", async () => {
    await budget(2 * TOKENS);
    const before = endOf(DAY_S);
    const { line } = await allowed(pair, request());
    equal(line["budget_percent"], 50);
    deepEqual(await lines("budget_used_percent"), series("budget_used_percent", 50));
    const last = (await allowed(pair, request())).line;
    equal(last["budget_percent"], 100);
    const reply = await denied(pair, request(), 429, "budget_used");
    const refusal = await pair.gateway.auditOf(reply.headers["x-request-id"] ?? "");
    equal(refusal["budget_percent"], 100);
    deepEqual(await lines("budget_used_percent"), series("budget_used_percent", 100));
    const ends = [before, endOf(DAY_S)].map((end) => series("budget_ends", end)[0]);
    ok(ends.includes((await lines("budget_ends"))[0]), ends[0]);
  });

  it("follow a budget that was raised: the client is let in again and the gauge falls", async () => {
    await budget(100 * TOKENS);
    const { line } = await allowed(pair, request());
    equal(line["budget_percent"], 3);
    deepEqual(await lines("budget_used_percent"), series("budget_used_percent", 3));
  });

  it("warn the client in a header from four fifths on", async () => {
    const header = async () => {
      const { headers } = (await allowed(pair, request())).reply;
      equal(headers["x-gateway-budget"], headers["x-gateway-budget-used-percent"] && "tokensPerDay");
      return headers["x-gateway-budget-used-percent"];
    };
    await budget(100 * TOKENS);
    equal(await header(), undefined);
    // What is used, as a percentage of one token.
    await budget(1);
    await denied(pair, request(), 429, "budget_used");
    const used = Number((await lines("budget_used_percent"))[0]?.split(" ").at(-1)) / 100;
    await budget(Math.ceil(used / 0.9));
    equal(Number(await header()) >= 90, true);
  });

  it("make no series for a key that nobody has", async () => {
    const stranger = request({
      headers: [
        ["host", "gateway"],
        ["authorization", "Bearer stranger-0123456789abcdef"],
      ],
    });
    equal((await exchange(pair.gateway, stranger)).status, 401);
    equal((await lines("budget_used_percent")).length, 1);
  });

  it("tell when a client last showed its key, and when the key ends", async () => {
    const expires = "2099-01-01T00:00:00Z";
    await pair.gateway.update(tenant({ clients: [{ name: "alice", keySha256: [hashOf(ALICE)], expires }] }));
    const before = Math.floor(Date.now() / 1000);
    await eventually("a use of the new key", async () => {
      await allowed(pair, request());
      const ends = written("key_expires", 'client="alice"', Date.parse(expires) / 1000);
      return (await lines("key_expires"))[0] === ends;
    });
    const last = Number((await lines("last_use"))[0]?.split(" ").at(-1));
    equal(last >= before && last <= Date.now() / 1000, true, String(last));
  });

  /** A gateway whose clients have these budgets, each by a name and a key of its own. */
  const declare = (budgets: Record<string, Budgets>, all?: Budgets) =>
    pair.gateway.update(
      tenant({
        clients: Object.entries(budgets).map(([name, own]) => ({ name, keySha256: [hashOf(keyOf(name))], ...own })),
        ...(all && { budget: all }),
      }),
    );
  const keyOf = (name: string) => `${name}-0123456789abcdefghijklmnopq`;
  const by = (name: string, behaviour: object = {}, stream = false, target = "/api/chat") =>
    request({
      target,
      headers: [
        ["host", "gateway"],
        ["authorization", `Bearer ${keyOf(name)}`],
      ],
      body: JSON.stringify({
        model: "llama3:8b",
        messages: [{ role: "user", content: `behave:${JSON.stringify(behaviour)}` }],
        stream,
      }),
    });
  const answered = async (sent: RawRequest) => {
    const reply = await exchange(pair.gateway, sent);
    equal(reply.status, 200, reply.body);
    return { reply, line: await pair.gateway.auditOf(reply.headers["x-request-id"] ?? "") };
  };
  const worked = (seconds: number) => ({ durations: { total_duration: 9e10, eval_duration: seconds * 1e9 } });

  it("refuse a client that has used up its tokens of the month, until that ends", async () => {
    await declare({ monthly: { tokensPerDay: 2 * TOKENS, tokensPerMonth: 2 * TOKENS } });
    equal((await answered(by("monthly"))).line["budget_percent"], 50);
    await answered(by("monthly"));
    const before = endOf(MONTH_S);
    const { body, headers } = await denied(pair, by("monthly"), 429, "budget_used");
    match(body, /the client's budget tokensPerMonth is used up until \d{4}-\d\d-\d\dT00:00:00Z/);
    const end = Date.now() / 1000 + Number(headers["retry-after"]);
    ok(
      [before, endOf(MONTH_S)].some((each) => Math.abs(each - end) < 10),
      String(end),
    );
    const gauges = (await lines("budget_used_percent")).filter((text) => text.includes('client="monthly"'));
    deepEqual(gauges.sort(), [
      written("budget_used_percent", 'client="monthly",budget="tokensPerDay"', 100),
      written("budget_used_percent", 'client="monthly",budget="tokensPerMonth"', 100),
    ]);
  });

  it("count the seconds that the model worked by its own durations", async () => {
    await declare({ worker: { modelSecondsPerDay: 10 } });
    const { line } = await answered(by("worker", worked(8.5)));
    equal(line["budget_percent"], 85);
    const { reply } = await answered(by("worker", worked(1.5), true));
    deepEqual(
      [reply.headers["x-gateway-budget"], reply.headers["x-gateway-budget-used-percent"]],
      ["modelSecondsPerDay", "85"],
    );
    const refusal = await denied(pair, by("worker"), 429, "budget_used");
    match(refusal.body, /the client's budget modelSecondsPerDay is used up until/);
  });

  it("count the time until the answer's end where the API tells no durations", async () => {
    await declare({ waiter: { modelSecondsPerMonth: 2 } });
    const slow = { chunks: 5, pauseMs: 120 };
    const { line } = await answered(by("waiter", slow, true, "/v1/chat/completions"));
    const percent = Number(line["budget_percent"]);
    ok(percent >= 20 && percent <= 100, String(percent));
  });

  it("charge an answer that is broken off for the time that it took", async () => {
    await declare({ quitter: { modelSecondsPerDay: 1 } });
    const abort = new AbortController();
    const sent = by("quitter", { chunks: 1000, pauseMs: 20 }, true);
    const reply = await fetch(`${pair.gateway.url}/api/chat`, {
      method: "POST",
      headers: { authorization: `Bearer ${keyOf("quitter")}` },
      body: sent.body as string,
      signal: abort.signal,
    });
    const started = Date.now();
    let read = 0;
    for await (const { length } of reply.body as unknown as AsyncIterable<Uint8Array>) {
      read += length;
      if (Date.now() - started > 1300) break;
    }
    abort.abort();
    ok(read > 0);
    await denied(pair, by("quitter"), 429, "budget_used");
  });

  it("hold for all clients of the tenant together, beside their own", async () => {
    await declare({ left: {}, right: { tokensPerDay: 2 * TOKENS } }, { tokensPerDay: 3 * TOKENS });
    equal((await answered(by("left"))).line["budget_percent"], 33);
    equal((await answered(by("right"))).line["budget_percent"], 66);
    await answered(by("left"));
    for (const name of ["left", "right"]) {
      const { body } = await denied(pair, by(name), 429, "budget_used");
      match(body, /the tenant's budget tokensPerDay is used up until/);
    }
    const all = (await lines("budget_used_percent")).filter((text) => text.includes('client="(all)"'));
    deepEqual(all, [written("budget_used_percent", 'client="(all)",budget="tokensPerDay"', 100)]);
  });

  it("count how long the model worked, by model", async () => {
    await budget();
    const milliseconds = async () =>
      Number(
        (await lines("model_milliseconds"))
          .find((line) => line.includes(`model="${ALLOWED}"`))
          ?.split(" ")
          .at(-1),
      );
    await allowed(pair, request());
    const before = await milliseconds();
    const durations = { total_duration: 3e9, load_duration: 1e9, prompt_eval_duration: 5e8, eval_duration: 7e8 };
    const messages = [{ role: "user", content: `behave:${JSON.stringify({ durations })}` }];
    await allowed(pair, request({ body: JSON.stringify({ model: "llama3:8b", stream: false, messages }) }));
    equal((await milliseconds()) - before, 1200);
  });
});

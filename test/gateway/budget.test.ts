import { deepEqual, equal } from "node:assert/strict";
import { ALICE, ALLOWED, allowed, denied, pairForSuite, request, tenant } from "./support/decisions";
import { eventually, hashOf } from "./support/gateway";
import { exchange } from "./support/http";

/** What one answer of the recording server costs: its prompt and three chunks. */
const TOKENS = 14;
const DAY_MS = 86_400_000;

describe("gateway: tokens of the day in the log and the metrics", function () {
  this.timeout(60_000);
  const pair = pairForSuite();
  const budget = (tokensPerDay?: number) =>
    pair.gateway.update(tenant({ clients: [{ name: "alice", keySha256: [hashOf(ALICE)], tokensPerDay }] }));
  const lines = async (name: string) =>
    (await pair.gateway.metrics()).split("\n").filter((text) => text.startsWith(`envoy_gateway_${name}{`));
  const series = (name: string, value: number) => [
    `envoy_gateway_${name}{tenant="finance",envoy_http_conn_manager_prefix="gateway",client="alice"} ${value}`,
  ];

  it("say nothing of a client without a budget", async () => {
    await budget();
    const { line } = await allowed(pair, request());
    equal(line["budget_percent"], null);
    deepEqual(await lines("budget_used_percent"), []);
  });

  it("tell how much is used after each answer, up to the one that uses it up, and when the next is refused", async () => {
    await budget(2 * TOKENS);
    const before = Math.floor(Date.now() / DAY_MS);
    const { line } = await allowed(pair, request());
    equal(line["budget_percent"], 50);
    deepEqual(await lines("budget_used_percent"), series("budget_used_percent", 50));
    const last = (await allowed(pair, request())).line;
    equal(last["budget_percent"], 100);
    const reply = await denied(pair, request(), 429, "budget_used");
    const refusal = await pair.gateway.auditOf(reply.headers["x-request-id"] ?? "");
    equal(refusal["budget_percent"], 100);
    deepEqual(await lines("budget_used_percent"), series("budget_used_percent", 100));
    const days = [before, Math.floor(Date.now() / DAY_MS)].map((day) => series("budget_day", day)[0]);
    equal(days.includes((await lines("budget_day"))[0]), true);
  });

  it("follow a budget that was raised: the client is let in again and the gauge falls", async () => {
    await budget(100 * TOKENS);
    const { line } = await allowed(pair, request());
    equal(line["budget_percent"], 3);
    deepEqual(await lines("budget_used_percent"), series("budget_used_percent", 3));
  });

  it("warn the client in a header from four fifths on", async () => {
    const header = async () => (await allowed(pair, request())).reply.headers["x-gateway-budget-used-percent"];
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
      return (await lines("key_expires"))[0] === series("key_expires", Date.parse(expires) / 1000)[0];
    });
    const last = Number((await lines("last_use"))[0]?.split(" ").at(-1));
    equal(last >= before && last <= Date.now() / 1000, true, String(last));
  });

  it("count how long the model worked, by model", async () => {
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

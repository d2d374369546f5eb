import { deepEqual, equal } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ensureTools } from "../../tools/install";
import { startPrometheus, type Prometheus } from "../support/monitoring";
import { eventually } from "../support/wait";
import { ALICE, pairForSuite, request, tenant } from "./support/decisions";
import { hashOf } from "./support/gateway";
import { exchange } from "./support/http";

/** What one answer of the recording server costs: its prompt and three chunks. */
const TOKENS = 14;
const BOB = "bob-0123456789abcdefghijklmnop";

describe("gateway: alerts on a real Prometheus", function () {
  this.timeout(120_000);
  const pair = pairForSuite();
  const directory = mkdtempSync(path.join(tmpdir(), "alerts-"));
  let prometheus: Prometheus;

  before(async () => {
    const labels = { namespace: "tenant-finance", pod: "ollama-1" };
    prometheus = await startPrometheus(await ensureTools(["prometheus"]), directory, [
      { metricsPort: pair.gateway.place.metricsPort, labels },
    ]);
  });
  after(async () => {
    await prometheus?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const budgets = (alice: number, bob: number) =>
    pair.gateway.update(
      tenant({
        clients: [
          { name: "alice", keySha256: [hashOf(ALICE)], tokensPerDay: alice },
          { name: "bob", keySha256: [hashOf(BOB)], tokensPerDay: bob },
        ],
      }),
    );
  const ask = async (key: string) => {
    const headers: [string, string][] = [
      ["host", "gateway"],
      ["authorization", `Bearer ${key}`],
    ];
    equal((await exchange(pair.gateway, request({ headers }))).status, 200);
  };
  const usedUp = async () =>
    (await prometheus.alerts()).filter(({ labels }) => labels["alertname"] === "OllamaClientTokensUsedUp");

  it("tell which client has used up its tokens of the day, until it is given more", async () => {
    await budgets(TOKENS, 2 * TOKENS);
    await ask(ALICE);
    await ask(BOB);
    const [alert, ...more] = await eventually("the alert", 60, async () => {
      const found = await usedUp();
      return found.length > 0 ? found : undefined;
    });
    const { namespace, tenant: name, client } = alert?.labels ?? {};
    deepEqual([namespace, name, client, alert?.state], ["tenant-finance", "finance", "alice", "firing"]);
    deepEqual(more, [], "bob has used half of his");
    await budgets(4 * TOKENS, 2 * TOKENS);
    await ask(ALICE);
    await eventually("the alert's end", 60, async () => ((await usedUp()).length === 0 ? true : undefined));
  });
});

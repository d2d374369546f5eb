import { deepEqual, equal } from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
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

const DAY_S = 86_400;

/**
 * Metrics of a gateway whose clients have used up their tokens, `late` yesterday, and has not asked since, `early` today, or
 * most of them (`most`); and whose keys end at various times.
 */
function metricsOfTwoDays(): string {
  const now = Math.floor(Date.now() / 1000);
  const today = Math.floor(now / DAY_S);
  const labels = (client: string) => `{tenant="research",client="${client}"}`;
  const budget = (client: string, percent: number, day: number) => [
    `envoy_gateway_budget_used_percent${labels(client)} ${percent}`,
    `envoy_gateway_budget_day${labels(client)} ${day}`,
  ];
  const key = (client: string, expires: number) => `envoy_gateway_key_expires${labels(client)} ${expires}`;
  return [
    ...budget("late", 150, today - 1),
    ...budget("early", 150, today),
    ...budget("most", 85, today),
    key("soon", now + 3 * DAY_S),
    key("later", now + 30 * DAY_S),
    key("ended", now - DAY_S / 2),
    key("forgotten", now - 3 * DAY_S),
    key("endless", 0),
    "",
  ].join("\n");
}

/** A server that stands for a gateway which has been running since yesterday. */
async function startGatewayOfYesterday(): Promise<Server> {
  const server = createServer((_, response) =>
    response.setHeader("content-type", "text/plain; version=0.0.4").end(metricsOfTwoDays()),
  );
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

describe("gateway: alerts on a real Prometheus", function () {
  this.timeout(120_000);
  const pair = pairForSuite();
  const directory = mkdtempSync(path.join(tmpdir(), "alerts-"));
  let prometheus: Prometheus;
  let yesterday: Server;

  before(async () => {
    yesterday = await startGatewayOfYesterday();
    prometheus = await startPrometheus(await ensureTools(["prometheus"]), directory, [
      { metricsPort: pair.gateway.place.metricsPort, labels: { namespace: "tenant-finance", pod: "ollama-1" } },
      {
        metricsPort: (yesterday.address() as AddressInfo).port,
        labels: { namespace: "tenant-research", pod: "ollama-1" },
      },
    ]);
  });
  after(async () => {
    await prometheus?.stop();
    yesterday?.closeAllConnections();
    yesterday?.close();
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
  const told = async (alertname: string, tenantName: string) =>
    (await prometheus.alerts()).filter(
      ({ labels }) => labels["alertname"] === alertname && labels["tenant"] === tenantName,
    );
  const usedUp = (tenantName: string) => told("OllamaClientTokensUsedUp", tenantName);
  const firing = (tenantName: string, alertname = "OllamaClientTokensUsedUp") =>
    eventually("the alert", 60, async () => {
      const found = await told(alertname, tenantName);
      return found.length > 0 ? found : undefined;
    });

  it("tell which client has used up its tokens of the day, until it is given more", async () => {
    await budgets(TOKENS, 2 * TOKENS);
    await ask(ALICE);
    await ask(BOB);
    const [alert, ...more] = await firing("finance");
    const { namespace, tenant: name, client } = alert?.labels ?? {};
    deepEqual([namespace, name, client, alert?.state], ["tenant-finance", "finance", "alice", "firing"]);
    deepEqual(more, [], "bob has used half of his");
    await budgets(4 * TOKENS, 2 * TOKENS);
    await ask(ALICE);
    await eventually("the alert's end", 60, async () => ((await usedUp("finance")).length === 0 ? true : undefined));
  });

  it("do not tell of a client that used up its tokens of yesterday, as they do of one that did so today", async () => {
    const alerts = await firing("research");
    deepEqual(
      alerts.map(({ labels }) => labels["client"]),
      ["early"],
    );
  });

  for (const [what, alertname, clients] of [
    ["which client has used most of its tokens", "OllamaClientTokensNearlyUsedUp", ["most"]],
    ["whose key ends within a week, or has just ended", "OllamaClientKeyExpires", ["ended", "soon"]],
  ] as const) {
    it(`tell ${what}, and no other`, async () => {
      const alerts = await firing("research", alertname);
      deepEqual(alerts.map(({ labels }) => labels["client"]).sort(), clients);
    });
  }
});

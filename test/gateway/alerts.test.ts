import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ensureTools } from "../../tools/install";
import { dashboards, TENANT_VARIABLE } from "../../tools/dashboards/dashboards";
import { startPrometheus, type Prometheus } from "../support/monitoring";
import { eventually } from "../support/wait";
import { ALICE, pairForSuite, request, tenant } from "./support/decisions";
import { hashOf } from "./support/gateway";
import { exchange } from "./support/http";

/** What one answer of the recording server costs: its prompt and three chunks. */
const TOKENS = 14;
const BOB = "bob-0123456789abcdefghijklmnop";

/**
 * Metrics of a gateway whose clients have used up their tokens, `late` yesterday, and has not asked since, `early` today, or
 * most of them (`most`).
 */
function metricsOfTwoDays(): string {
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400;
  const tomorrow = midnight + 86_400;
  const budget = (client: string, name: string, percent: number, ends: number) => {
    const labels = `{tenant="research",client="${client}",budget="${name}"}`;
    return [`envoy_gateway_budget_used_percent${labels} ${percent}`, `envoy_gateway_budget_ends${labels} ${ends}`];
  };
  return [
    ...budget("late", "tokensPerDay", 150, midnight),
    ...budget("late", "tokensPerMonth", 20, tomorrow),
    ...budget("early", "tokensPerDay", 150, tomorrow),
    ...budget("most", "modelSecondsPerMonth", 85, tomorrow),
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
  const usedUp = (tenantName: string) => told("OllamaBudgetUsedUp", tenantName);
  const firing = (tenantName: string, alertname = "OllamaBudgetUsedUp") =>
    eventually("the alert", 60, async () => {
      const found = await told(alertname, tenantName);
      return found.length > 0 ? found : undefined;
    });

  it("tell which client has used up its tokens of the day, until it is given more", async () => {
    await budgets(TOKENS, 2 * TOKENS);
    await ask(ALICE);
    await ask(BOB);
    const [alert, ...more] = await firing("finance");
    const { namespace, tenant: name, client, budget } = alert?.labels ?? {};
    deepEqual(
      [namespace, name, client, budget, alert?.state],
      ["tenant-finance", "finance", "alice", "tokensPerDay", "firing"],
    );
    deepEqual(more, [], "bob has used half of his");
    await budgets(4 * TOKENS, 2 * TOKENS);
    await ask(ALICE);
    await eventually("the alert's end", 60, async () => ((await usedUp("finance")).length === 0 ? true : undefined));
  });

  it("tell that someone tries keys that nobody has", async () => {
    const headers: [string, string][] = [
      ["host", "gateway"],
      ["authorization", "Bearer nobody-0123456789abcdefghijkl"],
    ];
    await eventually("the alert to be pending", 90, async () => {
      for (let count = 0; count < 5; count++) equal((await exchange(pair.gateway, request({ headers }))).status, 401);
      const found = (await prometheus.alerts()).find(({ labels }) => labels["alertname"] === "OllamaRequestsDenied");
      return found?.labels["tenant"] === "finance" && /^key_/.test(found.labels["rule"] ?? "") ? true : undefined;
    });
  });

  it("say nothing about certificates of a gateway that has none", async () => {
    const days = await prometheus.query("envoy_server_days_until_first_cert_expiring");
    ok(days.length > 0, "Envoy tells the days");
    await eventually("days that Envoy has counted", 60, async () =>
      (await prometheus.query("envoy_server_days_until_first_cert_expiring < 14")).length === 0 ? true : undefined,
    );
  });

  it("stand beside dashboards whose queries on gateways all have an answer", async () => {
    const expressions = Object.values(dashboards)
      .flatMap(({ panels }) => panels.flatMap(({ queries }) => queries))
      .map(({ expr }) => expr.replaceAll(TENANT_VARIABLE, "finance"))
      .filter((expression) => expression.includes("envoy_"));
    ok(expressions.length > 8);
    for (const expression of expressions)
      await eventually(`an answer to ${expression}`, 60, async () =>
        (await prometheus.query(expression)).length > 0 ? true : undefined,
      );
  });

  it("do not tell of a client that used up its tokens of yesterday, as they do of one that did so today", async () => {
    const alerts = await firing("research");
    deepEqual(
      alerts.map(({ labels }) => [labels["client"], labels["budget"]]),
      [["early", "tokensPerDay"]],
    );
  });

  it("tell which client has used most of which budget, and no other", async () => {
    const alerts = await firing("research", "OllamaBudgetNearlyUsedUp");
    deepEqual(
      alerts.map(({ labels }) => [labels["client"], labels["budget"]]),
      [["most", "modelSecondsPerMonth"]],
    );
  });
});

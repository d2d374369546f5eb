import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ArgumentsError } from "../../../tools/arguments-error";
import { parseArguments } from "../../../tools/usage/arguments";
import { csvOf, printUsage } from "../../../tools/usage/print";
import { PrometheusError, readUsage } from "../../../tools/usage/usage";

const NOW = new Date("2026-11-20T10:00:00Z");
const arguments_ = (...more: string[]) => parseArguments(["--prometheus", "http://127.0.0.1:9090/", ...more], NOW);

const sample = (namespace: string, tenant: string, client: string, value: number, model = "llama3.1:8b") => ({
  metric: { namespace, tenant, client, model },
  value: [0, String(value)],
});

const FEBRUARY = Date.parse("2026-02-10T00:00:00Z") / 1000;
const budget = (namespace: string, client: string, value: number) => ({
  metric: { namespace, tenant: "hr", client, budget: "tokensPerMonth" },
  value: [0, String(value)],
});

/** What the stand-in for Prometheus tells of each metric. */
const FIGURES: Record<string, object[]> = {
  prompt_tokens: [
    sample("tenant-hr", "hr", "portal", 100.4),
    sample("tenant-finance", "finance", "ledger", 7),
    sample("tenant-hr", "hr", "bot", 1),
    sample("tenant-hr", "finance", "ledger", 9000),
  ],
  completion_tokens: [sample("tenant-hr", "hr", "portal", 50)],
  model_milliseconds: [sample("tenant-hr", "hr", "portal", 12_345)],
  budget_used_percent: [
    budget("tenant-hr", "portal", 85),
    budget("tenant-hr", "(all)", 100),
    budget("tenant-x", "bot", 9),
  ],
  budget_ends: [budget("tenant-hr", "portal", FEBRUARY), budget("tenant-hr", "(all)", FEBRUARY)],
};

describe("usage of models", () => {
  const asked: { url: URL; headers: IncomingMessage["headers"] }[] = [];
  let answer: (metric: string) => [number, string];
  let server: Server;
  let address: string;

  before(async () => {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? "", "http://x");
      asked.push({ url, headers: request.headers });
      const metric = /envoy_gateway_(\w+)/.exec(url.searchParams.get("query") ?? "")?.[1] ?? "";
      const [status, body] = answer(metric);
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked.length = 0;
    answer = (metric) => [
      200,
      JSON.stringify({ status: "success", data: { resultType: "vector", result: FIGURES[metric] ?? [] } }),
    ];
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("is of this month unless other days are asked for", () => {
    const { from, to, prometheus } = arguments_();
    deepEqual([from.toISOString(), to, prometheus], ["2026-11-01T00:00:00.000Z", NOW, "http://127.0.0.1:9090"]);
    equal(arguments_("--from", "2026-10-05").from.toISOString(), "2026-10-05T00:00:00.000Z");
  });

  it("is refused with every fault of the command line", () => {
    const faulty = ["--prometheus", "ftp://me:secret@host", "--from", "2026-13-01", "--to", "now", "--tenant", 'a"}'];
    throws(
      () => parseArguments(faulty, NOW),
      (error) => {
        ok(error instanceof ArgumentsError && !error.message.includes("secret"));
        deepEqual(
          error.faults.map((fault) => fault.split(" ")[0]),
          ["--prometheus", "--from", "--to", "--tenant"],
        );
        return true;
      },
    );
    throws(() => parseArguments([], NOW), /--prometheus is missing/);
    throws(() => arguments_("--from", "2026-11-20", "--to", "2026-11-20"), /is not before/);
    throws(() => arguments_("--frm", "2026-11-20"), ArgumentsError);
    throws(() => arguments_("--from", "2026-02-30"), /is no date/);
  });

  it("is told by tenant, client and model, and no pod speaks for another namespace's tenant", async () => {
    const report = await readUsage({ ...arguments_(), prometheus: address });
    deepEqual(
      report.rows.map((row) => Object.values(row)),
      [
        ["finance", "ledger", "llama3.1:8b", 7, 0, 0],
        ["hr", "bot", "llama3.1:8b", 1, 0, 0],
        ["hr", "portal", "llama3.1:8b", 100.4, 50, 12.345],
      ],
    );
    deepEqual(report.strangers, ["tenant-hr", "tenant-x"]);
    const table = printUsage(report).join("\n");
    match(table, /hr +portal +llama3\.1:8b +100 +50 +12\.3\n/);
    match(table, /hr +\(all\) +101 +50 +12\.3/);
    match(table, /left out: pods of tenant-hr/);
    equal(csvOf(report).split("\n")[3], "hr,portal,llama3.1:8b,100,50,12.3");
  });

  it("is told beside what is used of budgets, and until when they hold", async () => {
    const report = await readUsage({ ...arguments_(), prometheus: address });
    deepEqual(
      report.budgets.map(({ client, percent, ends }) => [client, percent, ends.getTime() / 1000]),
      [
        ["(all)", 100, FEBRUARY],
        ["portal", 85, FEBRUARY],
      ],
    );
    match(printUsage(report).join("\n"), /hr +portal +tokensPerMonth +85 % +2026-02-10T00:00:00Z/);
    equal(csvOf(report).includes("tokensPerMonth"), false);
  });

  it("is asked for over the whole time, at its end, with the token", async () => {
    await readUsage({ ...arguments_("--tenant", "hr", "--to", "2026-11-03"), prometheus: address }, "t0ken");
    equal(asked.length, 5);
    for (const [index, { url, headers }] of asked.entries()) {
      const question = url.searchParams.get("query") ?? "";
      if (index < 3) match(question, /increase\(envoy_gateway_\w+\{tenant="hr"\}\[172800s\]\)/);
      else match(question, /envoy_gateway_budget_ends\{tenant="hr"\} > time\(\)\)$/);
      equal(url.searchParams.get("time"), String(Date.parse("2026-11-03T00:00:00Z") / 1000));
      equal(headers.authorization, "Bearer t0ken");
    }
  });

  it("is nothing where nothing is scraped", async () => {
    answer = () => [200, JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } })];
    const report = await readUsage({ ...arguments_(), prometheus: address });
    deepEqual(printUsage(report), ["nothing was used, or nothing is scraped"]);
  });

  for (const [what, status, body] of [
    ["an error", 400, '{"status":"error","error":"bad query"}'],
    ["a page of someone else", 200, "<html>"],
    ["a refusal", 403, ""],
  ] as const) {
    it(`is an error when Prometheus answers with ${what}`, () => {
      answer = () => [status, body];
      return rejects(readUsage({ ...arguments_(), prometheus: address }, "t0ken"), (error) => {
        ok(error instanceof PrometheusError && error.message.includes(String(status)));
        return !error.message.includes("t0ken");
      });
    });
  }

  it("is an error when nobody answers", () =>
    rejects(readUsage({ ...arguments_(), prometheus: "http://127.0.0.1:1" }), PrometheusError));
});

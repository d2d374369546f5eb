import { strict as assert } from "node:assert";
import type { CheckRun, Evaluation } from "../../../../verifier/monitor/evaluate";
import { reportsOf, unknownReports, type Report } from "../../../../verifier/monitor/reports";
import { QUESTIONS, type Result } from "../../../../verifier/result";

const TENANTS = [
  { name: "finance", namespace: "tenant-finance" },
  { name: "hr", namespace: "tenant-hr" },
];
const OWN = "ollama-platform-monitor";

const result = (more: Partial<Result> = {}): Result => ({
  id: "rules/network/default-deny",
  question: "network",
  tried: "looks for a breach",
  outcome: "isolated",
  found: "no live object breaks the rule",
  ...more,
});
const opened = (more: Partial<Result> = {}) =>
  result({
    id: "rules/network/open-rules NetworkPolicy tenant-hr/allow-all spec.ingress[0]",
    tenant: "hr",
    outcome: "open",
    found: "NetworkPolicy tenant-hr/allow-all: lets everybody in",
    ...more,
  });
const run = (results: Result[], check = "rules"): CheckRun => ({ check, results, decided: true });
const evaluation = (...runs: CheckRun[]): Evaluation => ({ runs, objects: [], tenantOf: () => undefined });
const reports = (...runs: CheckRun[]) => reportsOf(evaluation(...runs), TENANTS, OWN);
const lineOf = (report: Report | undefined, policy: string) =>
  report?.results.find((line) => line.policy === policy) ?? assert.fail(`no line on ${policy}`);

describe("policy reports", () => {
  it("are one for each tenant and one for the cluster, with one line for each question whatever was found", () => {
    const many = Array.from({ length: 500 }, (_, index) => opened({ id: `rules/network/open-rules ${index}` }));
    const all = reports(run(many));
    assert.deepEqual([...all.keys()].sort(), ["platform", "tenant-finance", "tenant-hr"]);
    for (const { results, summary } of all.values()) {
      assert.deepEqual(
        results.map(({ policy }) => policy),
        Object.keys(QUESTIONS),
      );
      assert.equal(
        Object.values(summary).reduce((sum, count) => sum + count, 0),
        results.length,
      );
    }
    assert.ok(JSON.stringify(all.get("tenant-hr")).length < 4_000);
    assert.match(lineOf(all.get("tenant-hr"), "network").message, /; and 495 more$/);
  });

  it("say what is open of a tenant in that tenant's report alone, with the rule", () => {
    const all = reports(run([result(), opened()]));
    const line = lineOf(all.get("tenant-hr"), "network");
    assert.equal(line.result, "fail");
    assert.equal(line.properties?.["rules"], "network/open-rules");
    assert.match(line.message, /NetworkPolicy tenant-hr\/allow-all: lets everybody in/);
    assert.equal(lineOf(all.get("tenant-finance"), "network").result, "pass");
    assert.doesNotMatch(JSON.stringify(all.get("tenant-finance")), /tenant-hr/);
  });

  it("pass no question that is undecided, be it of the tenant or of the cluster, or that nobody asked", () => {
    const undecided = result({ outcome: "inconclusive", found: "not everything could be read" });
    assert.equal(lineOf(reports(run([result(), undecided])).get("tenant-hr"), "network").result, "error");
    const own = reports(run([result(), { ...undecided, tenant: "hr" }]));
    assert.equal(lineOf(own.get("tenant-hr"), "network").result, "error");
    assert.equal(lineOf(own.get("tenant-finance"), "network").result, "pass");
    assert.equal(lineOf(own.get("tenant-finance"), "audit").result, "skip");
  });

  it("pass nothing when a check broke off, since nobody knows what it would have answered", () => {
    const broken = result({ id: "rules", question: "health", outcome: "inconclusive", found: "out of memory" });
    const all = reports(run([broken]), run([result({ id: "declared" })], "declared"));
    for (const name of all.keys()) {
      assert.equal(lineOf(all.get(name), "network").result, "error");
      assert.equal(all.get(name)?.summary.pass, 0);
    }
  });

  it("warn of what the settings accept", () => {
    const accepted = reports(run([result(), opened({ accepted: "exempt until 2031-01-01: moving" })]));
    assert.equal(lineOf(accepted.get("tenant-hr"), "network").result, "warn");
  });

  it("are the same for the same findings in another order, so that nothing is written for that", () => {
    const findings = ["a", "b", "c"].map((name) => opened({ id: `rules/x ${name}`, found: name }));
    assert.deepEqual(reports(run(findings)), reports(run(findings.toReversed())));
  });

  it("pass nothing while nothing is known, and say why", () => {
    const all = unknownReports("pods: the right to list and watch is missing", TENANTS, OWN);
    assert.equal(all.size, 3);
    for (const { summary, results } of all.values()) {
      assert.deepEqual(summary, { pass: 0, fail: 0, warn: 0, error: results.length, skip: 0 });
      assert.ok(results.every(({ message }) => message.includes("the right to list and watch is missing")));
    }
  });
});

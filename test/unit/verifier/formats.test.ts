import { strict as assert } from "node:assert";
import { renderJson, type VerdictFile } from "../../../verifier/formats/json";
import { renderJunit } from "../../../verifier/formats/junit";
import { renderSarif } from "../../../verifier/formats/sarif";
import { BENCHMARK, benchmarkAnswers } from "../../../verifier/benchmark";
import { FORBIDDEN_OBJECTS } from "../../../verifier/checks/forbidden-objects";
import { renderPage } from "../../../verifier/formats/page";
import { ruleIds } from "../policy-pack/fixture";
import { answerOf } from "../../../verifier/formats/answer";
import { renderTable } from "../../../verifier/formats/table";
import { QUESTIONS, summarize, type Result } from "../../../verifier/result";

const results: Result[] = [
  { id: "rules/network/default-deny", question: "network", tried: "looks", outcome: "isolated", found: "holds" },
  {
    id: "rules/rbac/closure Namespace tenant-hr metadata.name",
    question: "rights",
    tenant: "hr",
    tried: "looks",
    outcome: "open",
    found: 'says <a> & "b" \u0007',
    fix: "mend it",
  },
  { id: "control-plane/audit", question: "audit", tried: "reads", outcome: "inconclusive", found: "withheld" },
  {
    id: "rights/User x",
    question: "rights",
    tried: "asks",
    outcome: "isolated",
    found: "refused",
    disagreement: "predicted otherwise",
  },
];
const summary = summarize(results, {});

describe("the forms of a verdict", () => {
  it("answer each of the eight questions in the table, the unanswered ones as inconclusive", () => {
    const table = renderTable(results, summary, new Set());
    const lines = table.split("\n");
    for (const text of Object.values(QUESTIONS)) assert.ok(lines.some((line) => line.startsWith(text)));
    assert.match(lines.find((line) => line.startsWith(QUESTIONS.network)) ?? "", / isolated /);
    assert.match(lines.find((line) => line.startsWith(QUESTIONS.rights)) ?? "", / open /);
    assert.match(lines.find((line) => line.startsWith(QUESTIONS.models)) ?? "", / inconclusive /);
  });

  it("tell in the table everything that is no pass, with evidence and fix, and the sums at the end", () => {
    const table = renderTable(results, summary, new Set(["rules/rbac/closure Namespace tenant-hr metadata.name"]));
    assert.match(table, /OPEN \(known\) rights: looks\n {2}found: .*\n {2}fix: {6}mend it/);
    assert.match(table, /differs: {2}predicted otherwise/);
    assert.match(
      table,
      /Not isolated: 2 results fail\. 2 isolated, 1 open, 1 inconclusive; 1 unlike predicted; 75\.0 % decided\.$/,
    );
  });

  it("count a result unlike its prediction as no pass of its question", () => {
    assert.equal(answerOf([results[3] as Result]), "open");
    assert.equal(answerOf([]), "inconclusive");
  });

  it("are a page that needs nothing else, on which every result can be read and nothing it says is markup", () => {
    const page = renderPage(results, summary, {
      stack: "dev",
      server: "https://x",
      started: "2030-01-01T00:00:00.000Z",
      ended: "2030-01-01T00:00:01.000Z",
      reach: { sources: [], targets: [], connections: [] },
    });
    assert.match(page, /default-src 'none'/);
    assert.doesNotMatch(page, /<script|<a>|https?:\/\/(?!x)/);
    assert.match(page, /says &lt;a&gt; &amp;/);
    assert.match(page, /Not isolated: 2 results fail/);
    assert.match(page, /Unlike predicted: predicted otherwise/);
    for (const text of Object.values(QUESTIONS)) assert.ok(page.includes(text.replaceAll("'", "&#39;")), text);
  });

  it("answer the public benchmark's 19 checks and the six that were never written, withheld ones by name", () => {
    const answers = benchmarkAnswers(results);
    assert.equal(answers.length, 25);
    assert.equal(answers.find(({ id }) => id === "PL1-CC-TI-2")?.outcome, "open");
    assert.equal(answers.find(({ id }) => id === "1201")?.outcome, "inconclusive");
    const withheld = answers.filter((answer) => answer.withheld !== undefined).map(({ id }) => id);
    assert.deepEqual(withheld, ["PL2-BC-OPS-3", "PL2-BC-OPS-4", "1199", "1202", "1203"]);
  });

  it("rest on rules and dry runs that there are", () => {
    const real = [
      ...ruleIds.map((id) => `rules/${id}`),
      ...FORBIDDEN_OBJECTS.map(({ name }) => `admission/tenant-hr/${name}`),
      "rights/x",
      "traffic/x",
    ];
    for (const { title, answeredBy } of BENCHMARK) {
      const parts = /\((.*?)\)/.exec(answeredBy.source)?.[1]?.split("|") ?? [""];
      const found = real.filter((id) => answeredBy.test(id));
      assert.ok(found.length >= parts.length, `${title}: ${answeredBy.source} finds ${found.join(", ")}`);
    }
  });

  it("are complete in JSON", () => {
    const run = { server: "https://x", started: "2030-01-01T00:00:00.000Z", ended: "2030-01-01T00:00:01.000Z" };
    const file = JSON.parse(renderJson(results, summary, run)) as VerdictFile;
    assert.equal(file.schemaVersion, 1);
    assert.deepEqual(file.results, results);
    assert.deepEqual(file.summary.failing, ["rules/rbac/closure Namespace tenant-hr metadata.name", "rights/User x"]);
  });

  it("tell failures from errors in JUnit, and escape what XML cannot hold", () => {
    const xml = renderJunit(results);
    assert.equal(xml.match(/<failure /g)?.length, 2);
    assert.equal(xml.match(/<error /g)?.length, 1);
    assert.ok(xml.includes("says &lt;a&gt; &amp; &quot;b&quot; \uFFFD"));
    assert.equal(xml.match(/<testsuite /g)?.length, Object.keys(QUESTIONS).length);
  });

  it("name the pack's rule in SARIF, and every result that is no pass", () => {
    const [run] = (JSON.parse(renderSarif(results)) as { runs: { results: { ruleId: string; kind: string }[] }[] })
      .runs;
    assert.deepEqual(
      run?.results.map(({ ruleId, kind }) => `${ruleId} ${kind}`),
      ["rbac/closure fail", "control-plane review", "rights fail"],
    );
  });
});

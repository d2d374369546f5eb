/** Reachability against netpol-analyzer, which computes with sets of connections: the recipes, and generated networks. */
import assert from "node:assert/strict";
import { ensureTools } from "../../tools/install";
import { askAnalyzer, askEnds, withoutUnknown } from "./analyzer";
import { type Comparison, compareVerdicts } from "./compare";
import type { MatcherQuestion } from "./matcher";
import { ask, cases, compareGenerated, generated, recipeQuestions } from "./questions";
import { recipeCluster, recipes } from "./recipes";

const CASES = cases(1500);

const same = (question: MatcherQuestion) => question;

describe("reachability and netpol-analyzer", function () {
  this.timeout(60 * 60_000);
  let program: string;

  before(async () => {
    program = (await ensureTools(["netpol-analyzer-judge"])).path("netpol-analyzer-judge");
  });

  /** Compares our reading of the policies as they are with the analyzer's of the policies in its own words. */
  async function compareAll(questions: readonly MatcherQuestion[], form = same): Promise<Comparison[]> {
    const asked = questions.map(withoutUnknown);
    const answers = await askEnds(program, asked);
    return questions.map((question, index) => {
      const { outside } = asked[index] ?? assert.fail("a question is missing");
      return compareVerdicts(form({ ...question, outside }), answers[index] ?? "", "netpol-analyzer");
    });
  }

  it("agree on every recipe", async () => {
    const results = await compareAll(recipeQuestions());
    for (const [index, title] of Object.keys(recipes).entries())
      assert.deepEqual(results[index]?.disagreements, [], title);
  });

  it(`agree on ${CASES} generated networks`, async () => {
    const { share } = await compareGenerated(CASES, (questions) => compareAll(questions));
    assert.ok(share > 0.1 && share < 0.9, "the networks are too open or too closed to tell the two apart");
  });

  it("would differ if either lost a policy", async () => {
    const withoutFirst = (question: MatcherQuestion): MatcherQuestion => ({
      ...question,
      input: { ...question.input, policies: question.input.policies.slice(1) },
    });
    const results = await compareAll(generated(200).map(ask), withoutFirst);
    const noticed = results.filter(({ disagreements }) => disagreements.length > 0);
    // Many a policy selects no pod, so that its loss changes nothing.
    assert.ok(noticed.length > results.length / 5, `only ${noticed.length} of ${results.length} losses were noticed`);
  });

  it("differ on whole connections where the ends' ranges of ports overlap in part, which netpol-analyzer loses", async () => {
    const ports = (port: number, endPort: number) => [{ port, endPort }];
    const overlapping = recipeCluster({
      "x/p": {
        podSelector: {},
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ ports: ports(79, 81) }],
        egress: [{ to: [{ namespaceSelector: {} }], ports: ports(80, 90) }],
      },
    });
    const question: MatcherQuestion = { input: overlapping, outside: [], probes: [{ port: 80, protocol: "TCP" }] };
    assert.deepEqual((await compareAll([question]))[0]?.disagreements, []);
    const [whole = ""] = await askAnalyzer(program, [withoutUnknown(question)]);
    assert.equal(whole[1], "0", "netpol-analyzer finds the common ports by now: both ends can be asked at once");
  });
});

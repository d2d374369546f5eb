/** Reachability against the matcher of cyclonus: the recipes, and thousands of generated networks. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ensureTools } from "../../tools/install";
import type { NetworkInput } from "../../policy-pack/analysis/reachability/network";
import { compileSelector, matchSelector } from "../../policy-pack/model/selectors";
import { labels, selector } from "../unit/policy-pack/analysis/reachability/generators";
import { type Comparison, compare } from "./compare";
import { type MatcherQuestion, askMatcher } from "./matcher";
import { usesNotIn, withoutBareNotIn } from "./not-in";
import { SEED, ask, cases, compareGenerated, generated, recipeQuestions } from "./questions";
import { recipes } from "./recipes";

const CASES = cases(5000);

/** The question with policies that mean the same to whoever reads `NotIn` differently. */
const rewritten = (question: MatcherQuestion): MatcherQuestion => ({
  ...question,
  input: { ...question.input, policies: withoutBareNotIn(question.input.policies) },
});

describe("reachability and cyclonus", function () {
  this.timeout(60 * 60_000);
  let program: string;

  before(async () => {
    program = (await ensureTools(["cyclonus-matcher"])).path("cyclonus-matcher");
  });

  /** Compares our reading of the policies as they are with the matcher's of the policies as `form` gives them. */
  async function compareAll(questions: readonly MatcherQuestion[], form = rewritten): Promise<Comparison[]> {
    const answers = await askMatcher(program, questions.map(form));
    return questions.map((question, index) => compare(question, answers[index] ?? assert.fail("an answer is missing")));
  }

  it("agree on every recipe", async () => {
    const questions = recipeQuestions();
    for (const form of [rewritten, (question: MatcherQuestion) => question]) {
      const results = await compareAll(questions, form);
      for (const [index, title] of Object.keys(recipes).entries())
        assert.deepEqual(results[index]?.disagreements, [], title);
    }
  });

  it(`agree on ${CASES} generated networks`, async () => {
    const { share } = await compareGenerated(CASES, (questions) => compareAll(questions));
    assert.ok(share > 0.1 && share < 0.9, "the networks are too open or too closed to tell the two apart");
  });

  it("differ on policies as they are only where NotIn meets an absent label", async () => {
    const inputs = generated(500);
    const results = await compareAll(inputs.map(ask), (question) => question);
    const differing = inputs.filter((_, index) => (results[index]?.disagreements.length ?? 0) > 0);
    assert.ok(differing.length > 0, "cyclonus reads NotIn as Kubernetes does by now: the rewriting can go");
    assert.ok(differing.every(({ policies }) => usesNotIn(policies)));
  });

  it("would differ if either lost a policy", async () => {
    const questions = generated(200).map(ask);
    const answers = await askMatcher(program, questions.map(rewritten));
    const noticed = questions.filter((question, index) => {
      const poorer = { ...question, input: { ...question.input, policies: question.input.policies.slice(1) } };
      return compare(poorer, answers[index] ?? assert.fail("an answer is missing")).disagreements.length > 0;
    });
    // Many a policy selects no pod, so that its loss changes nothing.
    assert.ok(
      noticed.length > questions.length / 5,
      `only ${noticed.length} of ${questions.length} losses were noticed`,
    );
  });
});

describe("label selectors and Kubernetes' own library", function () {
  this.timeout(10 * 60_000);

  it("agree on generated selectors and labels", async () => {
    const program = (await ensureTools(["cyclonus-matcher"])).path("cyclonus-matcher");
    const selections = fc.sample(fc.record({ selector, labels }), { numRuns: CASES, seed: SEED });
    const empty: NetworkInput = { namespaces: [], pods: [], policies: [] };
    const [answer] = await askMatcher(program, [{ input: empty, outside: [], probes: [], selections }]);
    const ours = selections.map(({ selector, labels }) => {
      const faults: string[] = [];
      const view = { labels, isOpen: () => false, mayHave: () => false };
      const match = matchSelector(
        compileSelector(selector, "selector", (...fault) => faults.push(fault.join(" "))),
        view,
      );
      assert.deepEqual(faults, []);
      return match === "always" ? "1" : "0";
    });
    assert.equal(answer?.selected, ours.join(""));
    assert.ok(ours.includes("0") && ours.includes("1"));
  });
});

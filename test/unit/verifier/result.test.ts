import { strict as assert } from "node:assert";
import { summarize, type Outcome, type Result } from "../../../verifier/result";

const result = (id: string, outcome: Outcome, change: Partial<Result> = {}): Result => ({
  id,
  question: "network",
  tried: "tries",
  outcome,
  found: "found",
  ...change,
});

describe("the verdict of a verification", () => {
  it("is a proof only when every result is isolated", () => {
    assert.equal(summarize([result("a", "isolated"), result("b", "isolated")], {}).exitCode, 0);
  });

  it("is a violation when one result is open, whatever else is inconclusive", () => {
    const summary = summarize([result("a", "open"), result("b", "inconclusive"), result("c", "isolated")], {});
    assert.equal(summary.exitCode, 1);
    assert.deepEqual(
      summary.failing.map(({ id }) => id),
      ["a"],
    );
  });

  it("is a violation when something is isolated that was predicted to be open", () => {
    assert.equal(summarize([result("a", "isolated", { disagreement: "predicted open" })], {}).exitCode, 1);
  });

  it("is no proof when one result is inconclusive, or when there is none at all", () => {
    assert.equal(summarize([result("a", "isolated"), result("b", "inconclusive")], {}).exitCode, 2);
    assert.equal(summarize([], { leastCoverage: 0 }).exitCode, 2);
  });

  it("accepts inconclusive results down to the coverage that is asked for", () => {
    const results = [
      result("a", "isolated"),
      result("b", "isolated"),
      result("c", "isolated"),
      result("d", "inconclusive"),
    ];
    assert.equal(summarize(results, { leastCoverage: 75 }).exitCode, 0);
    assert.equal(summarize(results, { leastCoverage: 76 }).exitCode, 2);
  });

  it("lets known failures pass, and no others", () => {
    const known = new Set(["a"]);
    assert.equal(summarize([result("a", "open"), result("b", "isolated")], { known }).exitCode, 0);
    assert.equal(summarize([result("a", "open"), result("b", "open")], { known }).exitCode, 1);
  });

  it("does not let a known failure stand for an inconclusive result", () => {
    assert.equal(summarize([result("a", "inconclusive")], { known: new Set(["a"]) }).exitCode, 2);
  });
});

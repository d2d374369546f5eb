import assert from "node:assert/strict";
import { evaluate, evaluation } from "../../../policy-pack/rules/evaluate";
import { rules } from "../../../policy-pack/rules";
import { inTurns } from "../../../policy-pack/rules/turns";
import { compliantObjects, modelOf, settings } from "./fixture";

describe("judging in turns", () => {
  it("finds the same, and lets others work between two rules", async () => {
    const model = modelOf(compliantObjects().filter(({ kind }) => kind !== "NetworkPolicy"));
    const { configuration } = settings;
    let turns = 0;
    const counter = setInterval(() => turns++, 0);
    const found = await inTurns(evaluation(rules, model, configuration));
    clearInterval(counter);
    assert.ok(found.length > 0);
    assert.deepEqual(found, evaluate(rules, model, configuration));
    assert.ok(turns > 1, `${turns} turns`);
  });
});

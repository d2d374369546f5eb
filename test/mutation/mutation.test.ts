import assert from "node:assert/strict";
import { harmless, harmlessReason, isListed } from "./harmless";
import { catcher, loadExample, violationsOf, type ExampleStack } from "./judge";
import { weakeningsOf, type Weakening } from "./weakenings";

/** What became of the weakenings of one stack. */
interface Outcome {
  stack: ExampleStack;
  weakenings: Weakening[];
  caught: number;
  /** Neither caught nor listed. */
  survivors: string[];
}

describe("Weakenings of the example stacks", function () {
  this.timeout(600_000);
  const outcomes: Outcome[] = [];

  for (const name of ["dev", "staging", "prod"]) {
    it(`are caught by a rule, or listed as harmless with a reason: ${name}`, () => {
      const stack = loadExample(name);
      assert.deepEqual(violationsOf(stack), [], "the stack itself is compliant");
      const weakenings = weakeningsOf(stack.objects, stack.tenants);
      const judged = weakenings.filter((weakening) => harmlessReason(weakening) === undefined);
      const catchingRule = catcher(stack);
      const survivors = judged.filter((weakening) => catchingRule(weakening) === undefined).map(({ id }) => id);
      outcomes.push({ stack, weakenings, caught: judged.length - survivors.length, survivors });
      assert.deepEqual(survivors, []);
    });
  }

  it("number at least 300 that are distinct and not harmless", () => {
    const distinct = new Map(outcomes.flatMap(({ weakenings }) => weakenings.map((w) => [w.id, w])));
    const judged = [...distinct.values()].filter((weakening) => harmlessReason(weakening) === undefined);
    for (const { stack, weakenings, caught, survivors } of outcomes) {
      const rate = ((100 * caught) / (caught + survivors.length)).toFixed(1);
      const listed = weakenings.length - caught - survivors.length;
      console.log(`      ${stack.name}: ${caught} caught, ${survivors.length} missed (${rate} %), ${listed} harmless`);
    }
    console.log(`      ${judged.length} distinct ones that must be caught, ${distinct.size} in all`);
    assert.ok(judged.length >= 300, `${judged.length} distinct weakenings`);
  });

  it("are listed as harmless only where no rule catches them", () => {
    const stale = harmless.filter(
      (entry) =>
        !outcomes.some(({ stack, weakenings }) => {
          const catchingRule = catcher(stack);
          return weakenings.some((weakening) => isListed(entry, weakening.id) && catchingRule(weakening) === undefined);
        }),
    );
    assert.deepEqual(
      stale.map(({ pattern }) => String(pattern)),
      [],
      "every entry matches a weakening that no rule catches",
    );
  });

  it("are noticed by the test itself when rules are missing", () => {
    const [first] = outcomes;
    assert.ok(first !== undefined);
    const denyAll = first.weakenings.find(({ id }) => id === "NetworkPolicy default-deny : removed");
    assert.ok(denyAll !== undefined);
    assert.equal(catcher(first.stack, ["images/pinned"])(denyAll), undefined);
    assert.equal(catcher(first.stack)(denyAll)?.id, "network/default-deny");
  });
});

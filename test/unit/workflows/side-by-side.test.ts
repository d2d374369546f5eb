import * as assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { allSteps, runSideBySide, staticSteps, suiteSteps, unitStep, type Step } from "../../../tools/commands/suites";

const step = (name: string, cores: number): Step => ({ name, cores, script: "", args: [], counts: "exit-code" });

/** What runs whenever a step begins, and the results in their order. */
async function run(steps: Step[], cores: number, durations: Record<string, number>) {
  const running = new Set<string>();
  const seen: string[] = [];
  const results = await runSideBySide(steps, cores, async ({ name }) => {
    running.add(name);
    seen.push([...running].join("+"));
    await delay(durations[name] ?? 1);
    running.delete(name);
    return name;
  });
  return { seen, results };
}

describe("Suites of a whole run", () => {
  it("are all there, each once", () => {
    const expected = [...staticSteps, unitStep, ...suiteSteps];
    assert.deepEqual(allSteps.map(({ name }) => name).sort(), expected.map(({ name }) => name).sort());
  });

  it("run side by side as far as there are cores, and are told in their order", async () => {
    const steps = [step("long", 1), step("a", 1), step("wide", 2), step("b", 1)];
    const { seen, results } = await run(steps, 2, { long: 100, a: 5, b: 5 });
    assert.deepEqual(seen, ["long", "long+a", "long+b", "wide"]);
    assert.deepEqual(results, ["long", "a", "wide", "b"]);
  });

  it("run alone when they want more cores than there are", async () => {
    const { seen } = await run([step("wide", 2), step("a", 1)], 1, {});
    assert.deepEqual(seen, ["wide", "a"]);
  });

  it("end with the fault of one that cannot be run", async () => {
    const fails = runSideBySide([step("a", 1)], 2, () => Promise.reject(new Error("no such program")));
    await assert.rejects(fails, /no such program/);
  });
});

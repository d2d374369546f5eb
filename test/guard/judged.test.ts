import assert from "node:assert/strict";
import { ensureTools } from "../../tools/install";
import { JUDGED } from "./cases";
import { Judge, type Denial } from "./support/judge";
import { PLAN } from "./support/platform";

describe("the admission guard, as the API server's code judges it", () => {
  let verdicts: Denial[][];

  before("judge all acts and all twins", async function () {
    this.timeout(120_000);
    const judge = new Judge((await ensureTools(["admission-judge"])).path("admission-judge"));
    verdicts = await judge.denials(
      PLAN.guard?.policies ?? [],
      JUDGED.flatMap(({ act, twin }) => [act, twin]),
    );
    await judge.close();
  });

  for (const [index, { title }] of JUDGED.entries())
    it(`refuses ${title}, and not its twin`, () => {
      const [refused = [], passed = []] = verdicts.slice(2 * index, 2 * index + 2);
      assert.notDeepEqual(refused, [], "the act passes");
      const failed = refused.filter(({ error }) => error === true);
      assert.deepEqual(failed, [], "an expression could not be evaluated");
      assert.deepEqual(passed, [], "the twin is refused");
    });

  it("has at least 150 acts, each under a title of its own", () => {
    const titles = JUDGED.map(({ title }) => title);
    assert.deepEqual(
      titles.filter((title, index) => titles.indexOf(title) !== index),
      [],
    );
    assert.ok(titles.length >= 150);
  });
});

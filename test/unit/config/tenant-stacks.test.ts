import assert from "node:assert/strict";
import * as fc from "fast-check";
import { assignTenants, readStackName, tenantStackName } from "../../../components/config/tenant-stacks";
import { assertOneFault, compliant, faultsIn, stackPlace, withProject } from "./fixture";

const names = Array.from({ length: 300 }, (_, index) => `department-${index}`);
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);

describe("the stacks of an environment's tenants", () => {
  it("are given to each tenant by its name alone, whoever else is there", () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2 }), fc.integer({ min: 1, max: 20 }), (all, count) => {
        const together = assignTenants(all, { count });
        for (const each of all) {
          assert.equal(together.get(each), assignTenants([each], { count }).get(each));
          assert.ok((together.get(each) ?? 0) >= 1 && (together.get(each) ?? 0) <= count);
        }
      }),
    );
  });

  it("are filled evenly, within what chance allows", () => {
    const numbers = [...assignTenants(names, { count: 6 }).values()];
    for (const stack of [1, 2, 3, 4, 5, 6]) {
      const held = numbers.filter((number) => number === stack).length;
      assert.ok(held >= 30 && held <= 70, `stack ${stack} holds ${held} of 300`);
    }
  });

  it("keep every tenant but those that a further stack takes", () => {
    const [before, after] = [assignTenants(names, { count: 6 }), assignTenants(names, { count: 7 })];
    const moved = names.filter((each) => before.get(each) !== after.get(each));
    assert.ok(moved.every((each) => after.get(each) === 7));
    assert.ok(moved.length > 0 && moved.length < 80, `${moved.length} of 300 move`);
  });

  it("stay the same from release to release", () => {
    const numbers = assignTenants(["finance", "hr", "legal", "support"], { count: 4 });
    assert.deepEqual(Object.fromEntries(numbers), { finance: 1, hr: 2, legal: 4, support: 3 });
  });

  it("are those in which tenants are placed", () => {
    const spec = { count: 4, placed: [{ tenant: "hr", stack: 3 }] };
    assert.equal(assignTenants(["finance", "hr"], spec).get("hr"), 3);
    const finance = assignTenants(["finance"], { count: 4 }).get("finance");
    assert.equal(assignTenants(["finance", "hr"], spec).get("finance"), finance);
  });

  it("have names that lead back to the environment", () => {
    assert.deepEqual(readStackName(tenantStackName("prod", 12)), { environment: "prod", number: 12 });
    assert.deepEqual(readStackName("prod"), { environment: "prod" });
    assert.deepEqual(readStackName("prod-tenants-0"), { environment: "prod-tenants-0" });
  });

  for (const [what, { stacks, place, problem, fix }] of Object.entries({
    "a tenant that there is not": {
      stacks: { count: 2, placed: [{ tenant: "finanec", stack: 1 }] },
      place: stackPlace("tenantStacks.placed[0].tenant"),
      problem: /is not a tenant/,
      fix: /did you mean `finance`\?/,
    },
    "a tenant in two places": {
      stacks: { count: 2, placed: [1, 2].map((stack) => ({ tenant: "hr", stack })) },
      place: stackPlace("tenantStacks.placed[1].tenant"),
      problem: /is placed twice/,
      fix: /take one/,
    },
    "a stack that there is not": {
      stacks: { count: 2, placed: [{ tenant: "hr", stack: 3 }] },
      place: stackPlace("tenantStacks.placed[0].stack"),
      problem: /there are only 2/,
      fix: /raise `tenantStacks.count`/,
    },
    "no stack at all": {
      stacks: { count: 0 },
      place: stackPlace("tenantStacks.count"),
      problem: /./,
      fix: /./,
    },
  })) {
    it(`are refused with ${what}`, () => {
      const files = compliant();
      files.config.tenantStacks = stacks;
      withProject(files, (root) => assertOneFault(faultsIn(root), place, problem, fix));
    });
  }
});

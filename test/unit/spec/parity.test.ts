import { strict as assert } from "node:assert";
import { compliant, faultsIn, withProject } from "../config/fixture";
import { assertParity, faultsOfPoolAlone, faultsOfTenantAlone, type Files, type PlacedFault } from "./support/entries";
import { breaksOf, fieldsOfEnvironment, setAt, type Field } from "./support/fields";
import { rules } from "./support/rules";
import { assertWhole, proposals } from "./support/whole";

const fields = fieldsOfEnvironment();
const nameOf = ({ way }: Field) => way.join(".").replace(/\.0\b/g, "[0]");

/** What both entries say of the environment with one value at one field. */
function faultsOf({ way }: Field, value: unknown): PlacedFault[] {
  const files: Files = compliant();
  setAt(files, "finance", way, value);
  return assertParity(files, withProject(files, faultsIn));
}

describe("files and arguments of components", function () {
  // A field has ten breaks and more, and each is written, loaded and declared.
  this.timeout(120_000);

  it("are compared by at least 1,000 breaks of single fields", () => {
    const breaks = fields.flatMap((field) => Object.keys(breaksOf(field)));
    assert.ok(breaks.length >= 1000, `${breaks.length}`);
  });

  it("are both accepted without a break", () => {
    assert.deepEqual(assertParity(compliant(), withProject(compliant(), faultsIn)), []);
  });

  for (const field of fields) {
    it(`are refused in the same whole words at the same places: ${nameOf(field)}`, () => {
      for (const [what, value] of Object.entries(breaksOf(field))) {
        const faults = faultsOf(field, value);
        assert.ok(faults.length > 0 || mayBe(field, what), `${nameOf(field)} is refused with ${what}`);
        for (const fault of faults) assertWhole(fault);
        const own = faults.filter(({ place }) => place.endsWith(String(field.way.at(-1))));
        for (const fault of own) assertProposalsHold(field, fault);
      }
    });
  }

  for (const field of fields.filter(({ required }) => required)) {
    it(`are refused in the same whole words at the same places: without ${nameOf(field)}`, () => {
      const faults = faultsOf(field, undefined);
      assert.ok(faults.length > 0);
      for (const fault of faults) assertWhole(fault);
    });
  }
});

describe("rules that keep tenants apart", () => {
  for (const [what, { change, place }] of Object.entries(rules)) {
    it(`hold for files and for every component: ${what}`, () => {
      const files: Files = compliant();
      change(files);
      const faults = assertParity(files, withProject(files, faultsIn));
      const placeOf = (path: string) => path.replace(/^(finance|hr)\./, (_, tenant: string) => `tenant ${tenant}: `);
      assert.deepEqual(
        faults.map((fault) => fault.place),
        [placeOf(place)],
      );
      const [owner = "", pool] = place.split(/[.[\]]+/);
      const ofPool = owner === "nodePools";
      const alone = ofPool ? faultsOfPoolAlone(files, Number(pool)) : faultsOfTenantAlone(files, tenantOf(owner));
      const own = ofPool ? place.replace(/^nodePools\[\d+\]\./, "") : place.replace(/^(finance|hr)\./, "tenant.");
      assert.deepEqual(
        alone.map(({ path, problem }) => ({ path, problem })),
        [{ path: own, problem: faults[0]?.problem }],
      );
    });
  }
});

/** The tenant that a place is in; of the environment's places any tenant can tell. */
function tenantOf(owner: string): string {
  return owner === "hr" ? "hr" : "finance";
}

/** Values that are unusual and right: a label may be empty, and a name for people may be any text. */
function mayBe({ way }: Field, what: string): boolean {
  const right = { "requirements.0.values.0": "an empty text", "spec.displayName": "another form" };
  return Object.entries(right).some(([end, kind]) => way.join(".").endsWith(end) && what === kind);
}

/** Asserts that a value which a fix proposes is not refused for its form at the same place. */
function assertProposalsHold(field: Field, { place, fix }: PlacedFault): void {
  for (const proposed of proposals(fix)) {
    const again = faultsOf(field, valueOf(proposed, field)).filter((fault) => fault.place === place);
    const refused = again.filter(({ problem }) => /form|not one of|is a /.test(problem));
    assert.deepEqual(refused, [], `${proposed} at ${place}`);
  }
}

/** A proposed text as the value that a person writes in its place. */
function valueOf(text: string, { schema }: Field): unknown {
  if ([schema.type ?? []].flat().includes("string")) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

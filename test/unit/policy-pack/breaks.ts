/** How the tests of rules are written: a compliant environment in which one thing is broken at a time. */
import assert from "node:assert/strict";
import type { PackSettings } from "../../../policy-pack/configuration/load";
import { compliantObjects, type Loose, settings, violationsOf } from "./fixture";
import { assertActionable } from "./messages";
import { feedUnknowns } from "./unknowns";

/** One way to break a rule. */
export interface Break {
  /** What is broken, as the end of the sentence "refuses ...". */
  title: string;
  /** Changes the compliant environment in place. */
  apply(objects: Loose[]): void;
  /** Object that the violation must name, `Kind namespace/name`. */
  object: string | RegExp;
  /** Field that the violation must name. Default: any. */
  field?: string | RegExp;
  /** Settings for this break. Default: the fixture's. */
  settings?: PackSettings;
}

/**
 * Rules that report what is not there, or the object as a whole, so that their findings name no place for an unknown
 * value; `unknowns.test.ts` feeds them.
 */
export const unplaced = [
  "admission/guard-present",
  "capacity/affinity-scope",
  "capacity/priority-scope",
  "namespaces/declared",
  "network/default-deny",
  "network/dns-allowed",
  "network/tenant-reachability",
  "objects/custom-resources",
  "objects/explicit-namespace",
  "objects/single-definition",
  "rbac/closure",
];

/** Tests that the rule accepts the compliant environment and the harmless variations, and refuses every break. */
export function describeRule(
  id: string,
  breaks: Break[],
  harmless: Pick<Break, "title" | "apply" | "settings">[] = [],
): void {
  describe(id, () => {
    for (const { title, apply, object, field, settings: used = settings } of breaks)
      it(`refuses ${title}`, () => {
        const objects = compliantObjects();
        apply(objects);
        const found = violationsOf(objects, id, used);
        const fits = found.filter((v) => matches(v.object, object) && (field === undefined || matches(v.field, field)));
        assert.notEqual(
          fits.length,
          0,
          `expected a violation of ${object} ${field ?? ""}, found ${JSON.stringify(found)}`,
        );
        for (const violation of found) assertActionable(violation, objects);
      });
    it("is never satisfied by a value that the preview does not know", () => {
      const tried = new Set<string>();
      for (const { apply, settings: used = settings } of breaks) {
        const broken = () => {
          const objects = compliantObjects();
          apply(objects);
          return objects;
        };
        for (const violation of violationsOf(broken(), id, used))
          assert.deepEqual(feedUnknowns(broken, violation, used, tried), []);
      }
      assert.ok(tried.size > 0 || unplaced.includes(id), "no unknown value was put before the rule");
    });
    for (const { title, apply, settings: used = settings } of harmless)
      it(`accepts ${title}`, () => {
        const objects = compliantObjects();
        apply(objects);
        assert.deepEqual(violationsOf(objects, id, used), []);
      });
  });
}

function matches(text: string, expected: string | RegExp): boolean {
  return typeof expected === "string" ? text === expected : expected.test(text);
}

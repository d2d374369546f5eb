/** How the tests of rules are written: a compliant environment in which one thing is broken at a time. */
import assert from "node:assert/strict";
import type { PackSettings } from "../../../policy-pack/settings/load";
import { buildClusterModel, type SourceObject } from "../../../policy-pack/model/cluster-model";
import { fromLive } from "../../../policy-pack/model/from-live";
import { parseManifest } from "../../../policy-pack/model/from-manifests";
import { fromPulumi } from "../../../policy-pack/model/from-pulumi";
import { rules } from "../../../policy-pack/rules";
import { evaluate } from "../../../policy-pack/rules/evaluate";
import type { Violation } from "../../../policy-pack/rules/rule";
import { resourceOf, urnOf } from "./crossguard";
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

/** A test that goes through every break of a rule takes as long as all of them, and longer on a busy machine. */
const ALL_BREAKS_MS = 120_000;

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
    it("finds the same in resources of Pulumi and in manifests as in live objects", function () {
      this.timeout(ALL_BREAKS_MS);
      for (const { title, apply, settings: used = settings } of breaks) {
        const objects = compliantObjects();
        apply(objects);
        const live = violationsOf(objects, id, used).map(placeOf);
        assert.deepEqual(violationsIn(fromPulumi(objects.map(asPlainResource)), id, used).map(placeOf), live, title);
        assert.deepEqual(violationsIn(fromText(objects), id, used).map(placeOf), live, title);
      }
    });
    it("is never satisfied by a value that the preview does not know", function () {
      this.timeout(ALL_BREAKS_MS);
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

const placeOf = ({ object, field }: Violation): string => `${object} ${field}`;

const unbroken = new Set(compliantObjects().map((object) => JSON.stringify(object)));

/** Objects as a folder of manifests holds them; the text of those that no break has touched is not read again. */
function fromText(objects: readonly Loose[]): SourceObject[] {
  const faults: string[] = [];
  const sources = objects.flatMap((object) => {
    const text = JSON.stringify(object);
    return unbroken.has(text) ? fromLive([object]) : parseManifest(text, "broken.yaml", faults);
  });
  assert.deepEqual(faults, []);
  return sources;
}

function asPlainResource(object: Loose): Loose {
  const resource = resourceOf(object);
  return { ...resource, urn: urnOf(resource) };
}

function violationsIn(sources: readonly SourceObject[], id: string, { configuration }: PackSettings): Violation[] {
  const chosen = rules.filter((rule) => rule.id === id);
  return evaluate(chosen, buildClusterModel(sources, configuration), configuration);
}

function matches(text: string, expected: string | RegExp): boolean {
  return typeof expected === "string" ? text === expected : expected.test(text);
}

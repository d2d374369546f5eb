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
import { assertActionable, isNamed } from "./messages";
import { inOtherKinds, OF_DEPLOYMENT } from "./shapes";
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
        const manifests = fromText(objects);
        assert.deepEqual(violationsIn(manifests, id, used).map(placeOf), live, title);
        // What is read alike is judged alike.
        const broken = objects.filter((object) => !unbroken.has(JSON.stringify(object)));
        assert.deepEqual(objectsOf(fromList(broken)), objectsOf(fromText(broken)), title);
        assert.deepEqual(
          objectsOf(fromPulumi(inGroup(objects))),
          objectsOf(fromPulumi(objects.map(asPlainResource))),
          title,
        );
      }
    });
    it("finds the same whatever kind makes the pods", function () {
      this.timeout(ALL_BREAKS_MS);
      const tried = new Set<string>();
      for (const { title, apply, settings: used = settings } of byNumberOfPods.includes(id) ? [] : breaks) {
        const objects = compliantObjects();
        apply(objects);
        for (const { object, field } of violationsOf(objects, id, used)) {
          if (!field.startsWith(OF_DEPLOYMENT) || tried.size >= MOST_FIELDS || tried.has(field)) continue;
          const deployment = objects.find((each) => each.kind === "Deployment" && isNamed(object, each));
          if (deployment === undefined) continue;
          tried.add(field);
          for (const { kind, objects: changed, place } of inOtherKinds(objects, deployment)) {
            const wanted = `${object.replace("Deployment", kind)} ${field.replace(OF_DEPLOYMENT, place)}`;
            // As a program declares them: a pod that runs has a node, and may have it from the scheduler.
            const found = violationsIn(fromPulumi(changed.map(asPlainResource)), id, used).map(placeOf);
            assert.ok(found.includes(wanted), `${title}: ${wanted} is not among ${JSON.stringify(found)}`);
          }
        }
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

/** Rules whose findings depend on how many pods a Deployment makes. */
const byNumberOfPods: readonly string[] = ["capacity/claims-fit-quota"];

/** Fields of a rule that are tried in every kind; more of the same say nothing more. */
const MOST_FIELDS = 4;

const objectsOf = (sources: readonly SourceObject[]): unknown[] => sources.map(({ object }) => object);

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

/** The same objects as one list, as `kubectl get -o json` prints it. */
function fromList(objects: readonly Loose[]): SourceObject[] {
  const faults: string[] = [];
  const list = { apiVersion: "v1", kind: "List", metadata: { resourceVersion: "" }, items: objects };
  const sources = parseManifest(JSON.stringify(list), "list.json", faults);
  assert.deepEqual(faults, []);
  return sources;
}

/** The same objects as a ConfigGroup of Pulumi registers them: the group itself, which is no object, and its children. */
function inGroup(objects: readonly Loose[]): Loose[] {
  const type = "kubernetes:yaml/v2:ConfigGroup";
  const group = { type, name: "all", urn: `urn:pulumi:dev::ollama-platform::${type}::all`, props: { objs: objects } };
  const children = objects.map((object) => {
    const resource = resourceOf(object);
    return { ...resource, urn: urnOf(resource).replace(resource.type, `${type}$${resource.type}`) };
  });
  return [group, ...children];
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

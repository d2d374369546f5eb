/** Values that are unknown at preview, put where a rule looks. */
import { unknownCheckingProxy } from "@pulumi/policy";
import type { PackSettings } from "../../../policy-pack/settings/load";
import { buildClusterModel } from "../../../policy-pack/model/cluster-model";
import { fromPulumi } from "../../../policy-pack/model/from-pulumi";
import { rules } from "../../../policy-pack/rules";
import { evaluate } from "../../../policy-pack/rules/evaluate";
import type { Violation } from "../../../policy-pack/rules/rule";
import { resourceOf, UNKNOWN_STRING, urnOf } from "./crossguard";
import type { Loose } from "./fixture";
import { isNamed, stepsOf } from "./messages";

/** Objects as CrossGuard hands them over: unknown values throw when they are touched. */
export function asResources(objects: readonly Loose[]): Loose[] {
  return objects.map((object) => {
    const resource = resourceOf(object);
    return { ...resource, props: unknownCheckingProxy(resource.props), urn: urnOf(resource) };
  });
}

/** Puts an unknown value at a place of an object; false when there is no such place. */
export function setUnknown(object: Loose, path: readonly string[]): boolean {
  const parent = path.slice(0, -1).reduce<Loose>((value, step) => value?.[step], object);
  const last = path.at(-1);
  if (typeof parent !== "object" || parent === null || last === undefined) return false;
  parent[last] = UNKNOWN_STRING;
  return true;
}

const IDENTITY = ["name", "namespace"];

/**
 * Puts an unknown value in the place that a violation names, and in every place above it, one at a time.
 *
 * @param tried Places that were tried before, which are left out; those tried now are added.
 * @returns Places where neither the rule nor `objects/known-values` refuses the object.
 */
export function feedUnknowns(
  makeObjects: () => Loose[],
  { rule, object, field }: Violation,
  { configuration }: PackSettings,
  tried: Set<string>,
): string[] {
  const chosen = rules.filter(({ id }) => id === rule || id === "objects/known-values");
  const steps = stepsOf(field);
  const accepted: string[] = [];
  for (let length = 1; length <= steps.length; length++) {
    const path = steps.slice(0, length);
    // The engine always knows a resource's kind; and without a name there is no telling which object was refused.
    if (path[0] === "kind" || (path[0] === "metadata" && (length === 1 || IDENTITY.includes(path[1] ?? "")))) continue;
    const place = `${object}: ${path.join(".")}`;
    if (tried.has(place)) continue;
    const objects = makeObjects();
    const target = objects.find((candidate) => isNamed(object, candidate));
    if (target === undefined || !setUnknown(target, path)) continue;
    tried.add(place);
    const model = buildClusterModel(fromPulumi(asResources(objects)), configuration);
    const refused = evaluate(chosen, model, configuration).some((violation) => violation.object === object);
    if (!refused) accepted.push(place);
  }
  return accepted;
}

/** The pack's verdict on the example stacks and on weakened copies of them. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { loadStackFile } from "../../components/config/load";
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../components/plan/platform";
import { loadSettings } from "../../policy-pack/settings/load";
import { buildClusterModel, type SourceObject } from "../../policy-pack/model/cluster-model";
import type { PackConfiguration } from "../../policy-pack/settings/settings";
import { fromLive } from "../../policy-pack/model/from-live";
import { rules } from "../../policy-pack/rules";
import { evaluate, formatViolation } from "../../policy-pack/rules/evaluate";
import type { Rule } from "../../policy-pack/rules/rule";
import { ownerOf } from "./places";
import type { Weakening } from "./weakenings";

const ROOT = path.resolve(__dirname, "..", "..");

/** An example stack as the pack sees it. */
export interface ExampleStack {
  name: string;
  /** The tenants, and the platform's own namespaces, which are judged like tenants. */
  tenants: string[];
  objects: KubernetesObject[];
  configuration: PackConfiguration;
}

/** Plans an example stack and reads the pack's configuration for it. */
export function loadExample(name: string): ExampleStack {
  const plan = planPlatform(loadStackFile(path.join(ROOT, `Pulumi.${name}.yaml`)));
  const file = readFileSync(path.join(ROOT, "policy-pack", "config", `${name}.json`), "utf8");
  const settings = { ...(JSON.parse(file) as Record<string, Record<string, unknown>>)["tenant-isolation"] };
  // The engine takes this key for itself.
  delete settings.enforcementLevel;
  const ruleIds = rules.map(({ id }) => id);
  const { configuration } = loadSettings(settings, ruleIds);
  const planned = new Set(plan.modelStore === undefined ? [] : [plan.modelStore.namespace.metadata.name]);
  return {
    name,
    tenants: [
      ...plan.tenants.map(({ tenant }) => tenant.name),
      ...configuration.fencedNamespaces.filter((name) => planned.has(name)),
    ],
    // As JSON, so that no two objects share a part.
    objects: JSON.parse(JSON.stringify(platformObjects(plan))) as KubernetesObject[],
    configuration,
  };
}

/** Violations of a whole stack, as people read them. */
export function violationsOf({ objects, configuration }: ExampleStack): string[] {
  return evaluate(rules, buildClusterModel(fromLive(objects), configuration), configuration).map(formatViolation);
}

/** Analyses that look at every pair come last: most weakenings are caught before. */
const slow = new Set(["network/tenant-reachability", "rbac/closure"]);
const inOrderOfCost = [...rules.filter(({ id }) => !slow.has(id)), ...rules.filter(({ id }) => slow.has(id))];

/**
 * Tells which rule catches a weakening of a compliant stack; undefined when none does. For an
 * object of a tenant the stack is reduced to the objects of the cluster, the tenant concerned and one other: more
 * tenants add nothing to what rules compare. `only` names the rules to run. Default: all.
 */
export function catcher(stack: ExampleStack, only?: readonly string[]): (weakening: Weakening) => Rule | undefined {
  const active = inOrderOfCost.filter(({ id }) => only === undefined || only.includes(id));
  const sources = fromLive(stack.objects);
  return ({ tenant, index, changed }) => {
    const neighbour = stack.tenants.find((other) => other !== tenant);
    const kept = new Set(tenant === undefined ? stack.tenants : [tenant, neighbour]);
    const replaced = changed === undefined ? [] : fromLive([changed]);
    const remaining = sources.flatMap((source, at): SourceObject[] => {
      if (at === index) return replaced;
      const { namespace } = source.object.metadata;
      return namespace === undefined || kept.has(ownerOf(namespace)) ? [source] : [];
    });
    if (index === undefined) remaining.push(...replaced);
    const cluster = remaining.filter(
      ({ object }) => object.kind !== "Namespace" || kept.has(ownerOf(object.metadata.name)),
    );
    const model = buildClusterModel(cluster, stack.configuration);
    return active.find((rule) => rule.check(model, stack.configuration).length > 0);
  };
}

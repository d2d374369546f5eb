/** Rights of roles that reach tenants, as findings for the rules under `rbac/`. */
import { ownRules } from "../analysis/rbac/bindings";
import { reachingRoles } from "../analysis/rbac/parties";
import type { RightKind } from "../analysis/rbac/right";
import { type GivenRight, givenRights } from "../analysis/rbac/rights";
import { forbiddenIn } from "../analysis/rbac/workspace";
import { type ClusterModel, groupBy } from "../model/cluster-model";
import type { PackConfiguration } from "../settings/settings";
import type { Finding } from "./rule";

/**
 * A finding for each rule of a role that gives rights of the kind where the role reaches a tenant. `harm` says in a
 * clause what they allow, of the rights given.
 */
export function grantFindings(
  model: ClusterModel,
  configuration: PackConfiguration,
  kind: RightKind,
  harm: (given: readonly GivenRight[]) => string,
  fix: string,
): Finding[] {
  return reachingRoles(model, configuration).flatMap(({ role, scopes }) =>
    ownRules(role).flatMap((rule, index): Finding[] => {
      const given = joined(
        scopes.map((namespace) =>
          forbiddenIn(
            model.namespaces.get(namespace)?.workspace === true,
            givenRights({ namespace, rule, source: "" }, kind),
          ),
        ),
      );
      if (given.length === 0) return [];
      const message = `allows ${describeGiven(given, rule.resources)}: ${harm(given)}.`;
      return [{ object: role, field: `rules[${index}]`, message, fix }];
    }),
  );
}

/** Rights that are given in several places, each once. */
function joined([first = [], ...others]: readonly GivenRight[][]): GivenRight[] {
  if (others.length === 0) return first;
  const byRight = groupBy(
    [...first, ...others.flat()],
    ({ right }) => `${right.group}/${right.resource} ${right.verbs.join()}`,
  );
  return [...byRight.values()].flatMap(([one, ...more]) =>
    one === undefined ? [] : [{ right: one.right, verbs: [...new Set([one, ...more].flatMap(({ verbs }) => verbs))] }],
  );
}

/** `get, list on secrets; create on pods, jobs`: resources with the same verbs together. */
function describeGiven(given: readonly GivenRight[], written: readonly string[]): string {
  const byVerbs = new Map<string, Set<string>>();
  for (const { right, verbs } of given) {
    const resources = byVerbs.get(verbs.join(", ")) ?? new Set();
    byVerbs.set(verbs.join(", "), resources);
    for (const name of right.resource.endsWith("*") ? written : [right.resource]) resources.add(name);
  }
  return [...byVerbs].map(([verbs, resources]) => `${verbs} on ${[...resources].join(", ")}`).join("; ");
}

/** What the resources of the rights are to a tenant, each once; the first few of many. */
export function namesOf(given: readonly GivenRight[]): string {
  const names = [...new Set(given.map(({ right }) => right.name))];
  const few = names.slice(0, 3).join("; ");
  return names.length > 3 ? `${few}; and ${names.length - 3} more` : few;
}

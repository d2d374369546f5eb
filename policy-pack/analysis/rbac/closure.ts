/** Everything that some principals can become and do, by following escalations until nothing is added. */
import { type HeldGrant, escalations } from "./escalations";
import { CLUSTER, type Grant, describeRule } from "./grants";
import { MASTERS, NODES, type Principal, groupsOf } from "./principals";
import type { Rbac } from "./rbac";

/** What a set of principals amounts to. */
export interface Closure {
  /** Everybody that can be acted as, with the steps that lead there. */
  principals: ReadonlyMap<Principal, readonly string[]>;
  /** Every right that can be used, with the steps that lead there. */
  grants: readonly HeldGrant[];
  /** Steps to all rights in the whole cluster; undefined when they are out of reach. */
  total?: readonly string[];
}

/**
 * Follows every escalation from the principals, together: two of them may each hold half of what it takes. Stops as
 * soon as all rights are reached, because everything follows from them.
 */
export function closure(rbac: Rbac, start: Iterable<Principal>): Closure {
  const principals = new Map<Principal, readonly string[]>();
  const grants: HeldGrant[] = [];
  const known = new Set<string>();
  let total: readonly string[] | undefined;

  function hold(grant: Grant, chain: readonly string[]): boolean {
    const key = `${grant.namespace} ${JSON.stringify(grant.rule)}`;
    if (known.has(key)) return false;
    known.add(key);
    grants.push({ grant, chain });
    if (isTotal(grant)) total ??= chain;
    return true;
  }

  function become(principal: Principal, chain: readonly string[]): boolean {
    if (principals.has(principal)) return false;
    principals.set(principal, chain);
    for (const grant of rbac.boundTo(principal)) hold(grant, [...chain, describeGrant(grant)]);
    for (const group of groupsOf(principal)) become(group, chain);
    return true;
  }

  for (const principal of start) become(principal, [principal]);
  let changed = true;
  while (changed && total === undefined) {
    changed = false;
    for (const escalation of escalations) {
      for (const { principal, grant, chain } of [...escalation(grants, rbac)]) {
        if (principal !== undefined && become(principal, chain)) changed = true;
        if (grant !== undefined && hold(grant, chain)) changed = true;
      }
    }
  }
  const owned = principals.get(MASTERS) ?? principals.get(NODES);
  return { principals, grants, total: owned ?? total };
}

/** `RoleBinding a/b → Role a/c rules[0] (get on pods)`, for chains. */
function describeGrant(grant: Grant): string {
  return `${grant.source} (${describeRule(grant.rule)})`;
}

function isTotal({ namespace, rule }: Grant): boolean {
  const all = (list: readonly string[]): boolean => list.includes("*");
  return (
    namespace === CLUSTER &&
    all(rule.verbs) &&
    all(rule.apiGroups) &&
    all(rule.resources) &&
    rule.resourceNames.length === 0
  );
}

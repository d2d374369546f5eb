/** Rights on the Kubernetes API that someone holds after a change and did not before. */
import { allows, CLUSTER, type Grant } from "../analysis/rbac/grants";
import type { Principal } from "../analysis/rbac/principals";
import { effectiveGrants, type Rbac, rbacOf, RbacRefusal } from "../analysis/rbac/rbac";
import { newTenants, type State, type Weakening } from "./weakening";

/**
 * Rights of `after` that the same principal does not hold in `before`, one entry for each principal and place. People of a new tenant, who held
 * nothing in other tenants, hold what they hold in their own namespace: rules judge what that may be.
 */
export function rightWeakenings(before: State, after: State): Weakening[] {
  const old = rightsOf(before);
  const now = rightsOf(after);
  if (typeof now === "string") return typeof old === "string" ? [] : [{ kind: "right", what: now }];
  const own = newTenants(before, after);
  return now.principals.flatMap((principal) => {
    const held = typeof old === "string" ? [] : effectiveGrants(old, principal);
    const gained = new Map<string, Map<string, Set<string>>>();
    for (const grant of now.boundTo(principal)) addNewRights(gained, grant, held);
    const isOfOthers = held.some(({ namespace }) => before.model.tenantOf(namespace) !== undefined);
    const isNews = (namespace: string): boolean => isOfOthers || !own.has(after.model.tenantOf(namespace) ?? "");
    const places = [...gained].filter(([namespace]) => isNews(namespace));
    return places.map(([namespace, rights]) => describeRights(principal, namespace, rights, after));
  });
}

function rightsOf({ model, configuration }: State): Rbac | string {
  try {
    return rbacOf(model, configuration);
  } catch (error) {
    if (!(error instanceof RbacRefusal)) throw error;
    return `Who holds which rights cannot be decided: ${error.reasons.join("; ")}.`;
  }
}

/** Adds to `gained`, by namespace and resource, the verbs of a grant that none of the held ones allows. */
function addNewRights(gained: Map<string, Map<string, Set<string>>>, grant: Grant, held: readonly Grant[]): void {
  const { namespace, rule } = grant;
  const names = rule.resourceNames.length === 0 ? [undefined] : rule.resourceNames;
  for (const group of rule.apiGroups)
    for (const resource of rule.resources)
      for (const verb of rule.verbs)
        for (const name of names) {
          if (held.some((known) => allows(known, { verb, group, resource, namespace, name }))) continue;
          const place = gained.get(namespace) ?? new Map<string, Set<string>>();
          const full = `${resource}${group === "" ? "" : `.${group}`}${name === undefined ? "" : ` named ${name}`}`;
          gained.set(namespace, place.set(full, (place.get(full) ?? new Set()).add(verb)));
        }
}

function describeRights(
  principal: Principal,
  namespace: string,
  rights: ReadonlyMap<string, ReadonlySet<string>>,
  { model }: State,
): Weakening {
  const list = [...rights].map(([resource, verbs]) => `${[...verbs].join(", ")} ${resource}`).join("; ");
  const where = namespace === CLUSTER ? "the whole cluster" : namespace;
  return { kind: "right", tenant: model.tenantOf(namespace), what: `${principal} may, in ${where}: ${list}.` };
}

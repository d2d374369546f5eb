import type { Group } from "./forms";
import type { GatewayTokens } from "../gateway/input";
import type { SharedLimits } from "./shared-limits";
import { type BudgetSpec, checkBudget } from "./budget";
import { type Budgets, budgetsOf } from "../gateway/budgets";
import { tokenAudience } from "./names";
import { type Client, type ClientContext, type ClientSpec, resolveClients } from "./clients";
import { type Draft, present, sortedBy } from "./draft";
import type { Report } from "./fault";
import { type At, below, type Path } from "./path";

/** People and clients of a tenant. */
export interface AccessSpec {
  /**
   * Groups, as the cluster's authenticator names them, that may look at the tenant's objects. Default: none.
   * @uniqueItems @default [] @examples [["finance-analysts"]]
   */
  viewers?: Group[];
  /**
   * Groups that may also restart and scale the tenant's servers. Default: none.
   * @uniqueItems @default [] @examples [["finance-operators"]]
   */
  operators?: Group[];
  /**
   * Programs that may call the tenant's servers. Default: none, and every request is refused.
   * @maxItems 40 @default [] @examples [[{ "name": "ledger", "requestsPerMinute": 120 }]]
   */
  clients?: ClientSpec[];
  /**
   * Budgets of all clients together, beside their own. Default: not limited.
   * @examples [{ "modelSecondsPerMonth": 360000 }]
   */
  budget?: BudgetSpec;
}

/** Who may look, operate and call. */
export interface Access {
  /** Groups of people, each once and sorted. */
  viewers: string[];
  /** Groups of people, each once and sorted. */
  operators: string[];
  /** Programs, sorted by name. */
  clients: Client[];
  /** Budgets of all clients together; absent when there are none. */
  budget?: Budgets;
  /** Tokens that the gateway accepts; absent when every client has a key. */
  tokens?: GatewayTokens;
  /** Counts over all replicas; absent when each counts for itself. */
  sharedLimits?: SharedLimits;
}

/** Roles that groups are given, as the declaration names them. */
const GROUP_ROLES = ["viewers", "operators"] as const;

/**
 * Checks that the people of a tenant are named by ordinary groups, and the budgets of its clients together.
 *
 * @param at Leads to what is below the tenant.
 */
export function checkAccess(access: Draft<AccessSpec>, at: At, report: Report): void {
  checkBudget(access.budget ?? {}, (...steps) => at("access", "budget", ...steps), report);
  for (const role of GROUP_ROLES) checkGroupNames(access[role], (index) => at("access", role, index), report);
}

/**
 * Checks names of groups of people.
 *
 * @param at Leads to one of them.
 */
export function checkGroupNames(
  groups: readonly (string | undefined)[] | undefined,
  at: (index: number) => Path,
  report: Report,
): void {
  for (const { item: group, index } of present(groups)) {
    const problem = reasonAgainst(group);
    if (problem === undefined) continue;
    report({
      path: at(index),
      value: group,
      problem,
      allowed: "a group of people that the cluster's authenticator names",
      fix: "name the group of the tenant's own people",
    });
  }
}

/**
 * Why a group may not be bound to a tenant's role. `system:` groups are Kubernetes' own: `system:authenticated` is
 * everybody, `system:serviceaccounts:<namespace>` every workload of a namespace. RBAC knows no wildcard for groups, so
 * a `*` is an attempt at one that would match nobody.
 */
function reasonAgainst(group: string): string | undefined {
  if (/^system:/i.test(group)) return "is a group of Kubernetes itself, which holds more than one tenant's people";
  if (/service-?accounts?\b/i.test(group)) return "names service accounts, and workloads get no rights over a tenant";
  if (group.includes("*")) return "has a `*`, but groups are compared letter by letter";
  return undefined;
}

/** What matters here of a tenant. */
interface WithGroups {
  name?: string;
  access?: Draft<AccessSpec>;
  workspace?: { developers?: readonly (string | undefined)[] };
}

/** Every group that a tenant names, with its place below the tenant. */
function groupsOf({ access, workspace }: WithGroups): { group: string; place: Path }[] {
  return [
    ...GROUP_ROLES.flatMap((role) =>
      present(access?.[role]).map(({ item, index }) => ({ group: item, place: ["access", role, index] })),
    ),
    ...present(workspace?.developers).map(({ item, index }) => ({
      group: item,
      place: ["workspace", "developers", index],
    })),
  ];
}

/** Reports every group that has rights over two tenants, at the second of them: its members would reach both. */
export function checkGroupsUnique(tenants: readonly (WithGroups | undefined)[], report: Report): void {
  const owners = new Map<string, { tenant: number; name: string | undefined }>();
  for (const { item, index: tenant } of present(tenants)) {
    for (const { group, place } of groupsOf(item)) {
      const owner = owners.get(group);
      if (owner === undefined) owners.set(group, { tenant, name: item.name });
      if (owner === undefined || owner.tenant === tenant) continue;
      report({
        path: below("tenants", tenant)(...place),
        value: group,
        problem: `is a group of the tenant ${owner.name ?? "before"} as well, and its members would reach both tenants`,
        allowed: "a group that no other tenant names",
        fix: "make a group for each tenant, with the same people where need be",
      });
    }
  }
}

/**
 * Sorts groups and clients, and fills in the defaults.
 *
 * @param workspace Clients that the accounts of the workspace are.
 */
export function resolveAccess(
  spec: AccessSpec,
  context: ClientContext,
  workspace: (declared: Client[]) => Client[],
): Access {
  const declared = resolveClients(spec.clients ?? [], context.models);
  const budget = budgetsOf(spec.budget ?? {});
  const clients = sortedBy([...declared, ...workspace(declared)], ({ name }) => name);
  return {
    viewers: sorted(spec.viewers),
    operators: sorted(spec.operators),
    clients,
    ...(budget && { budget }),
    ...acceptedTokens(clients, context),
    ...(context.sharedLimits && { sharedLimits: context.sharedLimits }),
  };
}

function sorted(groups: string[] = []): string[] {
  return [...new Set(groups)].sort();
}

function acceptedTokens(clients: Client[], { namespace, issuer }: ClientContext): Pick<Access, "tokens"> {
  if (issuer === undefined || !clients.some(({ serviceAccount }) => serviceAccount !== undefined)) return {};
  return { tokens: { issuer: issuer.url, audience: tokenAudience(namespace), keys: issuer.keys } };
}

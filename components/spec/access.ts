import type { GatewayTokens } from "../gateway/input";
import { tokenAudience } from "./names";
import { type Client, type ClientContext, type ClientSpec, resolveClients } from "./clients";
import { type Draft, present } from "./draft";
import type { Report } from "./fault";
import { type At, below } from "./path";

/** People and clients of a tenant. */
export interface AccessSpec {
  /** Groups, as the cluster's authenticator names them, that may look at the tenant's objects. Default: none. */
  viewers?: string[];
  /** Groups that may also restart and scale the tenant's servers. Default: none. */
  operators?: string[];
  /** Programs that may call the tenant's servers. Default: none, and every request is refused. */
  clients?: ClientSpec[];
}

/** Who may look, operate and call. */
export interface Access {
  /** Groups of people, each once and sorted. */
  viewers: string[];
  /** Groups of people, each once and sorted. */
  operators: string[];
  /** Programs, sorted by name. */
  clients: Client[];
  /** Tokens that the gateway accepts; absent when every client has a key. */
  tokens?: GatewayTokens;
}

/** Roles that groups are given, as the declaration names them. */
const GROUP_ROLES = ["viewers", "operators"] as const;

/**
 * Checks that the people of a tenant are named by ordinary groups.
 *
 * @param at Leads to what is below the tenant.
 */
export function checkGroups(access: Draft<AccessSpec>, at: At, report: Report): void {
  for (const role of GROUP_ROLES) {
    for (const { item: group, index } of present(access[role])) {
      const problem = reasonAgainst(group);
      if (problem === undefined) continue;
      report({
        path: at("access", role, index),
        value: group,
        problem,
        allowed: "a group of people that the cluster's authenticator names",
        fix: "name the group of the tenant's own people",
      });
    }
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
}

/** Reports every group that has rights over two tenants, at the second of them: its members would reach both. */
export function checkGroupsUnique(tenants: readonly (WithGroups | undefined)[], report: Report): void {
  const owners = new Map<string, { tenant: number; name: string | undefined }>();
  for (const { item, index: tenant } of present(tenants)) {
    for (const role of GROUP_ROLES) {
      for (const { item: group, index } of present(item.access?.[role])) {
        const owner = owners.get(group);
        if (owner === undefined) owners.set(group, { tenant, name: item.name });
        if (owner === undefined || owner.tenant === tenant) continue;
        report({
          path: below("tenants", tenant)("access", role, index),
          value: group,
          problem: `is a group of the tenant ${owner.name ?? "before"} as well, and its members would reach both tenants`,
          allowed: "a group that no other tenant names",
          fix: "make a group for each tenant, with the same people where need be",
        });
      }
    }
  }
}

/** Sorts groups and clients. */
export function resolveAccess(spec: AccessSpec, context: ClientContext): Access {
  const clients = resolveClients(spec.clients ?? [], context.models);
  return {
    viewers: sorted(spec.viewers),
    operators: sorted(spec.operators),
    clients,
    ...acceptedTokens(clients, context),
  };
}

function sorted(groups: string[] = []): string[] {
  return [...new Set(groups)].sort();
}

function acceptedTokens(clients: Client[], { namespace, issuer }: ClientContext): Pick<Access, "tokens"> {
  if (issuer === undefined || !clients.some(({ serviceAccount }) => serviceAccount !== undefined)) return {};
  return { tokens: { issuer: issuer.url, audience: tokenAudience(namespace), keys: issuer.keys } };
}

import type { AccessSpec, TenantSpec } from "../../spec/index";
import type { GatewayTokens } from "../../gateway/input";
import { reporter, type Fault, type Report } from "../faults";
import { tokenAudience } from "../../spec/names";
import { resolveClients, type Client, type ClientContext } from "./clients";

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

/** Sorts groups and clients and refuses groups that would hand a tenant to everybody or to workloads. */
export function resolveAccess(spec: AccessSpec, context: ClientContext, report: Report): Access {
  const clients = resolveClients(spec.clients ?? [], context, report);
  return {
    viewers: resolveGroups(spec.viewers ?? [], "access.viewers", report),
    operators: resolveGroups(spec.operators ?? [], "access.operators", report),
    clients,
    ...acceptedTokens(clients, context),
  };
}

/** Roles that groups are given, as the declaration names them. */
export const GROUP_ROLES = ["viewers", "operators"] as const;

/** A group of a tenant, and where the tenant names it. */
export interface GroupUse {
  /** Index of the tenant. */
  tenant: number;
  role: (typeof GROUP_ROLES)[number];
  index: number;
  group: string;
}

/** Finds every use of a group that an earlier tenant of the list names, with that tenant. */
export function sharedGroups(uses: readonly GroupUse[]): { use: GroupUse; owner: number }[] {
  const owners = new Map<string, number>();
  return uses.flatMap((use) => {
    const owner = owners.get(use.group) ?? use.tenant;
    owners.set(use.group, owner);
    return owner === use.tenant ? [] : [{ use, owner }];
  });
}

/** Reports every group that has rights over two tenants: its members would reach both. */
export function checkGroupsUnique(tenants: TenantSpec[], faults: Fault[]): void {
  const uses = tenants.flatMap(({ name, access }) =>
    GROUP_ROLES.flatMap((role) =>
      (access?.[role] ?? []).map((group, index) => ({
        tenant: tenants.findIndex((one) => one.name === name),
        role,
        index,
        group,
      })),
    ),
  );
  for (const { use, owner } of sharedGroups(uses)) {
    reporter(
      faults,
      "tenant",
      tenants[use.tenant]?.name ?? "",
    )(
      `access.${use.role}[${use.index}]`,
      `${JSON.stringify(use.group)} is a group of tenant ${tenants[owner]?.name} already, and its members would reach both: name a group of this tenant's own`,
    );
  }
}

function acceptedTokens(clients: Client[], { namespace, issuer }: ClientContext): Pick<Access, "tokens"> {
  if (issuer === undefined || !clients.some(({ serviceAccount }) => serviceAccount !== undefined)) return {};
  return { tokens: { issuer: issuer.url, audience: tokenAudience(namespace), keys: issuer.keys } };
}

function resolveGroups(groups: string[], path: string, report: Report): string[] {
  groups.forEach((group, index) => {
    if (group.trim() === "") report(`${path}[${index}]`, "is blank: write the name of a group");
    if (group.startsWith("system:")) {
      report(
        `${path}[${index}]`,
        `${JSON.stringify(group)} is one of Kubernetes' own groups, which reach beyond the tenant: name a group of people`,
      );
    }
  });
  return [...new Set(groups)].sort();
}

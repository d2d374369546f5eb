import { GROUP_ROLES, sharedGroups } from "../plan/resolve/access";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import type { TenantSpec } from "../spec/index";

/** Checks that the people of a tenant are named by ordinary groups, and that no group has rights over two tenants. */
export function validateAccess({ spec: { tenants } }: Declared, report: Report): void {
  for (const { item, index } of present(tenants)) {
    for (const role of GROUP_ROLES) validateGroups(item, index, role, report);
  }
  validateOwners(tenants, report);
}

/** A group of two tenants is reported at the second of them, in the order of the tenants. */
function validateOwners(tenants: Declared["spec"]["tenants"], report: Report): void {
  const uses = present(tenants).flatMap(({ item: { access }, index: tenant }) =>
    GROUP_ROLES.flatMap((role) =>
      present(access?.[role]).map(({ item, index }) => ({ tenant, role, index, group: item })),
    ),
  );
  for (const { use, owner } of sharedGroups(uses)) {
    report({
      path: ["tenants", use.tenant, "access", use.role, use.index],
      value: use.group,
      problem: `is a group of the tenant ${tenants?.[owner]?.name ?? "before"} as well, and its members would reach both tenants`,
      allowed: "a group that no other tenant names",
      fix: "make a group for each tenant, with the same people where need be",
    });
  }
}

function validateGroups(
  { access }: Draft<TenantSpec>,
  tenant: number,
  role: "viewers" | "operators",
  report: Report,
): void {
  for (const { item: group, index } of present(access?.[role])) {
    const problem = reasonAgainst(group);
    if (problem === undefined) continue;
    report({
      path: ["tenants", tenant, "access", role, index],
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
  if (/service-?accounts?\b/i.test(group)) return "names service accounts: workloads get no rights over a tenant";
  if (group.includes("*")) return "has a `*`, but groups are compared letter by letter";
  return undefined;
}

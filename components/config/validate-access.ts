import { GROUP_ROLES, sharedGroups } from "../plan/resolve/access";
import { present, type Checked, type PlatformDraft, type TenantFile } from "./documents";

/** Checks that the people of a tenant are named by ordinary groups, and that no group has rights over two tenants. */
export function validateAccess({ tenants }: PlatformDraft): void {
  for (const tenant of tenants) {
    for (const role of GROUP_ROLES) validateGroups(tenant, role);
  }
  validateOwners(tenants);
}

/** A group of two tenants is reported at the second of them, in the order of the files. */
function validateOwners(tenants: Checked<TenantFile>[]): void {
  const uses = tenants.flatMap(({ file, draft }) =>
    GROUP_ROLES.flatMap((role) =>
      present(draft.spec?.access?.[role]).map(({ item, index }) => ({ tenant: file, role, index, group: item })),
    ),
  );
  for (const { use, owner } of sharedGroups(uses)) {
    tenants
      .find(({ file }) => file === use.tenant)
      ?.report({
        path: ["spec", "access", use.role, use.index],
        value: use.group,
        problem: `is a group of ${owner} as well, and its members would reach both tenants`,
        allowed: "a group that no other tenant names",
        fix: "make a group for each tenant, with the same people where need be",
      });
  }
}

function validateGroups({ draft, report }: Checked<TenantFile>, role: "viewers" | "operators"): void {
  for (const { item: group, index } of present(draft.spec?.access?.[role])) {
    const problem = reasonAgainst(group);
    if (problem === undefined) continue;
    report({
      path: ["spec", "access", role, index],
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

import { tenantNamespace } from "../spec/names";
import { faultsOfAccounts } from "../plan/resolve/service-accounts";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import { below, valueAt, type At } from "../spec/path";
import type { TenantSpec } from "../spec/index";

/** Checks the ServiceAccounts that clients call as. */
export function validateTokens({ spec: { cluster, tenants } }: Declared, report: Report): void {
  const issuer = cluster?.serviceAccountIssuer;
  for (const { item, index } of present(tenants)) {
    validateAccounts(item, issuer !== undefined, below("tenants", index), report);
  }
}

function validateAccounts(
  { name: tenant, access }: Draft<TenantSpec>,
  hasIssuer: boolean,
  at: At,
  report: Report,
): void {
  const clients = access?.clients;
  if (tenant === undefined || clients === undefined) return;
  for (const { path, problem, fix } of faultsOfAccounts(clients, { namespace: tenantNamespace(tenant), hasIssuer })) {
    const value = valueAt(clients, path);
    const shown = value === undefined || typeof value === "object" ? {} : { value };
    report({ path: at("access", "clients", ...path), ...shown, problem, fix });
  }
}

import { tenantNamespace } from "../plan/names";
import { faultsOfAccounts, type AccountDraft } from "../plan/resolve/service-accounts";
import { faultsOfIssuer } from "../plan/resolve/token-issuer";
import { stackPath, type Checked, type PlatformDraft, type TenantFile } from "./documents";
import type { Path } from "./paths";

/** Checks the issuer of ServiceAccount tokens, and the ServiceAccounts that clients call as. */
export function validateTokens({ stack, tenants }: PlatformDraft): void {
  const issuer = stack.draft.config?.["ollama-platform:cluster"]?.serviceAccountIssuer;
  for (const { path, problem, fix } of faultsOfIssuer(issuer ?? {})) {
    // Values are left out: the text of a key says nothing to people, and a private one is not to be shown.
    stack.report({ path: stackPath("cluster", "serviceAccountIssuer", ...path), problem, fix });
  }
  for (const tenant of tenants) validateAccounts(tenant, issuer !== undefined);
}

function validateAccounts({ draft, report }: Checked<TenantFile>, hasIssuer: boolean): void {
  const tenant = draft.metadata?.name;
  const clients = draft.spec?.access?.clients;
  if (tenant === undefined || clients === undefined) return;
  for (const { path, problem, fix } of faultsOfAccounts(clients, { namespace: tenantNamespace(tenant), hasIssuer })) {
    report({ path: ["spec", "access", "clients", ...path], ...valueAt(clients, path), problem, fix });
  }
}

/** The value at a fault; nothing for a whole mapping. */
function valueAt(clients: readonly (AccountDraft | undefined)[], path: Path): { value?: unknown } {
  const value = path.reduce<unknown>(
    (holder, step) => (holder as Record<string, unknown> | undefined)?.[step],
    clients,
  );
  return value === undefined || typeof value === "object" ? {} : { value };
}

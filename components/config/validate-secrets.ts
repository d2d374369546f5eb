import { faultsOfSecrets, secretValueName } from "../plan/resolve/secrets";
import { present, type Checked, type PlatformDraft, type TenantFile } from "./documents";
import type { TenantSecretSpec } from "./spec";
import { secretKey, type StackSecrets } from "./stack-secrets";
import { useKnown } from "./suggest";

/** Checks the Secrets of tenants, and that the stack's config has an encrypted value for each reference. */
export function validateSecrets({ tenants, secrets }: PlatformDraft): void {
  for (const tenant of tenants) {
    const specs = present(tenant.draft.spec?.secrets).map(({ item }) => item as Partial<TenantSecretSpec>);
    for (const { path, problem, fix } of faultsOfSecrets(specs)) {
      tenant.report({ path: ["spec", "secrets", ...path], problem, fix });
    }
    validateReferences(tenant, secrets);
  }
}

function validateReferences({ draft, report }: Checked<TenantFile>, { encrypted, clear }: StackSecrets): void {
  const tenant = draft.metadata?.name;
  if (tenant === undefined) return;
  for (const { item, index } of present(draft.spec?.secrets)) {
    for (const [key, reference] of Object.entries(item.data ?? {})) {
      if (typeof reference !== "string" || encrypted.includes(secretValueName(tenant, reference))) continue;
      const isClear = clear.includes(secretValueName(tenant, reference));
      const own = encrypted.flatMap((name) => (name.startsWith(`${tenant}.`) ? [name.slice(tenant.length + 1)] : []));
      const command = `\`pulumi config set --secret ${secretKey(tenant, reference)}\``;
      report({
        path: ["spec", "secrets", index, "data", key],
        restsOn: [["metadata", "name"]],
        problem: isClear
          ? `refers to ${secretKey(tenant, reference)}, whose value is in clear in the stack's config`
          : `refers to ${secretKey(tenant, reference)}, which the stack's config has not`,
        allowed: "the name of an encrypted value of the tenant's own",
        fix: isClear ? `set it again with ${command}` : useKnown(reference, own, `set it with ${command}`),
      });
    }
  }
}

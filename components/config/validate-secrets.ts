import { faultsOfSecrets, secretValueName } from "../plan/resolve/secrets";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import { below, type At } from "../spec/path";
import type { TenantSecretSpec, TenantSpec } from "../spec/index";
import { secretKey, type StackSecrets } from "./stack-secrets";
import { useKnown } from "./suggest";

/** Checks the Secrets of tenants, and that the stack's config has an encrypted value for each reference. */
export function validateSecrets({ spec: { tenants }, secrets }: Declared, report: Report): void {
  for (const { item: tenant, index } of present(tenants)) {
    const at = below("tenants", index);
    const specs = present(tenant.secrets).map(({ item }) => item as Partial<TenantSecretSpec>);
    for (const { path, problem, fix } of faultsOfSecrets(specs)) {
      report({ path: at("secrets", ...path), problem, fix });
    }
    if (secrets !== undefined) validateReferences(tenant, secrets, at, report);
  }
}

function validateReferences(
  { name: tenant, secrets }: Draft<TenantSpec>,
  { encrypted, clear }: StackSecrets,
  at: At,
  report: Report,
): void {
  if (tenant === undefined) return;
  for (const { item, index } of present(secrets)) {
    for (const [key, reference] of Object.entries(item.data ?? {})) {
      if (typeof reference !== "string" || encrypted.includes(secretValueName(tenant, reference))) continue;
      const isClear = clear.includes(secretValueName(tenant, reference));
      const own = encrypted.flatMap((name) => (name.startsWith(`${tenant}.`) ? [name.slice(tenant.length + 1)] : []));
      const command = `\`pulumi config set --secret ${secretKey(tenant, reference)}\``;
      report({
        path: at("secrets", index, "data", key),
        restsOn: [at("name")],
        problem: isClear
          ? `refers to ${secretKey(tenant, reference)}, whose value is in clear in the stack's config`
          : `refers to ${secretKey(tenant, reference)}, which the stack's config has not`,
        allowed: "the name of an encrypted value of the tenant's own",
        fix: isClear ? `set it again with ${command}` : useKnown(reference, own, `set it with ${command}`),
      });
    }
  }
}

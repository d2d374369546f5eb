import * as path from "node:path";
import { present, stackPath, type Checked, type PlatformDraft, type TenantFile } from "./documents";

/** Checks that names are unique and that a tenant file is named after its tenant. */
export function validateNames({ stack, tenants }: PlatformDraft): void {
  for (const tenant of tenants) {
    const name = tenant.draft.metadata?.name;
    if (name !== undefined) validateTenantName(tenant, name, ownerOf(name, tenants));
  }
  validatePoolNames(stack);
}

function validateTenantName({ file, report }: Checked<TenantFile>, name: string, owner: Checked<TenantFile>): void {
  const place = { path: ["metadata", "name"], value: name };
  if (owner.file !== file) {
    report({
      ...place,
      problem: `is the name of the tenant in ${owner.file} as well`,
      allowed: "a name that no other tenant has",
      fix: `rename one of the two, or remove ${file}`,
    });
  } else if (name !== baseName(file)) {
    report({
      ...place,
      problem: "is not the name of the file",
      allowed: `\`${baseName(file)}\``,
      fix: `name the file ${name}.yaml, or the tenant \`${baseName(file)}\``,
    });
  }
}

/** The file that a tenant's name belongs to when several claim it: the one that is named so, else the first. */
function ownerOf(name: string, tenants: Checked<TenantFile>[]): Checked<TenantFile> {
  const claims = tenants.filter(({ draft }) => draft.metadata?.name === name);
  const owner = claims.find(({ file }) => baseName(file) === name) ?? claims[0];
  if (owner === undefined) throw new Error(`no file claims the name ${name}`);
  return owner;
}

function baseName(file: string): string {
  return path.posix.basename(file).replace(/\.ya?ml$/, "");
}

function validatePoolNames({ draft, report }: PlatformDraft["stack"]): void {
  const pools = new Set<string>();
  for (const { item, index } of present(draft.config?.["ollama-platform:nodePools"])) {
    if (item.name === undefined) continue;
    if (pools.has(item.name)) {
      const problem = "is the name of an earlier node pool as well";
      report({
        path: stackPath("nodePools", index, "name"),
        value: item.name,
        problem,
        allowed: "a name that no other pool has",
        fix: "rename one of the two, or remove it",
      });
    }
    pools.add(item.name);
  }
}

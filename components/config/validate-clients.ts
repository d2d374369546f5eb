import { ModelNameError, parseModelName } from "../models/names";
import { isDate } from "../plan/date";
import { present, type Checked, type PlatformDraft, type TenantFile } from "./documents";
import type { Path } from "./paths";
import { listNames } from "./suggest";

/** Checks that a tenant's clients have names, models and dates that mean something. */
export function validateClients({ tenants }: PlatformDraft): void {
  for (const tenant of tenants) {
    validateClientNames(tenant);
    validateClientModels(tenant);
    validateDates(tenant);
  }
}

const at = (index: number, ...rest: Path): Path => ["spec", "access", "clients", index, ...rest];

function validateClientNames({ draft, report }: Checked<TenantFile>): void {
  const names = new Set<string>();
  for (const { item, index } of present(draft.spec?.access?.clients)) {
    if (item.name === undefined) continue;
    if (names.has(item.name)) {
      report({
        path: at(index, "name"),
        value: item.name,
        problem: "is the name of an earlier client as well",
        allowed: "a name that no other client of the tenant has",
        fix: "rename one of the two, or remove it",
      });
    }
    names.add(item.name);
  }
}

/** A client can be given less than its tenant, never more. Names that the tenant is denied are not its models. */
function validateClientModels({ draft, report }: Checked<TenantFile>): void {
  const { allow, deny } = draft.spec?.models ?? {};
  const denied = canonicalNames(deny);
  const allowed = [...canonicalNames(allow)].filter(([canonical]) => !denied.has(canonical));
  for (const { item: client, index } of present(draft.spec?.access?.clients)) {
    for (const { item: name, index: position } of present(client.models)) {
      const canonical = canonicalName(name);
      if (canonical !== undefined && allowed.some(([other]) => other === canonical)) continue;
      report({
        path: at(index, "models", position),
        value: name,
        restsOn: [["spec", "models"]],
        problem: "is not a model that the tenant may use",
        allowed: listNames(allowed.map(([, written]) => written)),
        fix: "add it to `models.allow` of the tenant, or remove it",
      });
    }
  }
}

/** Names as they are written, by canonical name; malformed ones are reported where the lists are checked. */
function canonicalNames(names: readonly (string | undefined)[] | undefined): Map<string, string> {
  return new Map(
    present(names).flatMap(({ item }) => {
      const canonical = canonicalName(item);
      return canonical === undefined ? [] : [[canonical, item]];
    }),
  );
}

function canonicalName(name: string): string | undefined {
  try {
    return parseModelName(name).canonical;
  } catch (error) {
    if (!(error instanceof ModelNameError)) throw error;
    return undefined;
  }
}

function validateDates({ draft, report }: Checked<TenantFile>): void {
  for (const { item, index } of present(draft.spec?.access?.clients)) {
    if (item.expires === undefined || isDate(item.expires)) continue;
    report({
      path: at(index, "expires"),
      value: item.expires,
      problem: "is no day of the calendar",
      allowed: "a date such as `2027-01-31`",
      fix: "correct the date, or remove it for keys without a last day",
    });
  }
}

import { ModelNameError, parseModelName } from "../models/names";
import { isDate } from "../spec/date";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import { below, type At } from "../spec/path";
import type { TenantSpec } from "../spec/index";
import { listNames } from "./suggest";

/** Checks that a tenant's clients have names, models and dates that mean something. */
export function validateClients({ spec: { tenants } }: Declared, report: Report): void {
  for (const { item, index } of present(tenants)) {
    const at = below("tenants", index);
    validateClientNames(item, at, report);
    validateClientModels(item, at, report);
    validateDates(item, at, report);
  }
}

function validateClientNames({ access }: Draft<TenantSpec>, at: At, report: Report): void {
  const names = new Set<string>();
  for (const { item, index } of present(access?.clients)) {
    if (item.name === undefined) continue;
    if (names.has(item.name)) {
      report({
        path: at("access", "clients", index, "name"),
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
function validateClientModels({ access, models }: Draft<TenantSpec>, at: At, report: Report): void {
  const { allow, deny } = models ?? {};
  const denied = canonicalNames(deny);
  const allowed = [...canonicalNames(allow)].filter(([canonical]) => !denied.has(canonical));
  for (const { item: client, index } of present(access?.clients)) {
    for (const { item: name, index: position } of present(client.models)) {
      const canonical = canonicalName(name);
      if (canonical !== undefined && allowed.some(([other]) => other === canonical)) continue;
      report({
        path: at("access", "clients", index, "models", position),
        value: name,
        restsOn: [at("models")],
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

function validateDates({ access }: Draft<TenantSpec>, at: At, report: Report): void {
  for (const { item, index } of present(access?.clients)) {
    if (item.expires === undefined || isDate(item.expires)) continue;
    report({
      path: at("access", "clients", index, "expires"),
      value: item.expires,
      problem: "is no day of the calendar",
      allowed: "a date such as `2027-01-31`",
      fix: "correct the date, or remove it for keys without a last day",
    });
  }
}

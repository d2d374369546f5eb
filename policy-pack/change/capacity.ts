/** Quotas and limits of pools that allow more than before. */
import { record } from "../model/json";
import { formatMilli, parseMilli } from "../model/quantity";
import { quotaLimits } from "../readers/capacity";
import { pools } from "../readers/pools";
import type { State, Weakening } from "./weakening";

/** Amounts by key, in thousandths; a key that is missing has no end. */
type Amounts = Readonly<Record<string, bigint | undefined>>;

/** Amounts of `after` that are larger than in `before`, or no longer limited. New namespaces and pools are not compared. */
export function capacityWeakenings(before: State, after: State): Weakening[] {
  const quotas = after.model.tenantNamespaces().flatMap(({ name, tenant }) => {
    if (!before.model.namespaces.has(name)) return [];
    return entry(
      `The quota of ${name}`,
      raised(quotaLimits(before.model, name), quotaLimits(after.model, name)),
      tenant,
    );
  });
  const old = new Map(poolLimits(before));
  const grown = poolLimits(after).flatMap(([name, limits]) => {
    const known = old.get(name);
    if (known === undefined) return [];
    return entry(`The limit of pool ${name}`, raised(known, limits));
  });
  return [...quotas, ...grown];
}

function entry(what: string, amounts: readonly string[], tenant?: string): Weakening[] {
  return amounts.length === 0 ? [] : [{ kind: "amount", tenant, what: `${what} is higher: ${amounts.join(", ")}.` }];
}

function raised(before: Amounts, after: Amounts): string[] {
  return Object.entries(before).flatMap(([key, was]) => {
    const is = after[key];
    if (was === undefined) return [];
    if (is === undefined) return [`${key} without an end (was ${formatMilli(was)})`];
    return is > was ? [`${key} ${formatMilli(is)} (was ${formatMilli(was)})`] : [];
  });
}

function poolLimits({ model, configuration }: State): [string, Amounts][] {
  return pools(model, configuration)
    .filter(({ limits }) => limits !== undefined)
    .map(({ name, limits }) => [
      name,
      Object.fromEntries(Object.entries(record(limits)).map(([key, value]) => [key, parseMilli(value)])),
    ]);
}

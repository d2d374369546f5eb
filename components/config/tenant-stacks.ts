import { createHash } from "node:crypto";
import type { Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import type { Integer, Name } from "../spec/forms";
import { quoteNames, useKnown } from "../spec/suggest";

/** How the tenants of an environment are spread over stacks beside the platform's own. */
export interface TenantStacksSpec {
  /**
   * Number of stacks that hold tenants. The platform's own stack holds everything that they share. Six or seven tenants a stack are quickest.
   * @minimum 1 @maximum 100 @examples [6]
   */
  count: Integer;
  /**
   * Tenants that lie in a certain stack, whatever their name gives. Default: none.
   * @default [] @examples [[{ "tenant": "finance", "stack": 2 }]]
   */
  placed?: PlacedTenantSpec[];
}

/** A tenant that lies in a certain stack. */
export interface PlacedTenantSpec {
  /**
   * Name of the tenant.
   * @examples ["finance"]
   */
  tenant: Name;
  /**
   * Number of its stack, from 1.
   * @minimum 1 @maximum 100 @examples [2]
   */
  stack: Integer;
}

const KEY = "tenantStacks";
const NUMBERED = /^(.+)-tenants-([1-9]\d*)$/;

/** Name of a stack with tenants, for example `prod-tenants-2` of the environment `prod`. */
export function tenantStackName(environment: string, number: number): string {
  return `${environment}-tenants-${number}`;
}

/** What a stack's name says when its environment has stacks for tenants. */
interface StackName {
  environment: string;
  /** Number of the stack with tenants; absent for the platform's own. */
  number?: number;
}

/** Reads the name of a stack of an environment that has stacks for tenants. */
export function readStackName(stack: string): StackName {
  const [, environment, number] = NUMBERED.exec(stack) ?? [];
  return environment === undefined ? { environment: stack } : { environment, number: Number(number) };
}

/**
 * The number of the stack of each tenant. It depends on the tenant's name and the number of stacks alone, so that no tenant moves when another
 * comes or goes; and with one stack more, only about so many tenants move as it takes.
 */
export function assignTenants(names: readonly string[], { count, placed = [] }: TenantStacksSpec): Map<string, number> {
  const fixed = new Map(placed.map(({ tenant, stack }) => [tenant, stack]));
  return new Map(names.map((name) => [name, fixed.get(name) ?? numberOf(name, count)]));
}

/** Rendezvous hashing: each stack draws a number for the tenant, and the highest has it. */
function numberOf(tenant: string, count: number): number {
  const draws = Array.from({ length: count }, (_, index) => draw(`${tenant}/${index + 1}`));
  return draws.indexOf([...draws].sort().at(-1) ?? "") + 1;
}

const draw = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Checks what the schema cannot.
 *
 * @param tenants Names of the declared tenants; undefined for one whose file cannot be read.
 */
export function checkTenantStacks(
  environment: string,
  spec: Draft<TenantStacksSpec> | undefined,
  tenants: readonly (string | undefined)[],
  report: Report,
): void {
  if (spec === undefined) return;
  if (NUMBERED.test(environment)) {
    report({
      path: [KEY],
      problem: `cannot be set in the environment ${environment}, whose name is one of a stack with tenants`,
      allowed: "in an environment whose name does not end in `-tenants-` and a number",
      fix: "give the stack another name, or take the key out",
    });
  }
  const names = tenants.filter((name) => name !== undefined);
  const places = spec.placed ?? [];
  places.forEach((place, index) => {
    const { tenant, stack } = place ?? {};
    if (tenant !== undefined && names.length === tenants.length && !names.includes(tenant)) {
      report({
        path: [KEY, "placed", index, "tenant"],
        value: tenant,
        problem: "is not a tenant of the environment",
        allowed: names.length === 0 ? "no tenant, since there is none" : quoteNames(names),
        fix: useKnown(tenant, names, "") || "write the name of a tenant, or take the entry out",
      });
    }
    if (tenant !== undefined && places.findIndex((other) => other?.tenant === tenant) < index) {
      report({
        path: [KEY, "placed", index, "tenant"],
        value: tenant,
        problem: "is placed twice",
        allowed: "one entry for each tenant",
        fix: "take one of the entries out",
      });
    }
    if (stack !== undefined && spec.count !== undefined && stack > spec.count) {
      report({
        path: [KEY, "placed", index, "stack"],
        value: stack,
        problem: `there are only ${spec.count} stacks with tenants`,
        allowed: `a whole number from 1 to ${spec.count}`,
        fix: `write a smaller number, or raise \`${KEY}.count\``,
        restsOn: [[KEY, "count"]],
      });
    }
  });
}

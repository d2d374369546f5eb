import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import type { LoadedEnvironment } from "./config/load";
import { readStackFile } from "./config/stack-file";
import { TENANT_SECRETS } from "./config/stack-secrets";
import { assignTenants, readStackName, tenantStackName } from "./config/tenant-stacks";
import { digestsOfPart, planOfPart, planPart, type PlatformPart } from "./plan/part";
import { type PlatformPlan, resolvePlatform } from "./plan/platform";
import type { PlatformSpec } from "./spec/index";
import { refusal } from "./refusal";

/** One stack of an environment whose tenants lie in stacks of their own. */
export interface StackPart extends PlatformPart {
  /** Name of the stack. */
  stack: string;
}

/** Type of the resource that is registered when everything else of a part is there, and goes before anything else does. */
export const APPLIED_PART = "ollama-platform:index:AppliedPart";

/** The tenant whose component has a URN; none for every other resource. */
export function tenantOfUrn(urn: string): string[] {
  const [, , types = "", name = ""] = urn.split("::");
  const tenant = /^ollama-tenant-(.+)$/.exec(name)?.[1];
  return tenant !== undefined && types.split("$").at(-1) === TENANT ? [tenant] : [];
}

const TENANT = "ollama-platform:index:Tenant";

/** Where the tenants of an environment with several stacks lie. */
export interface StackPlaces {
  /** All stacks, the platform's first. */
  stacks: Omit<StackPart, "digest" | "objects" | "plan">[];
  /** Name of the stack of each tenant. */
  stackOf: Record<string, string>;
}

/** What says how an environment is spread over stacks. */
type Spread = Pick<LoadedEnvironment, "spec" | "tenantStacks">;

/** The stacks of an environment that has several; undefined for one that a single stack holds. */
export function stacksOfEnvironment({ spec, tenantStacks }: Spread): StackPlaces | undefined {
  if (tenantStacks === undefined) return undefined;
  const { environment } = spec;
  const names = spec.tenants.map(({ name }) => name);
  const numbers = assignTenants(names, tenantStacks);
  const others = Array.from({ length: tenantStacks.count }, (_, index) => ({
    stack: tenantStackName(environment, index + 1),
    hasPlatform: false,
    tenants: names.filter((name) => numbers.get(name) === index + 1),
  }));
  return {
    stacks: [{ stack: environment, hasPlatform: true, tenants: [] }, ...others],
    stackOf: Object.fromEntries(names.map((name) => [name, tenantStackName(environment, numbers.get(name) ?? 1)])),
  };
}

/**
 * What each stack of an environment registers.
 *
 * @param root Folder of the project.
 * @param plan Plan of the whole.
 */
export function partsOfEnvironment({ stacks }: StackPlaces, root: string, plan: PlatformPlan): StackPart[] {
  const digestsOf = digests(root, plan.environment);
  return stacks.map((place) => ({ ...place, ...digestsOf(planOfPart(plan, place)) }));
}

/** Digests of what stacks register: of their plans, of the program, and of the config that concerns them. */
function digests(root: string, environment: string): (plan: PlatformPlan) => Pick<StackPart, "digest" | "objects"> {
  const program = programDigest(root);
  const config = foreignConfig(root, environment);
  return (plan) => {
    const tenants = plan.tenants.map(({ tenant }) => tenant.name);
    return digestsOfPart(plan, [program, config.filter((key) => concerns(key, tenants))]);
  };
}

/**
 * The environment of a stack.
 *
 * @param hasTenantStacks Whether the stack's config spreads the tenants over stacks.
 */
export function environmentOf(stack: string, hasTenantStacks: boolean): string {
  return hasTenantStacks ? readStackName(stack).environment : stack;
}

/**
 * What a stack registers, planned without what others do.
 *
 * @param root Folder of the project.
 * @throws RunError when the environment has no such stack any more.
 */
export function partOfStack(stack: string, { stacks }: StackPlaces, root: string, spec: PlatformSpec): StackPart {
  const place = stacks.find((each) => each.stack === stack);
  if (place !== undefined) {
    const plan = planPart(resolvePlatform(spec), place);
    return { ...place, plan, ...digests(root, spec.environment)(plan) };
  }
  const environment = stacks[0]?.stack ?? stack;
  throw refusal(
    `stack ${stack} is none of the environment ${environment}, which has ${stacks.length - 1} stacks with tenants: ` +
      `\`npm run stacks -- --stack ${environment} --move\` moves what it holds to where it belongs`,
  );
}

/** Config of others than the program, such as the provider's; secrets as they are encrypted. */
function foreignConfig(root: string, environment: string): [key: string, value: unknown][] {
  const { source } = readStackFile(root, `Pulumi.${environment}.yaml`);
  const { config } = (source?.value ?? {}) as { config?: Record<string, unknown> };
  return Object.entries(config ?? {}).filter(([key]) => !key.startsWith("ollama-platform:"));
}

function concerns([key]: [key: string, value: unknown], tenants: readonly string[]): boolean {
  if (!key.startsWith(`${TENANT_SECRETS}:`)) return true;
  return tenants.some((tenant) => key.startsWith(`${TENANT_SECRETS}:${tenant}.`));
}

/** What registers the plan: the program's entry, the components and the versions of its packages. */
function programDigest(root: string): string {
  const components = path.join(root, "components");
  const files = [
    ...["index.ts", "program.ts", "package.json"].map((name) => path.join(root, name)),
    ...readdirSync(components)
      .filter((name) => name.endsWith(".ts"))
      .sort()
      .map((name) => path.join(components, name)),
  ];
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex");
}

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import type { LoadedEnvironment } from "./config/load";
import { readStackFile } from "./config/stack-file";
import { TENANT_SECRETS } from "./config/stack-secrets";
import { assignTenants, readStackName, tenantStackName } from "./config/tenant-stacks";
import { digestOfPart, type PlatformPart } from "./plan/part";
import { planPlatform, type PlatformPlan } from "./plan/platform";
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

/** All stacks of an environment, the platform's first. */
export interface StackParts {
  parts: StackPart[];
  /** Name of the stack of each tenant. */
  stackOf: Record<string, string>;
}

/**
 * The stacks of an environment that has several, with digests of what each registers.
 *
 * @param root Folder of the project.
 * @param plan Plan of the whole. Default: it is planned.
 * @returns Undefined for an environment that one stack holds.
 */
export function partsOfEnvironment(
  { spec, tenantStacks }: LoadedEnvironment,
  root: string,
  plan: PlatformPlan = planPlatform(spec),
): StackParts | undefined {
  if (tenantStacks === undefined) return undefined;
  const { environment } = spec;
  const names = spec.tenants.map(({ name }) => name);
  const numbers = assignTenants(names, tenantStacks);
  const program = programDigest(root);
  const config = foreignConfig(root, environment);
  const part = (stack: string, hasPlatform: boolean, tenants: string[]): StackPart => {
    const own = { hasPlatform, tenants };
    return {
      ...own,
      stack,
      digest: digestOfPart(plan, own, [program, config.filter((key) => concerns(key, tenants))]),
    };
  };
  const stacks = Array.from({ length: tenantStacks.count }, (_, index) => index + 1);
  return {
    parts: [
      part(environment, true, []),
      ...stacks.map((number) =>
        part(
          tenantStackName(environment, number),
          false,
          names.filter((name) => numbers.get(name) === number),
        ),
      ),
    ],
    stackOf: Object.fromEntries(names.map((name) => [name, tenantStackName(environment, numbers.get(name) ?? 1)])),
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

/** The part of a stack. Throws when the environment has no such stack any more. */
export function partOfStack(stack: string, { parts }: StackParts): StackPart {
  const own = parts.find((part) => part.stack === stack);
  if (own !== undefined) return own;
  const environment = parts[0]?.stack ?? stack;
  throw refusal(
    `stack ${stack} is none of the environment ${environment}, which has ${parts.length - 1} stacks with tenants: ` +
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

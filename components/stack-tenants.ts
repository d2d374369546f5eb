import * as pulumi from "@pulumi/pulumi";
import { quoteNames } from "./spec/suggest";
import { refusal } from "./refusal";
import { tenantOfUrn } from "./stack-parts";

/** What a stack's outputs say of the tenants that it holds. */
export interface HoldingOutputs {
  platform?: { tenants?: object };
  /** Tenants whose objects are the stack's own. Absent in a stack that holds the whole environment. */
  ownTenants?: string[];
  /** Stack of each tenant, in the outputs of the platform's stack; absent where that stack holds them itself. */
  tenantStacks?: Record<string, string>;
}

/** Tenants that a stack held after its last update. */
export function heldTenants({ ownTenants, platform }: HoldingOutputs): string[] {
  return ownTenants ?? Object.keys(platform?.tenants ?? {});
}

/**
 * Refuses an update that would delete a tenant that is still declared, or make a second time what another stack holds, because the
 * environment's stacks have changed and its tenants have not been moved.
 *
 * @param stack Name of this stack.
 * @param own Names of the tenants that it is to hold.
 * @param declared Names of all tenants of the environment.
 * @param others Names of the environment's other stacks, of those too that it had.
 */
export async function refuseUnmoved(
  stack: string,
  own: readonly string[],
  declared: readonly string[],
  others: readonly string[],
  last: HoldingOutputs,
): Promise<void> {
  if (others.length === 0) return;
  const before = heldTenants(last);
  const leaving = before.filter((name) => declared.includes(name) && !own.includes(name));
  const coming = own.filter((name) => !before.includes(name));
  // Outputs are those of the last update; what was moved since is known by the resources alone.
  if (leaving.length === 0 && coming.length === 0) return;
  // A stack that was never updated may have no resources at all, which the engine cannot be asked for.
  const here = Object.keys(last).length === 0 ? new Set<string>() : await tenantsIn(stack);
  const unmoved = leaving.filter((name) => here.has(name));
  if (unmoved.length > 0) throw notMoved(stack, unmoved, `${stack} still holds`);
  const wanted = coming.filter((name) => !here.has(name));
  if (wanted.length === 0) return;
  const elsewhere = await Promise.all(others.map((other) => tenantsOf(other, wanted)));
  elsewhere.forEach((theirs, index) => {
    if (theirs.length > 0) throw notMoved(stack, theirs, `stack ${others[index]} holds`);
  });
}

/** Which of some tenants another stack holds. */
async function tenantsOf(stack: string, wanted: readonly string[]): Promise<string[]> {
  const outputs = await outputsOf(stack);
  const told = outputs === undefined ? [] : heldTenants(outputs).filter((name) => wanted.includes(name));
  if (told.length === 0) return [];
  const there = await tenantsIn(stack);
  return told.filter((name) => there.has(name));
}

function notMoved(stack: string, tenants: readonly string[], holder: string): pulumi.RunError {
  const environment = stack.replace(/-tenants-\d+$/, "");
  return refusal(
    `${holder} ${quoteNames(tenants)}, which belongs elsewhere since the environment's stacks have changed; nothing was changed. ` +
      `Move what is there without recreating it: \`npm run stacks -- --stack ${environment} --move\``,
  );
}

/** Names of the tenants among a stack's resources. */
async function tenantsIn(stack: string): Promise<Set<string>> {
  const answer = (await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {
    stackName: fullName(stack),
  })) as { outputs?: Record<string, unknown> };
  return new Set(Object.keys(answer.outputs ?? {}).flatMap(tenantOfUrn));
}

/** Outputs of another stack; undefined when there is no such stack. */
async function outputsOf(stack: string): Promise<HoldingOutputs | undefined> {
  try {
    const answer = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: fullName(stack) })) as {
      outputs?: HoldingOutputs;
    };
    return answer.outputs;
  } catch (error) {
    if (/unknown stack|not found|no stack named/i.test(String(error))) return undefined;
    throw error;
  }
}

const fullName = (stack: string): string => [pulumi.getOrganization(), pulumi.getProject(), stack].join("/");

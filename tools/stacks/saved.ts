import { APPLIED_PART, type StackPart, tenantOfUrn } from "../../components/stack-parts";
import { runPulumi } from "../engine";
import { deploymentOf, type LocalStack } from "../local/stack";
import type { Deployment, SavedResource } from "../local/state";
import { commandFolder } from "./existing";
import type { EnvironmentStacks, PartStack } from "./open";

/** What is saved of one stack. */
export interface SavedPart {
  /** Name of the stack. */
  stack: string;
  resources: SavedResource[];
  /** Operations that were under way when an engine died. */
  pending: number;
}

/** Whether a stack has anything, or had begun to. */
export const isUsed = ({ resources, pending }: SavedPart): boolean => resources.length > 0 || pending > 0;

/** Reads the state of a stack as the backend has it; secrets stay encrypted. */
export async function savedPart(stack: LocalStack): Promise<SavedPart> {
  const deployment = deploymentOf(stack) ?? (await exportDeployment(stack));
  return {
    stack: stack.name,
    resources: deployment.resources ?? [],
    pending: deployment.pending_operations?.length ?? 0,
  };
}

async function exportDeployment(stack: LocalStack): Promise<Deployment> {
  const { code, stdout, stderr } = await runPulumi(["stack", "export", "--stack", stack.name, "--non-interactive"], {
    env: stack.environment,
    cwd: commandFolder(stack),
  });
  if (code !== 0) throw new Error(`pulumi stack export of ${stack.name} failed:\n${stderr}`);
  return (JSON.parse(stdout) as { deployment?: Deployment | null }).deployment ?? {};
}

/** An input of the first resource of a type. */
const inputOf = ({ resources }: SavedPart, wanted: string, name: string): unknown =>
  resources.find(({ type }) => type === wanted)?.inputs?.[name];

/** Digest that the last update of a stack ended with; undefined when it did not come to its end: it began with another one, or left something. */
function completed(saved: SavedPart): unknown {
  const ended = inputOf(saved, APPLIED_PART, "part");
  const isComplete = saved.pending === 0 && inputOf(saved, "ollama-platform:index:OllamaPlatform", "part") === ended;
  return isComplete ? ended : undefined;
}

/**
 * Whether a stack has exactly what it is to register, by the digest that its resources carry: the first of them since the last update began,
 * the last since it was complete.
 */
export const isApplied = (saved: SavedPart, { digest }: Pick<StackPart, "digest">): boolean =>
  completed(saved) === digest;

/** Whether an update of a stack would change nothing but what it tells in its outputs. */
export const onlyTells = (saved: SavedPart, { objects }: Pick<StackPart, "objects">): boolean =>
  completed(saved) !== undefined && inputOf(saved, APPLIED_PART, "objects") === objects;

/** Tenants that a stack holds. */
export const tenantsOf = ({ resources }: SavedPart): string[] => resources.flatMap(({ urn }) => tenantOfUrn(urn));

/** A tenant that lies in a stack where it does not belong. */
export interface Misplaced {
  tenant: string;
  /** Stack that holds it. */
  from: string;
  /** Stack where it belongs. */
  to: string;
  /** Whether that stack holds it too: a move was interrupted. */
  isThere: boolean;
}

/** Declared tenants that lie in other stacks than they belong in. */
export function misplacedTenants(stackOf: Record<string, string>, saved: readonly SavedPart[]): Misplaced[] {
  const holders = new Map(saved.map((part) => [part.stack, new Set(tenantsOf(part))]));
  return saved.flatMap((part) =>
    tenantsOf(part).flatMap((tenant) => {
      const to = stackOf[tenant];
      if (to === undefined || to === part.stack) return [];
      return [{ tenant, from: part.stack, to, isThere: holders.get(to)?.has(tenant) === true }];
    }),
  );
}

/** Where each declared tenant belongs, also when one stack holds everything. */
export function placesOfTenants({ name, plan, stackOf }: EnvironmentStacks): Record<string, string> {
  return Object.fromEntries(plan.tenants.map(({ tenant }) => [tenant.name, stackOf[tenant.name] ?? name]));
}

/** The parts that an update has something to do for. Without parts, or when all are wanted, every stack. */
export function changedParts(parts: readonly PartStack[], saved: readonly SavedPart[], wantsAll: boolean): PartStack[] {
  return parts.filter(({ part, stack }) => {
    const state = saved.find((each) => each.stack === stack.name);
    return wantsAll || part === undefined || state === undefined || !isApplied(state, part);
  });
}

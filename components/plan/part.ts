import type { Resolved } from "../spec/declaration";
import { sha256Of } from "./content-hash";
import { platformObjects, platformPlan, type PlatformPlan } from "./platform";

/** What one of several stacks registers of an environment. */
export interface PlatformPart {
  /** Whether it registers what tenants share: guard, node pools, store and monitor. */
  hasPlatform: boolean;
  /** Names of the tenants that it registers. */
  tenants: readonly string[];
  /** See `digestsOfPart`. */
  digest: string;
  /** See `digestsOfPart`. */
  objects: string;
  /** Plan of the part, made of a declaration that was checked. Default: it is planned anew. */
  plan?: PlatformPlan;
}

/** What distinguishes the parts of an environment. */
type Tenants = Pick<PlatformPart, "hasPlatform" | "tenants">;

/** The plan of what one stack registers. The platform's stack tells of the whole environment, the others of their own tenants. */
export function planOfPart(whole: PlatformPlan, part: Tenants): PlatformPlan {
  const own = new Set(part.tenants);
  const tenants = whole.tenants.filter(({ tenant }) => own.has(tenant.name));
  if (part.hasPlatform) return { ...whole, tenants };
  const { environment, output } = whole;
  const told = Object.entries(output.tenants).filter(([name]) => own.has(name));
  return {
    environment,
    output: { ...output, tenants: Object.fromEntries(told), nodePools: {} },
    nodePools: [],
    tenants,
  };
}

/** Plans what one stack registers. Tenants of other stacks were checked with its own, and their objects are not planned here. */
export function planPart({ environment, tenants }: Resolved, part: Tenants): PlatformPlan {
  const isOwn = (name: string): boolean => part.tenants.includes(name);
  const seen = part.hasPlatform ? tenants : tenants.filter(({ name }) => isOwn(name));
  return planOfPart(platformPlan({ environment, tenants: seen }, isOwn), part);
}

/**
 * Digests of what a stack registers: as long as `digest` stays the same, an update changes nothing of what is declared, and as long as `objects`
 * does, nothing but what the stack tells in its outputs.
 *
 * @param plan Plan of what it registers.
 * @param rest What else decides about the stack's resources, such as the program and encrypted values of secrets.
 */
export function digestsOfPart(plan: PlatformPlan, rest: unknown): Pick<PlatformPart, "digest" | "objects"> {
  const objects = digestOf([
    platformObjects(plan),
    // Clients' keys are no objects of the plan: the tenants' declarations tell of them.
    plan.tenants.map(({ tenant }) => tenant),
    rest,
  ]);
  return { objects, digest: digestOf([objects, plan.output]) };
}

const digestOf = (value: unknown): string => sha256Of(JSON.stringify(value));

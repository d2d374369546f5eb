import { resolveArguments, typedArguments } from "../spec/arguments";
import type { Resolved } from "../spec/declaration";
import type { PlatformSpec } from "../spec/index";
import { guardFacts } from "./guard/facts";
import { guardObjects, planGuard, type GuardPlan } from "./guard/guard";
import type { KubernetesObject } from "./kubernetes";
import { planMonitor } from "./monitor/monitor";
import { monitorProgram } from "../monitor/program";
import { nodePoolPlan, type NodePoolPlan } from "./node-pool/plan";
import { nodePoolOutput, OUTPUT_SCHEMA_VERSION, type PlatformOutput, tenantOutput } from "./output";
import { platformServiceObjects, type PlatformService } from "./platform-namespace";
import { planSharedLimits } from "./shared-limits/service";
import { modelStoreObjects, planModelStore, type ModelStorePlan } from "./store/store";
import { tenantObjects, tenantPlan, type TenantPlan } from "./tenant/tenant";

/** Everything of an environment. Node pools and tenants are in the order of their names. */
export interface PlatformPlan {
  environment: string;
  nodePools: NodePoolPlan[];
  /** What holds the tenants' isolation in the cluster, when it is declared. It exists before any tenant does. */
  guard?: GuardPlan;
  /** The store that all tenants share, when there is one. */
  modelStore?: ModelStorePlan;
  /** What counts for all replicas of the tenants' servers, when it is declared. */
  sharedLimits?: PlatformService;
  tenants: TenantPlan[];
  /** What tells when the platform stops being what is declared, when it is declared. */
  monitor?: PlatformService;
  output: PlatformOutput;
}

/**
 * Plans an environment. The result depends on what is declared, not on the order of the declarations, and needs
 * neither a cluster nor Pulumi.
 *
 * @throws DeclarationError with every fault of the whole declaration.
 */
export function planPlatform(spec: PlatformSpec): PlatformPlan {
  return platformPlan(resolvePlatform(spec));
}

/**
 * An environment with every default.
 *
 * @throws DeclarationError as `planPlatform`.
 */
export function resolvePlatform(spec: PlatformSpec): Resolved {
  return resolveArguments(typedArguments("platformArguments", `environment ${spec.environment}`, spec));
}

/**
 * The plan of an environment without faults.
 *
 * @param isWanted Whose objects are asked for: planning those of all tenants takes most of the time. Default: everybody's. With a monitor, which
 * compares all objects, all are planned.
 */
export function platformPlan(
  { environment, tenants }: Resolved,
  isWanted: (tenant: string) => boolean = () => true,
): PlatformPlan {
  const pools = [...environment.nodePools.values()];
  const { guard, monitor, sharedLimits } = environment.cluster;
  const planned = monitor === undefined ? tenants.filter(({ name }) => isWanted(name)) : tenants;
  const tenantPlans = planned.map((tenant) => tenantPlan(tenant, environment));
  const nodePools = pools.map(nodePoolPlan);
  const plan: PlatformPlan = {
    environment: environment.name,
    nodePools,
    ...(guard && { guard: planGuard(guard, guardFacts(guard.deployers, environment, tenants, nodePools)) }),
    modelStore: planModelStore(tenants, environment),
    ...(sharedLimits && { sharedLimits: planSharedLimits(sharedLimits, environment, tenants) }),
    tenants: tenantPlans,
    output: {
      schemaVersion: OUTPUT_SCHEMA_VERSION,
      environment: environment.name,
      tenants: Object.fromEntries(tenants.map((tenant) => [tenant.name, tenantOutput(tenant)])),
      nodePools: Object.fromEntries(pools.map((pool) => [pool.name, nodePoolOutput(pool)])),
    },
  };
  if (monitor === undefined) return plan;
  return { ...plan, monitor: planMonitor(monitor, environment, tenants, platformObjects(plan), monitorProgram()) };
}

/** All objects of an environment in the order in which they have to exist. */
export function platformObjects({
  nodePools,
  guard,
  modelStore,
  sharedLimits,
  tenants,
  monitor,
}: PlatformPlan): KubernetesObject[] {
  return [
    ...(guard === undefined ? [] : guardObjects(guard)),
    ...nodePools.flatMap(({ objects }) => objects),
    ...(modelStore === undefined ? [] : modelStoreObjects(modelStore)),
    ...(sharedLimits === undefined ? [] : platformServiceObjects(sharedLimits)),
    ...tenants.flatMap(tenantObjects),
    ...(monitor === undefined ? [] : platformServiceObjects(monitor)),
  ];
}

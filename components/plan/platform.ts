import type { PlatformSpec } from "../config/spec";
import { checkPoolCapacity, checkTenantCapacity } from "./capacity";
import { reporter, throwFaults, type Fault } from "./faults";
import { guardFacts } from "./guard/facts";
import { guardObjects, planGuard, type GuardPlan } from "./guard/guard";
import type { KubernetesObject } from "./kubernetes";
import { nodePoolObjects, type NodePoolPlan } from "./node-pool/plan";
import { nodePoolOutput, OUTPUT_SCHEMA_VERSION, type PlatformOutput } from "./output";
import { checkUnique } from "./read";
import { checkGroupsUnique } from "./resolve/access";
import { checkHostsUnique } from "./resolve/ingress";
import { resolveEnvironment, type Environment } from "./resolve/environment";
import { resolveTenant, type Tenant } from "./resolve/tenant";
import { modelStoreObjects, planModelStore, type ModelStorePlan } from "./store/store";
import { tenantObjects, tenantPlan, type TenantPlan } from "./tenant";

/** Everything of an environment. Node pools and tenants are in the order of their names. */
export interface PlatformPlan {
  environment: string;
  nodePools: NodePoolPlan[];
  /** What holds the tenants' isolation in the cluster, when it is declared. It exists before any tenant does. */
  guard?: GuardPlan;
  /** The store that all tenants share, when there is one. */
  modelStore?: ModelStorePlan;
  tenants: TenantPlan[];
  output: PlatformOutput;
}

/**
 * Plans an environment. The result depends on what is declared, not on the order of the declarations, and needs
 * neither a cluster nor Pulumi.
 *
 * @throws PlanError with every fault of the whole declaration.
 */
export function planPlatform(spec: PlatformSpec): PlatformPlan {
  const faults: Fault[] = [];
  const environment = resolveEnvironment(spec, faults);
  const tenants = resolveTenants(spec, environment, faults);
  // Amounts that could not be read would only lead to faults that are not there.
  if (faults.length === 0) checkCapacity(environment, tenants, faults);
  throwFaults(faults);
  const pools = [...environment.nodePools.values()];
  const tenantPlans = tenants.map((tenant) => tenantPlan(tenant, environment));
  const nodePools = pools.map((pool) => ({ pool, objects: nodePoolObjects(pool) }));
  const { guard } = environment.cluster;
  return {
    environment: environment.name,
    nodePools,
    ...(guard && { guard: planGuard(guard, guardFacts(guard.deployers, environment, tenants, nodePools)) }),
    modelStore: planModelStore(tenants, environment),
    tenants: tenantPlans,
    output: {
      schemaVersion: OUTPUT_SCHEMA_VERSION,
      environment: environment.name,
      tenants: Object.fromEntries(tenantPlans.map(({ tenant, output }) => [tenant.name, output])),
      nodePools: Object.fromEntries(pools.map((pool) => [pool.name, nodePoolOutput(pool)])),
    },
  };
}

/** All objects of an environment in the order in which they have to exist. */
export function platformObjects({ nodePools, guard, modelStore, tenants }: PlatformPlan): KubernetesObject[] {
  return [
    ...(guard === undefined ? [] : guardObjects(guard)),
    ...nodePools.flatMap(({ objects }) => objects),
    ...(modelStore === undefined ? [] : modelStoreObjects(modelStore)),
    ...tenants.flatMap(tenantObjects),
  ];
}

function resolveTenants(spec: PlatformSpec, environment: Environment, faults: Fault[]): Tenant[] {
  if (spec.tenants.length === 0) {
    reporter(faults, "environment", spec.environment)("tenants", "are empty: declare at least one tenant");
  }
  checkUnique(
    spec.tenants.map(({ name }) => name),
    (_, name) => reporter(faults, "tenant", name)("name", "is used by two tenants: rename one of them"),
  );
  checkGroupsUnique(spec.tenants, faults);
  checkHostsUnique(spec.tenants, faults);
  return spec.tenants
    .map((tenant) => resolveTenant(tenant, environment, faults))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function checkCapacity({ nodePools }: Environment, tenants: Tenant[], faults: Fault[]): void {
  for (const tenant of tenants) checkTenantCapacity(tenant, faults);
  for (const pool of nodePools.values()) checkPoolCapacity(pool, tenants, faults);
}

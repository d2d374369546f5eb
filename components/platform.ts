import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import { AdmissionGuard, registerGuard } from "./admission-guard";
import { GpuNodePool, registerNodePool } from "./gpu-node-pool";
import { IsolationMonitor, registerMonitor } from "./isolation-monitor";
import { ModelStore, registerModelStore } from "./model-store";
import type { NodePoolPlan } from "./plan/node-pool/plan";
import type { PlatformOutput } from "./plan/output";
import type { GuardPlan } from "./plan/guard/guard";
import type { MonitorPlan } from "./plan/monitor/monitor";
import { planOfPart, type PlatformPart } from "./plan/part";
import { platformPlan } from "./plan/platform";
import type { ModelStorePlan } from "./plan/store/store";
import type { TenantPlan } from "./plan/tenant";
import { Part } from "./register";
import { resolveArguments } from "./spec/arguments";
import type { PlatformSpec } from "./spec/index";
import { registerTenant, Tenant } from "./tenant";
import { valuesOf, type SecretValues } from "./tenant-secrets";

/** One environment: its node pools and its tenants. */
export class OllamaPlatform extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:OllamaPlatform";

  /** The platform as other stacks see it; it holds no secret. */
  readonly platform: pulumi.Output<PlatformOutput>;

  /** Keys of the clients by tenant and client, as a secret. */
  readonly clientKeys: pulumi.Output<Record<string, Record<string, string>>>;

  /**
   * @param name Logical name of the component.
   * @param args The environment.
   * @param opts Options of the component.
   * @param part What this stack registers of an environment that has several. Default: everything.
   * @throws DeclarationError with every fault of the whole declaration; nothing is registered then.
   */
  constructor(name: string, args: PlatformSpec, opts?: pulumi.ComponentResourceOptions, part?: PlatformPart) {
    const written = readArguments("platformArguments", `${OllamaPlatform.token} ${name}`, args, { makesSecrets: true });
    const whole = platformPlan(resolveArguments(written));
    const plan = part === undefined ? whole : planOfPart(whole, part);
    super(OllamaPlatform.token, name, { environment: plan.environment, ...(part && { part: part.digest }) }, opts);
    // The guard comes before what it guards, and it learns of a new tenant before the tenant's namespace exists.
    const guard = plan.guard === undefined ? [] : guardPart(this, name, plan.environment, plan.guard);
    const pools = new Map(plan.nodePools.map((pool) => [pool.pool.name, poolPart(this, name, pool, guard)]));
    // A tenant's server starts when its models are there and verified.
    const stores =
      plan.modelStore === undefined ? [] : [storePart(this, name, plan.environment, plan.modelStore, guard)];
    const keys = plan.tenants.map((tenantPlan) => {
      const { tenant } = tenantPlan;
      const dependsOn = [...stores, pools.get(tenant.nodePool?.name ?? "") ?? []].flat();
      return [tenant.name, tenantPart(this, name, tenantPlan, args.secretValues, { guard, dependsOn })] as const;
    });
    if (plan.monitor !== undefined) monitorPart(this, name, plan.environment, plan.monitor, guard);
    this.platform = pulumi.output(plan.output);
    this.clientKeys = pulumi.secret(Object.fromEntries(keys));
    this.registerOutputs({ platform: this.platform, clientKeys: this.clientKeys });
  }
}

/** @returns What to wait for: one resource, since its name is in the state of each thing that does. */
function guardPart(parent: pulumi.Resource, name: string, environment: string, plan: GuardPlan): pulumi.Resource[] {
  const part = new Part(AdmissionGuard.token, `${name}-guard`, { environment }, { parent });
  const bound = registerGuard(part, `${name}-guard`, plan);
  part.finish({});
  return bound;
}

function monitorPart(
  parent: pulumi.Resource,
  name: string,
  environment: string,
  plan: MonitorPlan,
  dependsOn: pulumi.Resource[],
): void {
  const part = new Part(IsolationMonitor.token, `${name}-monitor`, { environment }, { parent, dependsOn });
  registerMonitor(part, `${name}-monitor`, plan, dependsOn);
  part.finish({});
}

function poolPart(
  parent: pulumi.Resource,
  name: string,
  plan: NodePoolPlan,
  dependsOn: pulumi.Resource[],
): pulumi.Resource {
  const partName = `${name}-pool-${plan.pool.name}`;
  const part = new Part(GpuNodePool.token, partName, { name: plan.pool.name }, { parent, dependsOn });
  part.finish(registerNodePool(part, partName, plan));
  return part;
}

function storePart(
  parent: pulumi.Resource,
  name: string,
  environment: string,
  plan: ModelStorePlan,
  dependsOn: pulumi.Resource[],
): pulumi.Resource {
  const part = new Part(ModelStore.token, `${name}-store`, { environment }, { parent, dependsOn });
  registerModelStore(part, `${name}-store`, plan, dependsOn);
  part.finish({});
  return part;
}

/** @returns Keys of the tenant's clients. */
function tenantPart(
  parent: pulumi.Resource,
  name: string,
  plan: TenantPlan,
  secretValues: SecretValues | undefined,
  before: { guard: pulumi.Resource[]; dependsOn: pulumi.Resource[] },
): pulumi.Output<Record<string, string>> {
  const tenant = plan.tenant.name;
  const partName = `${name}-tenant-${tenant}`;
  // What it waited for, its children would not: they say so themselves.
  // A tenant that was moved from another stack stands at the root of this one.
  const aliases = [{ parent: pulumi.rootStackResource }];
  const part = new Part(Tenant.token, partName, { tenant }, { parent, aliases });
  const outputs = registerTenant(part, partName, plan, valuesOf(tenant, secretValues), before);
  part.finish({ ...outputs });
  return outputs.clientKeys;
}

import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import { AdmissionGuard, registerGuard } from "./admission-guard";
import type { GuardProbe } from "./guard-in-force";
import { GpuNodePool, registerNodePool } from "./gpu-node-pool";
import { IsolationMonitor } from "./isolation-monitor";
import { ModelStore, registerModelStore } from "./model-store";
import type { NodePoolPlan } from "./plan/node-pool/plan";
import type { PlatformOutput } from "./plan/output";
import type { GuardPlan } from "./plan/guard/guard";
import { planPart, type PlatformPart } from "./plan/part";
import type { PlatformService } from "./plan/platform-namespace";
import { platformPlan, type PlatformPlan } from "./plan/platform";
import type { ModelStorePlan } from "./plan/store/store";
import type { TenantPlan } from "./plan/tenant/tenant";
import { registerPlatformService } from "./platform-service";
import { Part } from "./register";
import { resolveArguments } from "./spec/arguments";
import type { PlatformSpec } from "./spec/index";
import { SharedLimits } from "./shared-limits";
import { registerTenant, Tenant } from "./tenant";
import { valuesOf, type SecretValues } from "./tenant-secrets";

/** Options of the component beside Pulumi's own. */
export interface OllamaPlatformOptions extends pulumi.ComponentResourceOptions {
  /** Asks the API server whether the guard is in force. Default: a new guard is given three seconds. */
  guardProbe?: GuardProbe;
}

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
  constructor(
    name: string,
    args: PlatformSpec,
    { guardProbe, ...opts }: OllamaPlatformOptions = {},
    part?: PlatformPart,
  ) {
    const plan = part?.plan ?? planOf(name, args, part);
    super(OllamaPlatform.token, name, { environment: plan.environment, ...(part && { part: part.digest }) }, opts);
    // The guard comes before what it guards, and it learns of a new tenant before the tenant's namespace exists.
    const guard = plan.guard === undefined ? [] : [guardPart(this, name, plan.environment, plan.guard, guardProbe)];
    const pools = new Map(plan.nodePools.map((pool) => [pool.pool.name, poolPart(this, name, pool, guard)]));
    // A tenant's server starts when its models are there and verified.
    const store = plan.modelStore === undefined ? [] : storePart(this, name, plan.environment, plan.modelStore, guard);
    const keys = plan.tenants.map((tenantPlan) => {
      const { tenant } = tenantPlan;
      const dependsOn = [...store, pools.get(tenant.nodePool?.name ?? "") ?? []].flat();
      return [tenant.name, tenantPart(this, name, tenantPlan, args.secretValues, { guard, dependsOn })] as const;
    });
    const services = [
      { token: SharedLimits.token, name: `${name}-limits`, service: plan.sharedLimits },
      { token: IsolationMonitor.token, name: `${name}-monitor`, service: plan.monitor },
    ];
    for (const { service, ...part } of services)
      if (service !== undefined) servicePart(this, part, plan.environment, service, guard);
    this.platform = pulumi.output(plan.output);
    this.clientKeys = pulumi.secret(Object.fromEntries(keys));
    this.registerOutputs({ platform: this.platform, clientKeys: this.clientKeys });
  }
}

function planOf(name: string, args: PlatformSpec, part: PlatformPart | undefined): PlatformPlan {
  const written = readArguments("platformArguments", `${OllamaPlatform.token} ${name}`, args, { makesSecrets: true });
  const resolved = resolveArguments(written);
  return part === undefined ? platformPlan(resolved) : planPart(resolved, part);
}

/** @returns What to wait for: one name in the state of each thing that does. */
function guardPart(
  parent: pulumi.Resource,
  name: string,
  environment: string,
  plan: GuardPlan,
  probe: GuardProbe | undefined,
): pulumi.Output<pulumi.Resource> {
  const part = new Part(AdmissionGuard.token, `${name}-guard`, { environment }, { parent });
  const last = registerGuard(part, `${name}-guard`, plan, probe);
  part.finish({});
  return last;
}

function servicePart(
  parent: pulumi.Resource,
  { token, name }: { token: string; name: string },
  environment: string,
  plan: PlatformService,
  dependsOn: pulumi.Input<pulumi.Resource>[],
): void {
  const part = new Part(token, name, { environment }, { parent });
  registerPlatformService(part, name, plan, dependsOn);
  part.finish({});
}

function poolPart(
  parent: pulumi.Resource,
  name: string,
  plan: NodePoolPlan,
  dependsOn: pulumi.Input<pulumi.Resource>[],
): pulumi.Resource {
  const partName = `${name}-pool-${plan.pool.name}`;
  const part = new Part(GpuNodePool.token, partName, { name: plan.pool.name }, { parent });
  part.finish(registerNodePool(part, partName, plan, dependsOn));
  return part;
}

/** @returns What to wait for: a component would be the names of all that is in it. */
function storePart(
  parent: pulumi.Resource,
  name: string,
  environment: string,
  plan: ModelStorePlan,
  dependsOn: pulumi.Input<pulumi.Resource>[],
): pulumi.Resource[] {
  const part = new Part(ModelStore.token, `${name}-store`, { environment }, { parent });
  const last = registerModelStore(part, `${name}-store`, plan, dependsOn);
  part.finish({});
  return last;
}

/** @returns Keys of the tenant's clients. */
function tenantPart(
  parent: pulumi.Resource,
  name: string,
  plan: TenantPlan,
  secretValues: SecretValues | undefined,
  before: { guard: pulumi.Input<pulumi.Resource>[]; dependsOn: pulumi.Resource[] },
): pulumi.Output<Record<string, string>> {
  const tenant = plan.tenant.name;
  const partName = `${name}-tenant-${tenant}`;
  // A tenant that was moved from another stack stands at the root of this one.
  const aliases = [{ parent: pulumi.rootStackResource }];
  const part = new Part(Tenant.token, partName, { tenant }, { parent, aliases });
  const outputs = registerTenant(part, partName, plan, valuesOf(tenant, secretValues), before);
  part.finish({ ...outputs });
  return outputs.clientKeys;
}

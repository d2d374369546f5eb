import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import { GpuNodePool, registerNodePool } from "./gpu-node-pool";
import { ModelStore, registerModelStore } from "./model-store";
import type { NodePoolPlan } from "./plan/node-pool/plan";
import type { PlatformOutput } from "./plan/output";
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
   * @throws DeclarationError with every fault of the whole declaration; nothing is registered then.
   */
  constructor(name: string, args: PlatformSpec, opts?: pulumi.ComponentResourceOptions) {
    const written = readArguments("platformArguments", `${OllamaPlatform.token} ${name}`, args, { makesSecrets: true });
    const plan = platformPlan(resolveArguments(written));
    super(OllamaPlatform.token, name, { environment: plan.environment }, opts);
    const pools = new Map(plan.nodePools.map((pool) => [pool.pool.name, poolPart(this, name, pool)]));
    // A tenant's server starts when its models are there and verified.
    const stores = plan.modelStore === undefined ? [] : [storePart(this, name, plan.environment, plan.modelStore)];
    const keys = plan.tenants.map((tenantPlan) => {
      const { tenant } = tenantPlan;
      const dependsOn = [...stores, pools.get(tenant.nodePool?.name ?? "") ?? []].flat();
      return [tenant.name, tenantPart(this, name, tenantPlan, args.secretValues, dependsOn)] as const;
    });
    this.platform = pulumi.output(plan.output);
    this.clientKeys = pulumi.secret(Object.fromEntries(keys));
    this.registerOutputs({ platform: this.platform, clientKeys: this.clientKeys });
  }
}

function poolPart(parent: pulumi.Resource, name: string, plan: NodePoolPlan): pulumi.Resource {
  const partName = `${name}-pool-${plan.pool.name}`;
  const part = new Part(GpuNodePool.token, partName, { name: plan.pool.name }, { parent });
  part.finish(registerNodePool(part, partName, plan));
  return part;
}

function storePart(parent: pulumi.Resource, name: string, environment: string, plan: ModelStorePlan): pulumi.Resource {
  const part = new Part(ModelStore.token, `${name}-store`, { environment }, { parent });
  registerModelStore(part, `${name}-store`, plan);
  part.finish({});
  return part;
}

/** @returns Keys of the tenant's clients. */
function tenantPart(
  parent: pulumi.Resource,
  name: string,
  plan: TenantPlan,
  secretValues: SecretValues | undefined,
  dependsOn: pulumi.Resource[],
): pulumi.Output<Record<string, string>> {
  const tenant = plan.tenant.name;
  const partName = `${name}-tenant-${tenant}`;
  const part = new Part(Tenant.token, partName, { tenant }, { parent, dependsOn });
  const outputs = registerTenant(part, partName, plan, valuesOf(tenant, secretValues), dependsOn);
  part.finish({ ...outputs });
  return outputs.clientKeys;
}

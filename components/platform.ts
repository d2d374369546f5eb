import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import type { PlatformSpec } from "./config/spec";
import { AdmissionGuard } from "./admission-guard";
import { GpuNodePool } from "./gpu-node-pool";
import type { PlatformOutput } from "./plan/output";
import { ModelStore } from "./model-store";
import { planPlatform } from "./plan/platform";
import { Tenant } from "./tenant";
import { checkSecretValues, valuesOf } from "./tenant-secrets";

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
   * @throws RunError with every argument of a wrong shape; nothing is registered then.
   * @throws PlanError with every fault of the whole declaration; nothing is registered then.
   */
  constructor(name: string, args: PlatformSpec, opts?: pulumi.ComponentResourceOptions) {
    const declared = readArguments("platformArguments", `${OllamaPlatform.token} ${name}`, args);
    const plan = planPlatform(declared);
    checkSecretValues(
      plan.tenants.map(({ tenant }) => tenant),
      args.secretValues,
    );
    super(OllamaPlatform.token, name, { environment: plan.environment }, opts);
    const { tenants, nodePools = [], ...environment } = declared;
    // The guard comes before what it guards, and it learns of a new tenant before the tenant's namespace exists.
    const guard = plan.guard === undefined ? [] : [new AdmissionGuard(`${name}-guard`, declared, { parent: this })];
    const pools = new Map(
      nodePools.map((pool) => [
        pool.name,
        new GpuNodePool(`${name}-pool-${pool.name}`, pool, { parent: this, dependsOn: guard }),
      ]),
    );
    // A tenant's server starts when its models are there and verified.
    const stores =
      plan.modelStore === undefined
        ? []
        : [new ModelStore(`${name}-store`, declared, { parent: this, dependsOn: guard })];
    const keys = tenants.map((tenant) => {
      const component = new Tenant(
        `${name}-tenant-${tenant.name}`,
        { ...environment, nodePools, tenant, secretValues: valuesOf(tenant.name, args.secretValues) },
        { parent: this, dependsOn: [...guard, ...stores, pools.get(tenant.server?.nodePool ?? "") ?? []].flat() },
      );
      return [tenant.name, component.clientKeys] as const;
    });
    this.platform = pulumi.output(plan.output);
    this.clientKeys = pulumi.secret(Object.fromEntries(keys));
    this.registerOutputs({ platform: this.platform, clientKeys: this.clientKeys });
  }
}

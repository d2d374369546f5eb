import * as pulumi from "@pulumi/pulumi";
import { AdmissionGuard } from "./admission-guard";
import { readArguments } from "./arguments";
import type { TenantArgs } from "./config/spec";
import { OllamaServer } from "./ollama-server";
import type { TenantOutput } from "./plan/output";
import { planTenant } from "./plan/tenant";
import { checkSecretValues, makeTenantSecrets } from "./tenant-secrets";
import { registerInOrder, registerObject, registerObjects } from "./register";

/** One tenant: a fenced namespace with its people's roles, its limits and its Ollama server. */
export class Tenant extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:Tenant";

  /** The tenant as other stacks see it. */
  readonly tenant: pulumi.Output<TenantOutput>;

  /** Keys of the tenant's clients by name, as a secret. */
  readonly clientKeys: pulumi.Output<Record<string, string>>;

  /**
   * @param name Logical name of the component.
   * @param args The tenant with what it refers to.
   * @param opts Options of the component.
   * @throws RunError with every argument of a wrong shape; nothing is registered then.
   * @throws PlanError with every fault; nothing is registered then.
   */
  constructor(name: string, args: TenantArgs, opts?: pulumi.ComponentResourceOptions) {
    const declared = readArguments("tenantArguments", `${Tenant.token} ${name}`, args);
    const plan = planTenant(declared);
    checkSecretValues([plan.tenant], args.secretValues);
    super(Tenant.token, name, { tenant: plan.tenant.name }, opts);
    const given = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    // Nothing of the tenant exists before the guard knows the tenant; a store's models may come later.
    const guard = given.filter((resource) => resource instanceof AdmissionGuard);
    const priorityClass = registerObject(plan.priorityClass, name, { parent: this, dependsOn: guard });
    const namespace = registerObject(plan.namespace, name, { parent: this, dependsOn: guard });
    const fences = registerObjects(plan.fences, name, { parent: this, dependsOn: namespace, deletedWith: namespace });
    const secrets = registerObjects(makeTenantSecrets(plan.tenant, args.secretValues), name, {
      parent: this,
      dependsOn: namespace,
      deletedWith: namespace,
    });
    // The cluster's own, so they do not go with the namespace.
    const volumes = registerObjects(plan.models.volumes, name, { parent: this, dependsOn: guard });
    // No pod may exist before every fence stands.
    const claims = registerObjects(plan.models.claims, name, {
      parent: this,
      dependsOn: [namespace, ...fences, ...volumes],
      deletedWith: namespace,
      protect: plan.models.protect,
    });
    const loader = registerInOrder(plan.models.loader, name, {
      parent: this,
      dependsOn: [priorityClass, ...fences, ...secrets, ...claims],
      deletedWith: namespace,
    });
    const server = new OllamaServer(`${name}-server`, declared, {
      parent: this,
      // What the component waits for is not what its children wait for, unless they say so.
      dependsOn: [priorityClass, namespace, ...fences, ...secrets, ...claims, ...loader, ...given],
      deletedWith: namespace,
    });
    this.tenant = pulumi.output(plan.output);
    this.clientKeys = server.clientKeys;
    this.registerOutputs({ tenant: this.tenant, clientKeys: this.clientKeys });
  }
}

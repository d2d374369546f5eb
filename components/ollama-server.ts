import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import { makeClientSecrets } from "./client-keys";
import type { TenantArgs } from "./spec/index";
import { serviceUrl } from "./plan/service";
import { planTenant } from "./plan/tenant";
import { registerObjects } from "./register";

/**
 * The Ollama server of one tenant, in the tenant's namespace. It is part of a Tenant; by itself it needs the namespace
 * with its policies and quotas to exist.
 */
export class OllamaServer extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:OllamaServer";

  /** URL of the server inside the cluster, for OLLAMA_HOST. */
  readonly url: pulumi.Output<string>;

  /** Keys of the clients by name, as a secret. */
  readonly clientKeys: pulumi.Output<Record<string, string>>;

  /**
   * @param name Logical name of the component.
   * @param args The tenant with what it refers to.
   * @param opts Options of the component; its `dependsOn` and `deletedWith` hold for every object of the server.
   * @throws RunError with every argument of a wrong shape; nothing is registered then.
   * @throws PlanError with every fault; nothing is registered then.
   */
  constructor(name: string, args: TenantArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const declared = readArguments("tenantArguments", `${OllamaServer.token} ${name}`, args);
    const plan = planTenant(declared);
    super(OllamaServer.token, name, { tenant: plan.tenant.name }, opts);
    const { deletedWith } = opts;
    const secrets = makeClientSecrets(plan.tenant, name, this);
    const prerequisites = registerObjects([...plan.prerequisites, ...secrets.objects], name, {
      parent: this,
      deletedWith,
      dependsOn: opts.dependsOn,
    });
    registerObjects(plan.server, name, { parent: this, deletedWith, dependsOn: prerequisites });
    this.url = pulumi.output(serviceUrl(plan.tenant));
    this.clientKeys = secrets.keys;
    this.registerOutputs({ url: this.url, clientKeys: this.clientKeys });
  }
}

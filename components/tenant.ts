import * as pulumi from "@pulumi/pulumi";
import { guardsOf } from "./admission-guard";
import { readArguments } from "./arguments";
import { OllamaServer, registerOllamaServer } from "./ollama-server";
import type { KubernetesObject } from "./plan/kubernetes";
import type { TenantOutput } from "./plan/output";
import { onlyTenantPlan, type TenantPlan } from "./plan/tenant/tenant";
import type { WorkspacePlan } from "./plan/tenant/workspace";
import { latest, Part, registerInOrder, registerObject, registerObjects } from "./register";
import { resolveArguments } from "./spec/arguments";
import type { TenantArgs } from "./spec/index";
import { makeTenantSecrets, type SecretValues } from "./tenant-secrets";

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
   * @throws DeclarationError with every fault; nothing is registered then.
   */
  constructor(name: string, args: TenantArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const written = readArguments("tenantArguments", `${Tenant.token} ${name}`, args, { makesSecrets: true });
    const plan = onlyTenantPlan(resolveArguments(written));
    super(Tenant.token, name, { tenant: plan.tenant.name }, opts);
    const given = [opts.dependsOn ?? []].flat() as pulumi.Resource[];
    const before = { guard: guardsOf(given), dependsOn: given };
    const { tenant, clientKeys } = registerTenant(this, name, plan, args.secretValues, before);
    this.tenant = tenant;
    this.clientKeys = clientKeys;
    this.registerOutputs({ tenant, clientKeys });
  }
}

/**
 * Registers a planned tenant below its component.
 *
 * @param before `guard`: the guard that has to know the tenant before anything of it exists. `dependsOn`: what the server waits for,
 *   such as a store's models.
 */
export function registerTenant(
  parent: pulumi.ComponentResource,
  name: string,
  plan: TenantPlan,
  secretValues: SecretValues | undefined,
  before: { guard: pulumi.Input<pulumi.Resource>[]; dependsOn: pulumi.Resource[] },
): Pick<Tenant, "tenant" | "clientKeys"> {
  const priorityClass = registerObject(plan.priorityClass, name, { parent, dependsOn: before.guard });
  const namespace = registerObject(plan.namespace, name, { parent, dependsOn: before.guard });
  const within = { parent, deletedWith: namespace };
  const fences = registerObjects(plan.fences, name, { ...within, dependsOn: namespace });
  // Until a quota's use is known, Kubernetes refuses what it counts, which Secrets and ConfigMaps are.
  const quotas = fences.filter((_, index) => plan.fences[index]?.kind === "ResourceQuota");
  const counted = { ...within, dependsOn: latest([namespace], quotas) };
  const secrets = registerObjects(makeTenantSecrets(plan.tenant, secretValues), name, counted);
  registerWorkspace(parent, `${name}-apps`, plan.workspace, before.guard);
  // The cluster's own, so they do not go with the namespace.
  const volumes = registerObjects(plan.models.volumes, name, { parent, dependsOn: before.guard });
  // No pod may exist before every fence stands.
  const claims = registerObjects(plan.models.claims, name, {
    ...within,
    dependsOn: [...latest([namespace], fences), ...volumes],
    protect: plan.models.protect,
  });
  const ready = [priorityClass, ...secrets, ...latest(fences, claims)];
  const loader = registerInOrder(plan.models.loader, name, { ...within, dependsOn: ready });
  const first = [...latest(ready, loader.slice(-1)), ...before.dependsOn];
  // What the component is deleted with, its Deployment would be deleted with too, whose pods have to end first. What it waited
  // for, its children would not: they say so themselves.
  const server = new Part(OllamaServer.token, `${name}-server`, { tenant: plan.tenant.name }, { parent });
  const outputs = registerOllamaServer(server, `${name}-server`, plan, counted, first);
  server.finish({ ...outputs });
  return { tenant: pulumi.output(plan.output), clientKeys: outputs.clientKeys };
}

/** The namespace of the tenant's own programs. Nobody may deploy there before every fence stands: rights come last. */
function registerWorkspace(
  parent: pulumi.ComponentResource,
  name: string,
  workspace: WorkspacePlan | undefined,
  guard: pulumi.Input<pulumi.Resource>[],
): void {
  if (workspace === undefined) return;
  const namespace = registerObject(workspace.namespace, name, { parent, dependsOn: guard });
  const within = { parent, deletedWith: namespace };
  const isBinding = ({ kind }: KubernetesObject) => kind === "RoleBinding";
  const fences = registerObjects(
    workspace.objects.filter((object) => !isBinding(object)),
    name,
    { ...within, dependsOn: namespace },
  );
  registerObjects(workspace.objects.filter(isBinding), name, { ...within, dependsOn: [namespace, ...fences] });
}

import type { TenantArgs } from "../../spec/index";
import { planAutoscaler } from "../server/autoscaler";
import { planDeployment } from "../server/deployment";
import { planDeviceClaims } from "../device-claims";
import { planDisruptionBudget } from "../server/disruption";
import { planGatewayConfig, planGatewayTokens, startFiles } from "../server/gateway";
import { planIngress } from "../server/ingress";
import type { KubernetesObject, Namespace, PriorityClass } from "../kubernetes";
import { tenantLabels } from "../labels";
import { planModelAccess } from "./model-access";
import { planNamespace, planServiceAccount } from "./namespace";
import { planNetworkPolicies } from "./network";
import { tenantOutput, type TenantOutput } from "../output";
import { tenantPriorityClass } from "../../spec/names";
import { planModelFiles } from "../server/readiness";
import { planPriorityClass } from "./priority";
import { limitedTenant, planLimitRange, planQuotas } from "./quota";
import { planRbac } from "./rbac";
import { resolveArguments, typedArguments } from "../../spec/arguments";
import type { Resolved } from "../../spec/declaration";
import type { Environment } from "../../spec/environment";
import type { Tenant } from "../../spec/tenant";
import { planService } from "../server/service";
import { planWorkspace, type WorkspacePlan } from "./workspace";
import { planTenantModels, planTenantRegistryEgress, type TenantModels } from "../store/tenant";

/** Everything of one tenant, in the order in which it has to exist. */
export interface TenantPlan {
  tenant: Tenant;
  namespace: Namespace;
  priorityClass: PriorityClass;
  /** What holds the tenant's pods: policies, quotas, limits and roles. All of it exists before any pod. */
  fences: KubernetesObject[];
  /** The models that the server reads. */
  models: TenantModels;
  /** What the server's pods need, before the pods themselves. */
  prerequisites: KubernetesObject[];
  /** The server. */
  server: KubernetesObject[];
  /** The namespace of the tenant's own programs, when it has one. */
  workspace?: WorkspacePlan;
  output: TenantOutput;
}

/**
 * Plans one tenant by itself. What tenants take from one pool together is checked by `planPlatform` only.
 *
 * @throws DeclarationError with every fault of the tenant and of what it refers to.
 */
export function planTenant(args: TenantArgs): TenantPlan {
  return onlyTenantPlan(resolveArguments(typedArguments("tenantArguments", `tenant ${args.tenant.name}`, args)));
}

/** The plan of the tenant of a declaration of one. */
export function onlyTenantPlan({ environment, tenants }: Resolved): TenantPlan {
  const [tenant] = tenants;
  if (tenant === undefined || tenants.length > 1) throw new Error(`${tenants.length} tenants where one is declared`);
  return tenantPlan(tenant, environment);
}

/** The objects of a tenant without faults. */
export function tenantPlan(tenant: Tenant, environment: Environment): TenantPlan {
  const limited = limitedTenant(tenant);
  const workspace = planWorkspace(tenant, environment);
  const files = startFiles(tenant);
  return {
    tenant,
    namespace: planNamespace(tenant, environment),
    priorityClass: planPriorityClass(
      tenantPriorityClass(tenant.name),
      tenantLabels(tenant, "quota"),
      `Pods of tenant ${tenant.name}`,
    ),
    fences: [
      ...planNetworkPolicies(tenant, environment),
      ...planTenantRegistryEgress(tenant, environment),
      ...planQuotas(limited, environment),
      planLimitRange(limited),
      ...planRbac(tenant),
    ],
    models: planTenantModels(tenant, environment),
    prerequisites: [
      planServiceAccount(tenant),
      planModelAccess(tenant),
      planModelFiles(tenant),
      ...planDeviceClaims(tenant),
      planGatewayConfig(tenant, files),
      ...planGatewayTokens(tenant),
    ],
    server: [
      planDeployment(tenant, environment, files),
      planService(tenant),
      ...planAutoscaler(tenant),
      planDisruptionBudget(tenant),
      ...planIngress(tenant, environment),
    ],
    ...(workspace && { workspace }),
    output: tenantOutput(tenant),
  };
}

/** All objects of a tenant in that order. */
export function tenantObjects(plan: TenantPlan): KubernetesObject[] {
  const { priorityClass, namespace, fences, models, prerequisites, server, workspace } = plan;
  return [
    priorityClass,
    namespace,
    ...fences,
    ...models.volumes,
    ...models.claims,
    ...models.loader,
    ...prerequisites,
    ...server,
    ...(workspace === undefined ? [] : [workspace.namespace, ...workspace.objects]),
  ];
}

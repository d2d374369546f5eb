import type { Environment } from "../../spec/environment";
import { TENANT_OBJECT, tokenAudience } from "../../spec/names";
import type { Tenant } from "../../spec/tenant";
import type { Workspace } from "../../spec/workspace";
import type { KubernetesObject, Namespace, NetworkPolicy, PolicyRule, ServiceAccount } from "../kubernetes";
import { NAMESPACE_NAME_LABEL, serverSelector, tenantLabels } from "../labels";
import { planNamespace } from "./namespace";
import { allowEgress, denyAll, dnsEgress, gatewayPort, networkPolicy } from "./network";
import { type LimitedNamespace, planLimitRange, planQuotas } from "./quota";
import { ownNamespace, roleBindings, roleOf } from "./rbac";

/** The namespace of a tenant's own programs with what holds them. */
export interface WorkspacePlan {
  namespace: Namespace;
  /** Policies, quotas, limits, accounts and roles, all of which exist before any pod can. */
  objects: KubernetesObject[];
}

const READ = ["get", "list", "watch"];
const WRITE = ["create", "update", "patch", "delete", "deletecollection"];
const OWN = [...READ, ...WRITE];

/**
 * What developers may do in their workspace: deploy, debug, and keep what their programs need. What holds the workspace
 * itself they may read: quotas, limits, accounts and budgets. No Ingress and no StatefulSet, whose quota is none.
 */
const DEVELOPER_RULES: PolicyRule[] = [
  { apiGroups: [""], resources: ["pods", "services", "configmaps", "secrets", "persistentvolumeclaims"], verbs: OWN },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
  // A connection is asked for by get or by create, as the client's version has it.
  { apiGroups: [""], resources: ["pods/exec", "pods/portforward"], verbs: ["get", "create"] },
  { apiGroups: [""], resources: ["serviceaccounts", "resourcequotas", "limitranges", "events"], verbs: READ },
  { apiGroups: ["apps"], resources: ["deployments"], verbs: OWN },
  { apiGroups: ["apps"], resources: ["deployments/scale"], verbs: ["get", "update", "patch"] },
  { apiGroups: ["apps"], resources: ["replicasets"], verbs: READ },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: OWN },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: OWN },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: OWN },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: READ },
  { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: READ },
  { apiGroups: ["metrics.k8s.io"], resources: ["pods"], verbs: ["get", "list"] },
];

/** Plans the workspace of a tenant; nothing for a tenant without one. */
export function planWorkspace(tenant: Tenant, environment: Environment): WorkspacePlan | undefined {
  const { workspace } = tenant;
  if (workspace === undefined) return undefined;
  const place = { ...tenant, namespace: workspace.namespace };
  const limited = limitedWorkspace(tenant, workspace);
  return {
    namespace: planNamespace(place, environment),
    objects: [
      ...planWorkspaceNetwork(tenant, workspace, environment),
      ...planQuotas(limited, environment),
      planLimitRange(limited),
      ...workspace.serviceAccounts.map((name) => account(place, name)),
      roleOf(place, TENANT_OBJECT.developer, [...DEVELOPER_RULES, ownNamespace(place)]),
      // In a suspended tenant nobody may start anything.
      ...roleBindings(place, TENANT_OBJECT.developer, tenant.suspended ? [] : workspace.developers),
    ],
  };
}

/** No priority class at all: nobody in the workspace has to know one, and its pods push out nobody's. */
function limitedWorkspace(tenant: Tenant, { namespace, quota }: Workspace): LimitedNamespace {
  return {
    ...quota,
    namespace,
    labels: tenantLabels(tenant, "quota"),
    pods: tenant.suspended ? 0 : quota.pods,
  };
}

/** Default-deny in both directions, then DNS, the tenant's gateway and what the tenant's own pods may call. */
export function planWorkspaceNetwork(
  tenant: Tenant,
  { namespace }: Workspace,
  { cluster }: Environment,
): NetworkPolicy[] {
  const place = { ...tenant, namespace };
  if (tenant.suspended) return [denyAll(place)];
  return [
    denyAll(place),
    networkPolicy(place, TENANT_OBJECT.allowDns, dnsEgress(cluster, {})),
    networkPolicy(place, TENANT_OBJECT.allowToServer, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: tenant.namespace } },
              podSelector: { matchLabels: serverSelector(tenant) },
            },
          ],
          ports: [gatewayPort()],
        },
      ],
    }),
    ...allowEgress(place),
  ];
}

/** Its token is mounted where a pod asks for one for the tenant's gateway, never for the API server. */
function account({ namespace, ...tenant }: Tenant, name: string): ServiceAccount {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace, labels: tenantLabels(tenant, "access") },
    automountServiceAccountToken: false,
  };
}

/** Audiences of the tokens that pods of a workspace may have. */
export function workspaceAudiences(tenant: Tenant): string[] {
  return (tenant.workspace?.serviceAccounts.length ?? 0) === 0 ? [] : [tokenAudience(tenant.namespace)];
}

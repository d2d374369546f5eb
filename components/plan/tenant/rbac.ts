import type { PolicyRule, Role, RoleBinding } from "../kubernetes";
import { tenantLabels } from "../labels";
import { TENANT_OBJECT } from "../../spec/names";
import type { Tenant } from "../../spec/tenant";

const RBAC_GROUP = "rbac.authorization.k8s.io";
const READ = ["get", "list", "watch"];

/**
 * Looking: the objects that explain what the server does, and all that `kubectl get all` lists. Not in it are Secrets, RBAC objects, and
 * ConfigMaps other than the model list.
 */
const VIEWER_RULES: PolicyRule[] = [
  {
    apiGroups: [""],
    resources: [
      "pods",
      "pods/log",
      "services",
      "replicationcontrollers",
      "serviceaccounts",
      "persistentvolumeclaims",
      "resourcequotas",
      "limitranges",
      "events",
    ],
    verbs: READ,
  },
  { apiGroups: [""], resources: ["configmaps"], resourceNames: [TENANT_OBJECT.modelAccess], verbs: ["get"] },
  { apiGroups: ["apps"], resources: ["deployments", "replicasets", "statefulsets", "daemonsets"], verbs: READ },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: READ },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: READ },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: READ },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: READ },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: READ },
  { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: READ },
  { apiGroups: ["metrics.k8s.io"], resources: ["pods"], verbs: ["get", "list"] },
];

/**
 * What operators may do beside looking: restarting (by deleting a pod) and scaling. Who may change a Deployment may
 * run any pod as the server's account, and who may use `pods/exec`, `pods/attach`, `pods/portforward` or `pods/proxy`
 * reaches Ollama behind the gateway's back: none of that is here.
 */
const OPERATOR_RULES: PolicyRule[] = [
  { apiGroups: [""], resources: ["pods"], verbs: ["delete"] },
  {
    apiGroups: ["apps"],
    resources: ["deployments/scale"],
    resourceNames: [TENANT_OBJECT.server],
    verbs: ["get", "update", "patch"],
  },
];

/**
 * The roles of people and their bindings to groups; operators are viewers too. A role without a group has no binding.
 * In a suspended tenant the operators may only look: they could start it again.
 */
export function planRbac(tenant: Tenant): (Role | RoleBinding)[] {
  const { viewers, operators } = tenant.access;
  return [
    roleOf(tenant, TENANT_OBJECT.viewer, [...VIEWER_RULES, ownNamespace(tenant)]),
    roleOf(tenant, TENANT_OBJECT.operator, OPERATOR_RULES),
    ...roleBindings(tenant, TENANT_OBJECT.viewer, [...new Set([...viewers, ...operators])].sort()),
    ...roleBindings(tenant, TENANT_OBJECT.operator, tenant.suspended ? [] : operators),
  ];
}

/** `kubectl get namespace` of the own one: its labels, and why it is not deleted yet. */
export const ownNamespace = ({ namespace }: Tenant): PolicyRule => ({
  apiGroups: [""],
  resources: ["namespaces"],
  resourceNames: [namespace],
  verbs: ["get"],
});

/** A role in the tenant's namespace. */
export function roleOf(tenant: Tenant, name: string, rules: PolicyRule[]): Role {
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: "Role",
    metadata: { name, namespace: tenant.namespace, labels: tenantLabels(tenant, "access") },
    rules,
  };
}

/** Binds groups to a role of the same name; nothing without groups. */
export function roleBindings(tenant: Tenant, name: string, groups: string[]): RoleBinding[] {
  if (groups.length === 0) return [];
  return [
    {
      apiVersion: `${RBAC_GROUP}/v1`,
      kind: "RoleBinding",
      metadata: { name, namespace: tenant.namespace, labels: tenantLabels(tenant, "access") },
      roleRef: { apiGroup: RBAC_GROUP, kind: "Role", name },
      subjects: groups.map((group) => ({ apiGroup: RBAC_GROUP, kind: "Group", name: group })),
    },
  ];
}

/** What the monitor may do: look at everything but Secrets, and change nothing but its own reports in its own namespace. */
import type { Monitor } from "../../spec/monitor";
import { MONITOR_NAMESPACE } from "../../spec/names";
import type { KubernetesObject, PolicyRule, Role, RoleBinding, ServiceAccount } from "../kubernetes";
import { platformLabels } from "../labels";
import { MONITOR_OBJECT } from "./names";

const LOOK = ["list", "watch"];

/** Kubernetes' own resources by group, as far as a rule of the policy pack may look at them. Secrets are not among them. */
export const MONITORED_RESOURCES: Record<string, string[]> = {
  "": [
    "configmaps",
    "endpoints",
    "limitranges",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "podtemplates",
    "replicationcontrollers",
    "resourcequotas",
    "serviceaccounts",
    "services",
  ],
  "admissionregistration.k8s.io": [
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "mutatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "validatingwebhookconfigurations",
  ],
  "apiextensions.k8s.io": ["customresourcedefinitions"],
  "apiregistration.k8s.io": ["apiservices"],
  apps: ["daemonsets", "deployments", "replicasets", "statefulsets"],
  autoscaling: ["horizontalpodautoscalers"],
  batch: ["cronjobs", "jobs"],
  "certificates.k8s.io": ["certificatesigningrequests", "clustertrustbundles", "podcertificaterequests"],
  "discovery.k8s.io": ["endpointslices"],
  "flowcontrol.apiserver.k8s.io": ["flowschemas", "prioritylevelconfigurations"],
  "gateway.networking.k8s.io": ["*"],
  "networking.k8s.io": ["ingressclasses", "ingresses", "ipaddresses", "networkpolicies", "servicecidrs"],
  "node.k8s.io": ["runtimeclasses"],
  policy: ["poddisruptionbudgets"],
  "rbac.authorization.k8s.io": ["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
  "resource.k8s.io": [
    "deviceclasses",
    "devicetaintrules",
    "resourceclaims",
    "resourceclaimtemplates",
    "resourcepoolstatusrequests",
    "resourceslices",
  ],
  "scheduling.k8s.io": ["podgroups", "priorityclasses", "workloads"],
  "storage.k8s.io": [
    "csidrivers",
    "csinodes",
    "csistoragecapacities",
    "storageclasses",
    "volumeattachments",
    "volumeattributesclasses",
  ],
  "storagemigration.k8s.io": ["storageversionmigrations"],
};

/** Groups of node pools' objects, and of the requests for spare nodes that come with Karpenter. */
const POOL_GROUPS = [
  "autoscaling.x-k8s.io",
  "cloud.google.com",
  "cluster.x-k8s.io",
  "karpenter.azure.com",
  "karpenter.k8s.aws",
  "karpenter.kwok.sh",
  "karpenter.sh",
];

/**
 * Policy reports by API group. A cluster without these kinds has nothing that the right is about; none of them does anything, wherever it is.
 */
export const REPORT_RESOURCES: Record<string, string[]> = {
  "openreports.io": ["reports"],
  "wgpolicyk8s.io": ["policyreports"],
};
/** Server-side apply creates by `patch` and `create`; reports of tenants that are gone are removed. */
const REPORT = ["create", "delete", "list", "patch"];

/** The account, its roles and their bindings. */
export function planMonitorRights({ apiGroups }: Monitor): KubernetesObject[] {
  const labels = platformLabels("monitor");
  const account: ServiceAccount = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: MONITOR_OBJECT.monitor, namespace: MONITOR_NAMESPACE, labels },
    automountServiceAccountToken: false,
  };
  const role: ClusterRole = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: MONITOR_OBJECT.cluster, labels },
    rules: rules(apiGroups),
  };
  const binding: ClusterRoleBinding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: MONITOR_OBJECT.cluster, labels },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: MONITOR_OBJECT.cluster },
    subjects: [{ kind: "ServiceAccount", name: MONITOR_OBJECT.monitor, namespace: MONITOR_NAMESPACE }],
  };
  return [account, role, binding, ...reportRights(labels, binding.subjects)];
}

/** Reports are in the monitor's own namespace, so that it writes nothing where a tenant is. */
function reportRights(labels: Record<string, string>, subjects: RoleBinding["subjects"]): [Role, RoleBinding] {
  const metadata = { name: MONITOR_OBJECT.monitor, namespace: MONITOR_NAMESPACE, labels };
  const apiVersion = "rbac.authorization.k8s.io/v1";
  return [
    {
      apiVersion,
      kind: "Role",
      metadata,
      rules: Object.entries(REPORT_RESOURCES).map(([group, resources]) => ({
        apiGroups: [group],
        resources,
        verbs: REPORT,
      })),
    },
    {
      apiVersion,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: MONITOR_OBJECT.monitor },
      subjects,
    },
  ];
}

function rules(apiGroups: readonly string[]): PolicyRule[] {
  const own = Object.entries(MONITORED_RESOURCES).map(([group, resources]) => ({
    apiGroups: [group],
    resources,
    verbs: LOOK,
  }));
  const custom = [...new Set([...POOL_GROUPS, ...apiGroups])].filter((group) => !(group in MONITORED_RESOURCES)).sort();
  return [...own, { apiGroups: custom, resources: ["*"], verbs: LOOK }];
}

interface ClusterRole extends KubernetesObject {
  kind: "ClusterRole";
  rules: PolicyRule[];
}

interface ClusterRoleBinding extends KubernetesObject {
  kind: "ClusterRoleBinding";
  roleRef: { apiGroup: string; kind: string; name: string };
  subjects: { kind: string; name: string; namespace: string }[];
}

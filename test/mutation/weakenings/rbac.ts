import { furtherRights } from "./rights";
import { addAt, at, setAt, type Widening } from "./widening";

const ROLE = /^(Cluster)?Role$/;
const BINDING = /^(Cluster)?RoleBinding$/;
const group = "rbac.authorization.k8s.io";

const rights: [apiGroup: string, resource: string, verb: string][] = [
  ["", "secrets", "get"],
  ["", "secrets", "list"],
  ["", "secrets", "create"],
  ["", "pods", "create"],
  ["", "pods", "patch"],
  ["", "pods/exec", "create"],
  ["", "pods/attach", "get"],
  ["", "pods/portforward", "create"],
  ["", "pods/proxy", "get"],
  ["", "pods/ephemeralcontainers", "patch"],
  ["", "services/proxy", "create"],
  ["", "services", "patch"],
  ["", "endpoints", "update"],
  ["", "serviceaccounts", "impersonate"],
  ["", "serviceaccounts", "create"],
  ["", "serviceaccounts/token", "create"],
  ["", "users", "impersonate"],
  ["", "groups", "impersonate"],
  ["", "configmaps", "update"],
  ["", "resourcequotas", "patch"],
  ["", "limitranges", "delete"],
  ["", "namespaces", "update"],
  ["", "nodes/proxy", "get"],
  ["", "persistentvolumeclaims", "create"],
  ["apps", "deployments", "patch"],
  ["apps", "daemonsets", "create"],
  ["apps", "statefulsets", "update"],
  ["apps", "replicasets", "create"],
  ["batch", "jobs", "create"],
  ["batch", "cronjobs", "patch"],
  ["autoscaling", "horizontalpodautoscalers", "patch"],
  ["policy", "poddisruptionbudgets", "create"],
  ["networking.k8s.io", "networkpolicies", "delete"],
  ["networking.k8s.io", "networkpolicies", "create"],
  ["networking.k8s.io", "ingresses", "create"],
  ["gateway.networking.k8s.io", "httproutes", "create"],
  ["discovery.k8s.io", "endpointslices", "patch"],
  [group, "roles", "escalate"],
  [group, "roles", "bind"],
  [group, "roles", "update"],
  [group, "rolebindings", "create"],
  ["certificates.k8s.io", "certificatesigningrequests/approval", "update"],
  ["resource.k8s.io", "resourceclaims", "create"],
  ["karpenter.sh", "nodepools", "patch"],
  ["*", "*", "get"],
  ...furtherRights,
];

const subjects = [
  { kind: "Group", name: "system:authenticated", apiGroup: group },
  { kind: "Group", name: "system:unauthenticated", apiGroup: group },
  { kind: "Group", name: "system:serviceaccounts", apiGroup: group },
  { kind: "Group", name: "system:masters", apiGroup: group },
  { kind: "User", name: "system:anonymous", apiGroup: group },
  { kind: "ServiceAccount", name: "ollama", namespace: "tenant-intruder" },
  { kind: "ServiceAccount", name: "reader", namespace: "team-tools" },
  { kind: "ServiceAccount", name: "nginx", namespace: "ingress-nginx" },
  { kind: "Robot", name: "ollama" },
  { kind: "ServiceAccount", name: "default", namespace: "default" },
  { kind: "ServiceAccount", name: "ollama" },
  { kind: "Group", name: "system:serviceaccounts:tenant-intruder", apiGroup: group },
  { kind: "User", name: "system:serviceaccount:tenant-intruder:ollama", apiGroup: group },
];

/** Ways to give rights that nobody should have. */
export const rbacWidenings: Widening[] = [
  ...rights.map(([apiGroup, resource, verb]): Widening => ({
    kind: ROLE,
    path: /^rules$/,
    what: `given ${verb} on ${resource}${apiGroup === "" ? "" : `.${apiGroup}`}`,
    to: (old) => [...old, { apiGroups: [apiGroup], resources: [resource], verbs: [verb] }],
  })),
  ...at(ROLE, /^rules\[\d+\]\.(verbs|resources|apiGroups)$/, { "widened to all": () => ["*"] }),
  ...at(ROLE, /^rules\[\d+\]\.verbs$/, {
    "joined by every writing verb": (old) => [...old, "create", "update", "patch", "deletecollection"],
  }),
  ...at(ROLE, /^rules\[\d+\]\.resources$/, {
    "joined by secrets": (old) => [...old, "secrets"],
    "joined by every subresource": (old) => [...old, "*/exec"],
  }),
  ...setAt(ROLE, /^$/, [["aggregationRule", { clusterRoleSelectors: [{ matchLabels: { any: "thing" } }] }]]),
  ...subjects.flatMap((subject) => addAt(BINDING, /^$/, [["subjects", subject]])),
  ...["cluster-admin", "admin", "edit", "system:controller:job-controller"].map((name): Widening => ({
    kind: BINDING,
    path: /^roleRef$/,
    what: `changed to ClusterRole ${name}`,
    to: (old) => ({ ...old, kind: "ClusterRole", name }),
  })),
  ...at(BINDING, /^roleRef\.name$/, { "changed to a role that does not exist yet": () => "yet-to-come" }),
];

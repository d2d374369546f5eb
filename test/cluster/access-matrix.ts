import type { Attempt, Subject } from "../support/access";

const read = ["get", "list", "watch"];
const write = ["create", "update", "patch", "delete", "deletecollection"];

/** Resources of a tenant's namespace, each with its API group and what the roles may do with it. */
interface Entry {
  group: string;
  resource: string;
  viewer: string[];
  operator: string[];
  /** Name of the only object that the roles reach; undefined means all. */
  only?: string;
}

const seen = (group: string, resource: string, operator: string[] = []): Entry => ({
  group,
  resource,
  viewer: read,
  operator: [...read, ...operator],
});
const closed = (group: string, resource: string): Entry => ({ group, resource, viewer: [], operator: [] });

/** The whole expectation: every verb that is not listed here must be refused. */
export const namespaced: Entry[] = [
  seen("", "pods", ["delete"]),
  seen("", "pods/log"),
  seen("", "services"),
  seen("", "serviceaccounts"),
  seen("", "persistentvolumeclaims"),
  seen("", "resourcequotas"),
  seen("", "limitranges"),
  seen("", "events"),
  { group: "", resource: "configmaps", viewer: ["get"], operator: ["get"], only: "model-access" },
  closed("", "configmaps"),
  seen("apps", "deployments"),
  seen("apps", "replicasets"),
  seen("apps", "statefulsets"),
  seen("apps", "daemonsets"),
  seen("batch", "cronjobs"),
  seen("", "replicationcontrollers"),
  { group: "apps", resource: "deployments/scale", viewer: [], operator: ["get", "update", "patch"], only: "ollama" },
  closed("apps", "deployments/scale"),
  seen("autoscaling", "horizontalpodautoscalers"),
  seen("policy", "poddisruptionbudgets"),
  seen("networking.k8s.io", "networkpolicies"),
  closed("", "secrets"),
  closed("", "pods/exec"),
  closed("", "pods/attach"),
  closed("", "pods/portforward"),
  closed("", "pods/proxy"),
  closed("", "pods/ephemeralcontainers"),
  closed("", "pods/eviction"),
  closed("", "pods/binding"),
  closed("", "services/proxy"),
  closed("", "serviceaccounts/token"),
  closed("", "bindings"),
  closed("rbac.authorization.k8s.io", "roles"),
  closed("rbac.authorization.k8s.io", "rolebindings"),
  closed("networking.k8s.io", "ingresses"),
  closed("gateway.networking.k8s.io", "httproutes"),
  closed("coordination.k8s.io", "leases"),
  closed("resource.k8s.io", "resourceclaims"),
];

const clusterWide: [group: string, resource: string][] = [
  ["", "namespaces"],
  ["", "nodes"],
  ["", "nodes/proxy"],
  ["", "persistentvolumes"],
  ["rbac.authorization.k8s.io", "clusterroles"],
  ["rbac.authorization.k8s.io", "clusterrolebindings"],
  ["certificates.k8s.io", "certificatesigningrequests"],
  ["admissionregistration.k8s.io", "validatingadmissionpolicies"],
  ["admissionregistration.k8s.io", "mutatingwebhookconfigurations"],
  ["karpenter.sh", "nodepools"],
  ["scheduling.k8s.io", "priorityclasses"],
];

const special: Attempt[] = [
  { verb: "impersonate", group: "", resource: "users" },
  { verb: "impersonate", group: "", resource: "groups", name: "system:masters" },
  { verb: "escalate", group: "rbac.authorization.k8s.io", resource: "clusterroles" },
  { verb: "bind", group: "rbac.authorization.k8s.io", resource: "clusterroles", name: "cluster-admin" },
  { verb: "approve", group: "certificates.k8s.io", resource: "signers" },
];

/** Everything that any subject may ask: every verb on every resource of every namespace given, and of the cluster. */
export function attempts(namespaces: string[]): Attempt[] {
  const verbs = [...read, ...write];
  const inNamespaces = namespaces.flatMap((namespace) =>
    namespaced.flatMap(({ group, resource, only }) =>
      verbs.map((verb) => ({ verb, group, resource, namespace, name: only })),
    ),
  );
  const themselves = namespaces.flatMap((namespace) =>
    verbs.map((verb) => ({ verb, group: "", resource: "namespaces", namespace, name: namespace })),
  );
  const inCluster = clusterWide.flatMap(([group, resource]) => verbs.map((verb) => ({ verb, group, resource })));
  return [...inNamespaces, ...themselves, ...inCluster, ...special];
}

/** A person of a tenant, with the role that the tenant file gives to the group. */
export interface Person extends Subject {
  role: "viewer" | "operator" | "none";
  namespace?: string;
}

/** Whether the attempt is within the person's role. */
export function expected({ role, namespace }: Person, attempt: Attempt): boolean {
  if (role === "none" || attempt.namespace === undefined || attempt.namespace !== namespace) return false;
  // The own namespace itself may be looked at.
  if (attempt.resource === "namespaces") return attempt.verb === "get";
  return namespaced.some(
    (entry) =>
      entry.group === attempt.group &&
      entry.resource === attempt.resource &&
      (entry.only === undefined || entry.only === attempt.name) &&
      entry[role].includes(attempt.verb),
  );
}

/** Rights that nobody of a tenant may hold, by where. */

/** A right without its place. */
export interface Right {
  verb: string;
  /** API group; empty for the core group. */
  group: string;
  /** Plural name, with its subresource: `pods/exec`. */
  resource: string;
  /** Name of the object. Absent: any. */
  name?: string;
}

const READ = ["get", "list", "watch"];
const WRITE = ["create", "update", "patch", "delete", "deletecollection"];
const CHANGE = ["update", "patch", "delete", "deletecollection"];

const rights = (verbs: readonly string[], group: string, ...resources: string[]): Right[] =>
  resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource })));

const RBAC = "rbac.authorization.k8s.io";

/** Ways into pods, past the gateway. */
const intoPods: Right[] = [
  ...rights(["get", "create"], "", "pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy"),
  ...rights(["update", "patch"], "", "pods/ephemeralcontainers"),
];

/** What keeps a tenant in its place, and what it runs as. */
const fences: Right[] = [
  ...rights(WRITE, "networking.k8s.io", "networkpolicies", "ingresses"),
  ...rights(WRITE, "gateway.networking.k8s.io", "gateways", "httproutes", "grpcroutes", "tlsroutes", "referencegrants"),
  ...rights(WRITE, "", "resourcequotas", "limitranges", "endpoints", "services", "serviceaccounts"),
  ...rights(
    ["update", "patch"],
    "",
    "resourcequotas/status",
    "pods/status",
    "namespaces/status",
    "namespaces/finalize",
  ),
  ...rights(WRITE, "discovery.k8s.io", "endpointslices"),
  ...rights([...WRITE, "bind", "escalate"], RBAC, "roles"),
  ...rights(WRITE, RBAC, "rolebindings"),
  ...rights(CHANGE, "", "namespaces"),
  ...rights(["create"], "", "serviceaccounts/token", "bindings", "pods/binding"),
  ...rights(["impersonate"], "", "serviceaccounts"),
];

const secrets: Right[] = rights([...READ, ...WRITE], "", "secrets");

/** Everything that makes pods. */
const workloads: Right[] = [
  ...rights(["create", "update", "patch"], "", "pods", "replicationcontrollers", "podtemplates"),
  ...rights(WRITE, "apps", "deployments", "replicasets", "statefulsets", "daemonsets"),
  ...rights(WRITE, "batch", "jobs", "cronjobs"),
];

/** What no person and no account of a tenant may do in the tenant's own namespace. */
export const inOwnNamespace: Right[] = [...secrets, ...intoPods, ...fences, ...workloads];

/** What nobody of a tenant may do in a namespace that is not the tenant's: read, or change, anything. */
export const inForeignNamespace: Right[] = [
  ...inOwnNamespace,
  ...rights(
    READ,
    "",
    "pods",
    "pods/log",
    "configmaps",
    "services",
    "events",
    "persistentvolumeclaims",
    "serviceaccounts",
  ),
  ...rights(READ, "apps", "deployments"),
  ...rights(["get", "update", "patch"], "apps", "deployments/scale"),
  ...rights(["delete", "deletecollection"], "", "pods", "persistentvolumeclaims"),
  ...rights(WRITE, "", "configmaps"),
  ...rights(WRITE, "autoscaling", "horizontalpodautoscalers"),
  ...rights(WRITE, "policy", "poddisruptionbudgets"),
];

/** What nobody of a tenant may do in all namespaces at once, or outside of namespaces. */
export const inCluster: Right[] = [
  ...rights([...READ, ...WRITE], "", "secrets", "persistentvolumes"),
  ...rights(READ, "", "pods", "configmaps"),
  ...rights(WRITE, "", "namespaces", "nodes", "pods"),
  ...rights(["get", "create"], "", "nodes/proxy"),
  ...rights([...WRITE, "bind", "escalate"], RBAC, "clusterroles"),
  ...rights(WRITE, RBAC, "clusterrolebindings"),
  ...rights(["create", "approve", "sign"], "certificates.k8s.io", "signers"),
  ...rights(WRITE, "certificates.k8s.io", "certificatesigningrequests", "certificatesigningrequests/approval"),
  ...rights(
    WRITE,
    "admissionregistration.k8s.io",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "validatingwebhookconfigurations",
    "mutatingwebhookconfigurations",
  ),
  ...rights(WRITE, "apiextensions.k8s.io", "customresourcedefinitions"),
  ...rights(WRITE, "apiregistration.k8s.io", "apiservices"),
  ...rights(WRITE, "scheduling.k8s.io", "priorityclasses"),
  ...rights(WRITE, "node.k8s.io", "runtimeclasses"),
  ...rights(WRITE, "storage.k8s.io", "storageclasses", "csidrivers", "volumeattachments"),
  ...rights(WRITE, "karpenter.sh", "nodepools", "nodeclaims"),
  ...rights(WRITE, "policy.networking.k8s.io", "adminnetworkpolicies", "clusternetworkpolicies"),
  ...rights(["impersonate"], "", "users", "groups", "serviceaccounts"),
];

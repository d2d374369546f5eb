/**
 * ClusterRoles that every cluster has, for bindings that refer to one the program does not declare. They are read
 * generously: nothing that Kubernetes gives is left out, so a right may be assumed that a version does not give.
 */
import { type NormalRule, everything } from "./grants";
import { ALL_ACCOUNTS, AUTHENTICATED, type Principal, UNAUTHENTICATED } from "./principals";

const read = ["get", "list", "watch"];
const write = ["create", "delete", "deletecollection", "patch", "update"];

function rule(apiGroups: string[], resources: string[], verbs: string[]): NormalRule {
  return { apiGroups, resources, verbs, resourceNames: [], nonResourceURLs: [] };
}

const workloadGroups = ["apps", "batch", "autoscaling", "policy", "extensions"];

const coreView = [
  ["bindings", "configmaps", "endpoints", "events", "limitranges", "namespaces", "persistentvolumeclaims", "pods"],
  ["pods/log", "replicationcontrollers", "resourcequotas", "serviceaccounts", "services", "*/status", "*/scale"],
].flat();

const view: NormalRule[] = [
  rule([""], coreView, read),
  rule([...workloadGroups, "networking.k8s.io", "discovery.k8s.io", "events.k8s.io", "resource.k8s.io"], ["*"], read),
];

const interior = ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "services/proxy"];

const coreEdit = [
  ["configmaps", "events", "persistentvolumeclaims", "pods", "pods/eviction", "replicationcontrollers", "secrets"],
  ["replicationcontrollers/scale", "serviceaccounts", "services", ...interior],
].flat();

const edit: NormalRule[] = [
  ...view,
  rule([""], ["secrets", ...interior], read),
  rule([""], coreEdit, write),
  rule([""], ["serviceaccounts"], ["impersonate"]),
  rule([""], ["serviceaccounts/token"], ["create"]),
  rule([...workloadGroups, "networking.k8s.io", "events.k8s.io", "resource.k8s.io"], ["*"], write),
  rule(["coordination.k8s.io"], ["leases"], [...read, ...write]),
];

const admin: NormalRule[] = [
  ...edit,
  rule(["authorization.k8s.io"], ["localsubjectaccessreviews"], ["create"]),
  rule(["rbac.authorization.k8s.io"], ["roles", "rolebindings"], [...read, ...write]),
];

const discoveryPaths = [
  "/api",
  "/api/*",
  "/apis",
  "/apis/*",
  "/healthz",
  "/livez",
  "/openapi",
  "/openapi/*",
  "/readyz",
];
const discovery: NormalRule[] = [
  { ...rule([], [], ["get"]), nonResourceURLs: [...discoveryPaths, "/version", "/version/"] },
];
/** Paths of the issuer; Kubernetes opens each with a slash at its end as well. */
const ISSUER_PATHS = ["/.well-known/openid-configuration", "/openid/v1/jwks"].flatMap((path) => [path, `${path}/`]);
const issuerDiscovery: NormalRule[] = [{ ...rule([], [], ["get"]), nonResourceURLs: ISSUER_PATHS }];

const reviews = ["selfsubjectaccessreviews", "selfsubjectrulesreviews"];
const basicUser: NormalRule[] = [
  rule(["authorization.k8s.io"], reviews, ["create"]),
  rule(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"]),
];

const authDelegator: NormalRule[] = [
  rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
  rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"]),
];

/** Rules by the role's name. The `system:` roles of Kubernetes' own components are deliberately not among them. */
export const builtInRoles: ReadonlyMap<string, readonly NormalRule[]> = new Map([
  ["cluster-admin", [everything]],
  ["admin", admin],
  ["edit", edit],
  ["view", view],
  ["system:discovery", discovery],
  ["system:public-info-viewer", discovery],
  ["system:basic-user", basicUser],
  ["system:auth-delegator", authDelegator],
  ["system:service-account-issuer-discovery", issuerDiscovery],
]);

/** Bindings that every cluster has, of roles that a program may widen by declaring a role of the same name. */
export const builtInBindings: readonly { role: string; subjects: readonly Principal[] }[] = [
  { role: "system:basic-user", subjects: [AUTHENTICATED] },
  { role: "system:discovery", subjects: [AUTHENTICATED] },
  { role: "system:public-info-viewer", subjects: [AUTHENTICATED, UNAUTHENTICATED] },
  { role: "system:service-account-issuer-discovery", subjects: [ALL_ACCOUNTS] },
];

/** Paths of the API server, beside its resources, that Kubernetes itself opens to every service account. */
export const publicPaths: readonly string[] = [...discovery, ...issuerDiscovery].flatMap((r) => r.nonResourceURLs);

const part = (role: string): string => `rbac.authorization.k8s.io/aggregate-to-${role}`;

/** Labels on ClusterRoles whose rules Kubernetes adds to a built-in role. */
export const aggregationLabels: ReadonlyMap<string, readonly string[]> = new Map([
  ["view", [part("view")]],
  ["edit", [part("view"), part("edit")]],
  ["admin", [part("view"), part("edit"), part("admin")]],
]);

const bootstrapped = { "kubernetes.io/bootstrapping": "rbac-defaults" };

/**
 * Labels of the built-in roles that an aggregation of the program's own may select, each with the rules that it then
 * gains. Of the many `system:` roles, `cluster-admin` stands for all: whatever selects one by its label selects it.
 */
export const labelledBuiltIns: readonly { labels: Record<string, string>; rules: readonly NormalRule[] }[] = [
  { labels: bootstrapped, rules: [everything] },
  { labels: { ...bootstrapped, [part("view")]: "true" }, rules: view },
  { labels: { ...bootstrapped, [part("edit")]: "true" }, rules: edit },
  { labels: { ...bootstrapped, [part("admin")]: "true" }, rules: admin },
];

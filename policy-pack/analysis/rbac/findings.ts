/** What tenants can do that they must not: act on other tenants, widen their own fences, read Secrets, become the platform. */
import { publicPaths } from "./built-in-roles";
import { type Closure, closure } from "./closure";
import type { HeldGrant } from "./escalations";
import { CLUSTER, type NormalRule, matchesResource } from "./grants";
import { type Principal, accountNamespace, anyone, group } from "./principals";
import type { Rbac } from "./rbac";
import { isClusterWide, isReview } from "./resources";

export type FindingKind = "platform" | "other-tenant" | "fence" | "secrets";

/** One thing that a tenant can do and must not. */
export interface RbacFinding {
  /** The tenant; undefined for what anybody can do, with or without credentials. */
  tenant?: string;
  kind: FindingKind;
  /** What can be done, for example `get on pods in tenant-b`. */
  what: string;
  /** Namespace that it concerns; undefined for the whole cluster. */
  namespace?: string;
  /** Steps from a principal of the tenant to the right. */
  chain: readonly string[];
  /** `Tenant a: ...` with the chain, for messages. */
  explanation: string;
}

const writes = ["create", "update", "patch", "delete", "deletecollection"];
const reads = ["get", "list", "watch"];

/** What keeps a tenant in its place. A resource `*` stands for every one of the group. */
const fences: readonly (readonly [group: string, resource: string, name: string])[] = [
  ["networking.k8s.io", "networkpolicies", "NetworkPolicies"],
  ["policy.networking.k8s.io", "*", "cluster network policies"],
  ["cilium.io", "*", "network policies of Cilium"],
  ["crd.projectcalico.org", "*", "network policies of Calico"],
  ["projectcalico.org", "*", "network policies of Calico"],
  ["", "endpoints", "Endpoints, which lead a Service to other tenants' pods"],
  ["discovery.k8s.io", "endpointslices", "EndpointSlices, which lead a Service to other tenants' pods"],
  ["", "resourcequotas", "its quota"],
  ["", "resourcequotas/status", "the record of its quota's use"],
  ["", "limitranges", "its limits"],
  ["", "namespaces", "its Namespace and the labels on it"],
  ["", "namespaces/finalize", "its Namespace"],
  ["", "bindings", "the placement of pods"],
  ["", "pods/binding", "the placement of pods"],
  ["rbac.authorization.k8s.io", "roles", "Roles"],
  ["rbac.authorization.k8s.io", "rolebindings", "RoleBindings"],
];

/** Every finding: what anybody can do first, then each tenant's own. */
export function rbacFindings(rbac: Rbac): RbacFinding[] {
  const open = findingsOf(rbac, undefined, closure(rbac, anyone));
  const known = new Set(open.map(findingKey));
  const tenants = new Set([...rbac.namespaces.values()].flatMap(({ tenant }) => tenant ?? []));
  return [
    ...open,
    ...[...tenants].flatMap((tenant) =>
      tenantFindings(rbac, tenant).filter((finding) => !known.has(findingKey(finding))),
    ),
  ];
}

/** Findings of one tenant, those that hold for anybody included. */
export function tenantFindings(rbac: Rbac, tenant: string): RbacFinding[] {
  return findingsOf(rbac, tenant, closure(rbac, tenantPrincipals(rbac, tenant)));
}

/**
 * Everybody that counts as the tenant: the service accounts of its namespaces, and the users and groups bound there
 * that are neither Kubernetes' own nor listed as the platform's.
 */
export function tenantPrincipals(rbac: Rbac, tenant: string): Principal[] {
  const shared = new Set(rbac.sharedGroups.map(group));
  return [...rbac.namespaces.values()]
    .filter((namespace) => namespace.tenant === tenant)
    .flatMap((namespace) => [
      ...namespace.accounts,
      group(`system:serviceaccounts:${namespace.name}`),
      ...[...namespace.bound].filter((p) => !shared.has(p) && !/^(User|Group) system:/.test(p)),
    ]);
}

function findingsOf(rbac: Rbac, tenant: string | undefined, reached: Closure): RbacFinding[] {
  const finding = (kind: FindingKind, what: string, namespace: string | undefined, chain: readonly string[]) => ({
    tenant,
    kind,
    what,
    namespace,
    chain,
    explanation: `${tenant === undefined ? "Anybody" : `Tenant ${tenant}`}: ${what}: ${chain.join(" → ")}`,
  });
  // All rights at once: every other finding would repeat it.
  if (reached.total !== undefined)
    return [finding("platform", "holds every right in the cluster", undefined, reached.total)];
  const found = new Map<string, RbacFinding>();
  const add = (...args: Parameters<typeof finding>): void => {
    const made = finding(...args);
    if (!found.has(findingKey(made))) found.set(findingKey(made), made);
  };
  for (const [principal, chain] of reached.principals) {
    const namespace = accountNamespace(principal);
    const owner = namespace === undefined ? undefined : rbac.namespaces.get(namespace);
    if (owner?.platform === true) add("platform", `acts as ${principal}`, namespace, chain);
    else if (owner?.tenant !== undefined && owner.tenant !== tenant && namespace !== undefined)
      add("other-tenant", `acts as ${principal} of tenant ${owner.tenant}`, namespace, chain);
    const shared = rbac.sharedGroups.some((name) => group(name) === principal);
    if (shared) add("platform", `acts as ${principal}, a group of the platform`, undefined, chain);
  }
  for (const held of reached.grants) {
    if (held.grant.namespace === CLUSTER) judgeClusterGrant(held, rbac, tenant, add);
    else judgeNamespaceGrant(held, rbac, tenant, add);
  }
  return [...found.values()];
}

type Add = (kind: FindingKind, what: string, namespace: string | undefined, chain: readonly string[]) => void;

function judgeNamespaceGrant({ grant, chain }: HeldGrant, rbac: Rbac, tenant: string | undefined, add: Add): void {
  const { rule } = grant;
  if (rule.resources.length === 0) return;
  const namespace = rbac.namespaces.get(grant.namespace);
  const right = `${rule.verbs.join(", ")} on ${rule.resources.join(", ")} in ${grant.namespace}`;
  const takesOver = mayWrite(rule) || reads.some((verb) => matchesResource(rule, verb, "", "secrets"));
  if (namespace?.platform === true) {
    if (takesOver) add("platform", right, grant.namespace, chain);
    return;
  }
  if (namespace?.tenant === undefined) {
    const callee = [...(namespace?.callerOf ?? [])].find((other) => other !== tenant);
    if (takesOver && callee !== undefined)
      add("other-tenant", `${right}, whose pods may call tenant ${callee}`, grant.namespace, chain);
    return;
  }
  if (namespace.tenant !== tenant)
    add("other-tenant", `${right} of tenant ${namespace.tenant}`, grant.namespace, chain);
  else judgeOwn(rule, grant.namespace, chain, add);
}

/** Rights within the tenant's own namespace. */
function judgeOwn(rule: NormalRule, namespace: string, chain: readonly string[], add: Add): void {
  for (const [apiGroup, resource, name] of fences) {
    const verbs = writes.filter((verb) => concerns(rule, verb, apiGroup, resource));
    // A Namespace cannot be created from within it.
    const able = resource === "namespaces" ? verbs.filter((verb) => verb !== "create") : verbs;
    if (able.length > 0) add("fence", `can ${able.join(", ")} ${name} in ${namespace}`, namespace, chain);
  }
  const verbs = reads.filter((verb) => matchesResource(rule, verb, "", "secrets"));
  if (verbs.length > 0) add("secrets", `can ${verbs.join(", ")} Secrets in ${namespace}`, namespace, chain);
}

function judgeClusterGrant({ grant, chain }: HeldGrant, rbac: Rbac, tenant: string | undefined, add: Add): void {
  const { rule } = grant;
  for (const resource of rule.resources) {
    const apiGroups = rule.apiGroups.filter((apiGroup) => !isReview(apiGroup, resource));
    if (apiGroups.length === 0) continue;
    const clusterWide = apiGroups.every((apiGroup) => isClusterWide(apiGroup, resource));
    if (resource.split("/")[0] === "namespaces") judgeNamespaceObjects(resource, grant.rule, rbac, tenant, chain, add);
    else if (!clusterWide)
      add("other-tenant", `${rule.verbs.join(", ")} on ${resource} in every namespace`, undefined, chain);
    else if (mayWrite(rule))
      add("fence", `${rule.verbs.join(", ")} on ${resource}, which all tenants share`, undefined, chain);
  }
  judgePaths(rule, chain, add);
}

/**
 * Paths of the API server beside its resources, which only a binding for the whole cluster opens: its metrics name
 * every tenant's objects, its logs and profiles show what others do, and its log level can be set.
 */
function judgePaths({ nonResourceURLs, verbs }: NormalRule, chain: readonly string[], add: Add): void {
  const paths = nonResourceURLs.filter((path) => !isPublic(path));
  if (paths.length > 0 && verbs.length > 0)
    add("platform", `${verbs.join(", ")} on ${paths.join(", ")} of the API server`, undefined, chain);
}

/** Whether everything under the path, which may end with `*`, is open to everybody anyway. */
function isPublic(path: string): boolean {
  return publicPaths.some((open) => path === open || (open.endsWith("*") && path.startsWith(open.slice(0, -1))));
}

/** A Namespace is an object outside namespaces, but belongs to its tenant. */
function judgeNamespaceObjects(
  resource: string,
  rule: NormalRule,
  rbac: Rbac,
  tenant: string | undefined,
  chain: readonly string[],
  add: Add,
): void {
  const { resourceNames: names, verbs } = rule;
  const right = `${verbs.join(", ")} on ${resource}`;
  if (names.length === 0) add("other-tenant", `${right} of every tenant`, undefined, chain);
  for (const name of names) {
    const namespace = rbac.namespaces.get(name);
    if (namespace?.tenant !== undefined && namespace.tenant !== tenant)
      add("other-tenant", `${right} named ${name} of tenant ${namespace.tenant}`, name, chain);
    else if (namespace?.platform === true && mayWrite(rule)) add("platform", `${right} named ${name}`, name, chain);
    else if (namespace?.tenant === tenant && tenant !== undefined && mayWrite(rule))
      add("fence", `${right} named ${name}`, name, chain);
  }
}

function concerns(rule: NormalRule, verb: string, apiGroup: string, resource: string): boolean {
  if (resource !== "*") return matchesResource(rule, verb, apiGroup, resource);
  const inGroup = rule.apiGroups.includes("*") || rule.apiGroups.includes(apiGroup);
  return inGroup && rule.resources.length > 0 && (rule.verbs.includes("*") || rule.verbs.includes(verb));
}

/** Whether a rule allows anything but reading. Verbs nobody knows count as writing. */
function mayWrite(rule: NormalRule): boolean {
  return rule.verbs.some((verb) => !reads.includes(verb));
}

function findingKey({ kind, what, namespace }: RbacFinding): string {
  return `${kind} ${namespace ?? ""} ${what}`;
}

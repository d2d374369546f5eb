/** What tenants can do that they must not: act on other tenants, widen their own fences, read Secrets, become the platform. */
import { publicPaths } from "./built-in-roles";
import { type Closure, closure } from "./closure";
import type { HeldGrant } from "./escalations";
import { CLUSTER, type Grant, type NormalRule, effectiveRule } from "./grants";
import { type Principal, accountNamespace, anyone, group, user } from "./principals";
import type { Rbac } from "./rbac";
import { isClusterWide, isReview } from "./resources";
import type { RightKind } from "./right";
import { givenRights } from "./rights";
import { forbiddenIn } from "./workspace";

export type FindingKind = "platform" | "other-tenant" | "fence" | "secrets";

/** One thing that a tenant can do and must not. */
export interface RbacFinding {
  /** The tenant; undefined for what anybody can do, with or without credentials, and for those outside. */
  tenant?: string;
  /** Who can do it: `tenant a`, `anybody`, `namespace tools`, `Group x`. */
  holder: string;
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

const reads = ["get", "list", "watch"];
/** Kinds of rights by which whoever holds them in a namespace takes over what runs there, or reads what it keeps. */
const TAKING_OVER: readonly RightKind[] = ["secrets", "interior", "identity"];

/** Every finding: what anybody can do first, then what those outside can, then each tenant's own. */
export function rbacFindings(rbac: Rbac): RbacFinding[] {
  const open = findingsOf(rbac, { name: "anybody" }, closure(rbac, anyone));
  const known = new Set(open.map(findingKey));
  const outside = [...rbac.outsiders].flatMap(([name, principals]) =>
    findingsOf(rbac, { name }, closure(rbac, principals)).filter((finding) => !known.has(findingKey(finding))),
  );
  const tenants = new Set([...rbac.namespaces.values()].flatMap(({ tenant }) => tenant ?? []));
  return [
    ...open,
    ...outside,
    ...[...tenants].flatMap((tenant) =>
      tenantFindings(rbac, tenant).filter((finding) => !known.has(findingKey(finding))),
    ),
  ];
}

/** Findings of one tenant, those that hold for anybody included. */
export function tenantFindings(rbac: Rbac, tenant: string): RbacFinding[] {
  return findingsOf(rbac, { name: `tenant ${tenant}`, tenant }, closure(rbac, tenantPrincipals(rbac, tenant)));
}

/**
 * Everybody that counts as the tenant: the service accounts of its namespaces, and the users and groups bound there
 * that are neither Kubernetes' own nor listed as the platform's.
 */
export function tenantPrincipals(rbac: Rbac, tenant: string): Principal[] {
  const shared = new Set(rbac.sharedGroups.flatMap((name) => [group(name), user(name)]));
  return [...rbac.namespaces.values()]
    .filter((namespace) => namespace.tenant === tenant)
    .flatMap((namespace) => [
      ...namespace.accounts,
      group(`system:serviceaccounts:${namespace.name}`),
      ...[...namespace.bound].filter((p) => !shared.has(p) && !/^(User|Group) system:/.test(p)),
    ]);
}

/** Who can do what is found: a tenant, anybody, or someone by name. */
interface Holder {
  name: string;
  tenant?: string;
}

function findingsOf(rbac: Rbac, holder: Holder, reached: Closure): RbacFinding[] {
  const { tenant } = holder;
  const title = `${holder.name.charAt(0).toUpperCase()}${holder.name.slice(1)}`;
  const finding = (kind: FindingKind, what: string, namespace: string | undefined, chain: readonly string[]) => ({
    tenant,
    holder: holder.name,
    kind,
    what,
    namespace,
    chain,
    explanation: `${title}: ${what}: ${chain.join(" → ")}`,
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
    // Where the chain begins, the holder acts as itself.
    if (chain.length === 1) continue;
    const namespace = accountNamespace(principal);
    const owner = namespace === undefined ? undefined : rbac.namespaces.get(namespace);
    if (owner?.platform === true) add("platform", `acts as ${principal}`, namespace, chain);
    else if (owner?.tenant !== undefined && owner.tenant !== tenant && namespace !== undefined)
      add("other-tenant", `acts as ${principal} of tenant ${owner.tenant}`, namespace, chain);
    const shared = rbac.sharedGroups.some((name) => group(name) === principal);
    if (shared) add("platform", `acts as ${principal}, a group of the platform`, undefined, chain);
  }
  for (const { grant, chain } of reached.grants) {
    const held = { grant: { ...grant, rule: effectiveRule(grant) }, chain };
    if (grant.namespace === CLUSTER) judgeClusterGrant(held, rbac, tenant, add);
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
  const takesOver = mayWrite(rule) || TAKING_OVER.some((kind) => givenRights(grant, kind).length > 0);
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
  else judgeOwn(grant, namespace.workspace, chain, add);
}

/** Rights within the tenant's own namespace. */
function judgeOwn(grant: Grant, isWorkspace: boolean, chain: readonly string[], add: Add): void {
  const { namespace } = grant;
  for (const { right, verbs } of forbiddenIn(isWorkspace, givenRights(grant, "fence")))
    add("fence", `can ${verbs.join(", ")} ${right.name} in ${namespace}`, namespace, chain);
  const verbs = forbiddenIn(isWorkspace, givenRights(grant, "secrets")).flatMap((given) =>
    given.verbs.filter((verb) => reads.includes(verb)),
  );
  if (verbs.length > 0) add("secrets", `can ${verbs.join(", ")} Secrets in ${namespace}`, namespace, chain);
}

/**
 * What rules that hold in the whole cluster let someone do who belongs to no tenant: rights on tenants' objects, writing
 * what all tenants share, paths of the API server. Empty for rights that concern no tenant, such as reading nodes.
 */
export function clusterRights(rbac: Rbac, rules: readonly NormalRule[]): string[] {
  const found = new Set<string>();
  for (const rule of rules) {
    const grant = { namespace: CLUSTER, rule, source: "" };
    const held = { grant: { ...grant, rule: effectiveRule(grant) }, chain: [] };
    judgeClusterGrant(held, rbac, undefined, (_kind, what) => found.add(what));
  }
  return [...found];
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
    else if (mayWrite(rule) || reachesPods(rule, resource))
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

/** Whether a right on one resource, held in the whole cluster, leads to every pod though it only reads. */
function reachesPods(rule: NormalRule, resource: string): boolean {
  const grant = { namespace: CLUSTER, rule: { ...rule, resources: [resource] }, source: "" };
  return TAKING_OVER.some((kind) => givenRights(grant, kind).length > 0);
}

/** Whether a rule allows anything but reading. Verbs nobody knows count as writing. */
function mayWrite(rule: NormalRule): boolean {
  return rule.verbs.some((verb) => !reads.includes(verb));
}

function findingKey({ kind, what, namespace }: RbacFinding): string {
  return `${kind} ${namespace ?? ""} ${what}`;
}

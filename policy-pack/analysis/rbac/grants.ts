/** Rights as Kubernetes' RBAC authorizer reads them. */
import { type PolicyRule, UNKNOWN } from "../../model/kubernetes";
import { isClusterWide, isNamespaceObject } from "./resources";

/** Scope of a right that holds in every namespace and on objects outside namespaces. */
export const CLUSTER = "*";

/** One rule of a role, bound somewhere. */
export interface Grant {
  /** Namespace in which it holds, or `CLUSTER`. */
  namespace: string;
  rule: NormalRule;
  /** Where it comes from, for example `RoleBinding tenant-a/viewer → Role tenant-a/viewer rules[0]`. */
  source: string;
}

/** A policy rule whose lists are all present. */
export interface NormalRule {
  verbs: readonly string[];
  apiGroups: readonly string[];
  resources: readonly string[];
  /** Empty: objects of every name. */
  resourceNames: readonly string[];
  nonResourceURLs: readonly string[];
}

/** What someone wants to do. */
export interface Ask {
  verb: string;
  /** API group, empty for the core group. */
  group: string;
  /** Resource in plural, with its subresource: `pods`, `pods/exec`. */
  resource: string;
  /** Namespace of the object; `CLUSTER` for objects outside namespaces and for requests across all namespaces. */
  namespace: string;
  /** Name of the object. Absent: a request without a name, such as `list` or `create`. */
  name?: string;
}

/** A rule for everything: what an unknown or missing role is taken for. */
export const everything: NormalRule = {
  verbs: ["*"],
  apiGroups: ["*"],
  resources: ["*"],
  resourceNames: [],
  nonResourceURLs: ["*"],
};

/** Fills in absent lists; a list that is unknown, or holds an unknown value, is read as a wildcard. */
export function normalRule(rule: PolicyRule): NormalRule {
  return {
    verbs: known(rule.verbs),
    apiGroups: known(rule.apiGroups),
    resources: known(rule.resources),
    resourceNames: isKnown(rule.resourceNames) ? [...(rule.resourceNames ?? [])] : [],
    nonResourceURLs: known(rule.nonResourceURLs),
  };
}

/**
 * Whether a grant allows a request, exactly as the authorizer decides: an empty `resourceNames` admits every name, a
 * filled one admits no request without a name.
 */
export function allows({ namespace, rule }: Grant, ask: Ask): boolean {
  if (namespace !== CLUSTER && namespace !== ask.namespace) return false;
  const named = rule.resourceNames.length === 0 || (ask.name !== undefined && rule.resourceNames.includes(ask.name));
  return named && matchesResource(rule, ask.verb, ask.group, ask.resource);
}

/** Whether a rule concerns the verb on the resource, on objects of some name at least. */
export function matchesResource(rule: NormalRule, verb: string, group: string, resource: string): boolean {
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, group)) return false;
  if (has(rule.resources, resource)) return true;
  const slash = resource.indexOf("/");
  return slash >= 0 && rule.resources.includes(`*${resource.slice(slash)}`);
}

/**
 * Whether a grant allows any request of the verb on the resource at all. A binding in a namespace gives nothing on
 * objects outside namespaces, but for the Namespace itself; `resourceNames` admit no request without a name; and a `*`
 * that is a part of a word is no wildcard.
 */
export function allowsSome({ namespace, rule }: Grant, verb: string, group: string, resource: string): boolean {
  return matchesResource(rule, verb, group, resource) && hasEffect(rule, namespace, verb, group, resource);
}

function hasEffect(
  { resourceNames: names }: NormalRule,
  namespace: string,
  verb: string,
  group: string,
  resource: string,
): boolean {
  if (names.length > 0 && isNameless(verb, resource)) return false;
  if (namespace === CLUSTER) return true;
  if (isNamespaceObject(group, resource)) {
    const named = verb === "*" || !["create", "deletecollection", "list", "watch"].includes(verb);
    return named && (names.length === 0 || names.includes(namespace));
  }
  // Whoever binds a ClusterRole in a namespace is asked for this verb in that namespace.
  if (verb === "bind" || verb === "*") if (isRole(group, resource)) return true;
  return !isClusterWide(group, resource);
}

function isRole(group: string, resource: string): boolean {
  return (group === "rbac.authorization.k8s.io" || group === "*") && resource === "clusterroles";
}

/** Whether the API server sees no name with such requests: what is created has none yet, and a collection has none. */
function isNameless(verb: string, resource: string): boolean {
  return verb === "deletecollection" || (verb === "create" && !resource.includes("/"));
}

/** The part of a grant's rule that has any effect where it holds: resources and verbs that give nothing are left out. */
export function effectiveRule({ namespace, rule }: Grant): NormalRule {
  const { verbs, apiGroups, resources } = rule;
  const effect = (resource: string, verb: string): boolean =>
    apiGroups.some((group) => hasEffect(rule, namespace, verb, group, resource));
  const effective = resources.filter((name) => isRealName(name) && verbs.some((verb) => effect(name, verb)));
  return {
    ...rule,
    resources: effective,
    verbs: resources.length === 0 ? verbs : verbs.filter((verb) => effective.some((name) => effect(name, verb))),
    nonResourceURLs: namespace === CLUSTER ? rule.nonResourceURLs : [],
  };
}

/** Whether a resource in a rule can be any: `pods/*` and the like are names that nothing has. */
export function isRealName(resource: string): boolean {
  return !resource.replace(/^\*(?=\/|$)/, "").includes("*");
}

/** Whether a grant allows a request for a path outside the API's resources, such as `/metrics`. */
export function allowsUrl({ namespace, rule }: Grant, verb: string, path: string): boolean {
  if (namespace !== CLUSTER || !has(rule.verbs, verb)) return false;
  return rule.nonResourceURLs.some((url) => {
    if (url === "*" || url === path) return true;
    return url.endsWith("*") && path.startsWith(url.slice(0, -1));
  });
}

/** `get, list on pods, pods/log (names a, b)`, for explanations. */
export function describeRule({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: NormalRule): string {
  if (resources.length === 0) return `${verbs.join(", ")} on ${nonResourceURLs.join(", ")}`;
  const groups = apiGroups.filter((group) => group !== "");
  const suffix =
    groups.length === 0 ? "" : ` of ${groups.map((group) => (group === "*" ? "any group" : group)).join(", ")}`;
  const names = resourceNames.length === 0 ? "" : ` named ${resourceNames.join(", ")}`;
  return `${verbs.join(", ")} on ${resources.join(", ")}${suffix}${names}`;
}

function has(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}

function isKnown(list: unknown): boolean {
  if (list === undefined || list === null) return true;
  return Array.isArray(list) && list.every((value) => typeof value === "string" && value !== UNKNOWN);
}

function known(list: readonly string[] | null | undefined): readonly string[] {
  if (!isKnown(list)) return ["*"];
  return list ?? [];
}

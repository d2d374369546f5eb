/** Rights as Kubernetes' RBAC authorizer reads them. */
import { type PolicyRule, UNKNOWN } from "../../model/kubernetes";

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

/** What somebody wants to do. */
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

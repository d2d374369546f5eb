/** Rights that tenants hold, taken apart for the rules under `rbac/`. */
import type { ClusterModel, ModelObject } from "../model/cluster-model";
import type { PolicyRule, RoleRef, Subject } from "../model/kubernetes";
import { record } from "../model/pods";
import { inTenantNamespace, list, show } from "./select";
import type { Finding } from "./rule";

export const RBAC_GROUP = "rbac.authorization.k8s.io";
export const writeVerbs = ["create", "update", "patch", "delete", "deletecollection"];
export const readVerbs = ["get", "list", "watch"];

/** RoleBindings and ClusterRoleBindings. */
export function bindings(model: ClusterModel): readonly ModelObject[] {
  return [...model.of("RoleBinding", RBAC_GROUP), ...model.of("ClusterRoleBinding", RBAC_GROUP)];
}

/** Subjects of a binding; one that stands for anybody when they are unknown. */
export function subjectsOf(binding: ModelObject): readonly Subject[] {
  const subjects = binding.object.subjects;
  if (subjects === undefined) return [];
  return Array.isArray(subjects)
    ? (subjects as Subject[]).map((s) => record(s) as Subject)
    : [{ kind: "Group", name: "system:authenticated" }];
}

/** Role that a binding refers to, as written. */
export function roleRefOf(binding: ModelObject): RoleRef {
  return record(binding.object.roleRef) as RoleRef;
}

/** The Role or ClusterRole that a binding refers to; undefined when the model does not hold it. */
export function roleOf(model: ClusterModel, binding: ModelObject): ModelObject | undefined {
  const { kind, name } = roleRefOf(binding);
  if (kind !== "Role" && kind !== "ClusterRole") return undefined;
  return model.find(kind === "ClusterRole" ? "" : binding.namespace, kind, RBAC_GROUP, String(name));
}

/** Namespace whose service accounts a subject stands for: one account, or the group of all of a namespace. */
export function serviceAccountNamespace(subject: Subject): string | undefined {
  if (subject.kind === "ServiceAccount") return subject.namespace;
  const name = subject.name ?? "";
  if (subject.kind === "Group") return /^system:serviceaccounts:(.+)$/.exec(name)?.[1];
  return /^system:serviceaccount:([^:]+):/.exec(name)?.[1];
}

/** Whether a binding gives rights within a tenant's namespace, or to a tenant's service accounts anywhere. */
export function concernsTenants(model: ClusterModel, binding: ModelObject): boolean {
  if (binding.object.kind === "RoleBinding" && inTenantNamespace(model, binding)) return true;
  return subjectsOf(binding).some((subject) => {
    const namespace = serviceAccountNamespace(subject);
    return namespace !== undefined && model.tenantOf(namespace) !== undefined;
  });
}

/**
 * Roles whose rules reach a tenant: those in tenants' namespaces, bound or not, and cluster roles that a binding in a
 * tenant's namespace or of a tenant's account refers to.
 */
export function tenantRoles(model: ClusterModel): ModelObject[] {
  const own = model.of("Role", RBAC_GROUP).filter((role) => inTenantNamespace(model, role));
  const bound = bindings(model)
    .filter((binding) => concernsTenants(model, binding))
    .flatMap((binding) => roleOf(model, binding) ?? []);
  return [...new Set([...own, ...bound])];
}

/** Tells whether a subject is a group or a user that holds a role in some tenant's namespace and is not the platform's. */
export function tenantPeople(model: ClusterModel, sharedGroups: readonly string[]): (subject: Subject) => boolean {
  const key = ({ kind, name }: Subject) => `${kind} ${name}`;
  const people = bindings(model)
    .filter((binding) => binding.object.kind === "RoleBinding" && inTenantNamespace(model, binding))
    .flatMap((binding) => subjectsOf(binding))
    .filter((subject) => subject.kind !== "ServiceAccount" && !sharedGroups.includes(subject.name ?? ""));
  const keys = new Set(people.map(key));
  return (subject) => keys.has(key(subject));
}

/** What a rule of a role is compared with. Names are exact; `pods/exec` names a subresource. */
export interface Permission {
  group: string;
  resources: string[];
  verbs: string[];
}

/** One verb on one resource that a role gives. */
export interface Grant {
  role: ModelObject;
  /** Path of the rule, for example `rules[0]`. */
  path: string;
  verb: string;
  resource: string;
}

/** Every forbidden permission that roles reaching tenants give; wildcards and unknown values give all. */
export function grants(model: ClusterModel, forbidden: readonly Permission[]): Grant[] {
  return tenantRoles(model).flatMap((role) => roleGrants(role, forbidden));
}

/** Every forbidden permission that one role gives. */
export function roleGrants(role: ModelObject, forbidden: readonly Permission[]): Grant[] {
  return rulesOf(role).flatMap((rule, index) =>
    forbidden
      .filter(({ group }) => covers(rule.apiGroups, group))
      .flatMap(({ resources, verbs }) =>
        resources
          .filter((resource) => coversResource(rule.resources, resource))
          .flatMap((resource) =>
            verbs
              .filter((verb) => covers(rule.verbs, verb))
              .map((verb) => ({ role, path: `rules[${index}]`, verb, resource })),
          ),
      ),
  );
}

/** Rules of a role; a rule for everything when they are unknown. */
export function rulesOf(role: ModelObject): readonly PolicyRule[] {
  const { rules } = role.object;
  if (rules === undefined) return [];
  if (!Array.isArray(rules)) return [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
  return (rules as PolicyRule[]).map((rule) => record(rule) as PolicyRule);
}

/** Findings for grants, one for each rule of a role, with the reason why they are refused. */
export function grantFindings(found: readonly Grant[], harm: string, fix: string): Finding[] {
  const byRule = new Map<string, Grant[]>();
  for (const grant of found) {
    const key = `${grant.role.origin}\n${grant.role.namespace}/${grant.role.object.metadata.name}\n${grant.path}`;
    byRule.set(key, [...(byRule.get(key) ?? []), grant]);
  }
  return [...byRule.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const verbs = [...new Set(group.map((g) => g.verb))].join(", ");
    const resources = [...new Set(group.map((g) => g.resource))].join(", ");
    return [{ object: first.role, field: first.path, message: `allows ${verbs} on ${resources}: ${harm}.`, fix }];
  });
}

/** A subject as messages name it. */
export function showSubject({ kind, name, namespace }: Subject): string {
  return `${kind ?? "subject"} ${show(namespace === undefined ? name : `${namespace}/${name}`)}`;
}

/** The role that a binding refers to, as messages name it. */
export function showRole(binding: ModelObject): string {
  const { kind, name } = roleRefOf(binding);
  return typeof kind === "string" && typeof name === "string" ? `${kind} ${name}` : "an unknown role";
}

/** Whether a list of names contains the name or a wildcard; an unknown list contains everything. */
function covers(names: readonly string[] | undefined, name: string): boolean {
  if (names !== undefined && !Array.isArray(names)) return true;
  return list(names).some((n) => n === "*" || n === name || typeof n !== "string");
}

function coversResource(names: readonly string[] | undefined, resource: string): boolean {
  if (covers(names, resource)) return true;
  const slash = resource.indexOf("/");
  return slash >= 0 && list(names).includes(`*${resource.slice(slash)}`);
}

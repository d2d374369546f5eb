/** Roles and bindings as objects declare them, read once for the closure and for the rules. */
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { record } from "../../model/json";
import { type PolicyRule, type RoleRef, type Subject, UNKNOWN } from "../../model/kubernetes";
import { type NormalRule, everything, normalRule } from "./grants";

export const RBAC_GROUP = "rbac.authorization.k8s.io";

/** RoleBindings and ClusterRoleBindings. */
export function bindings(model: ClusterModel): readonly ModelObject[] {
  return [...model.of("RoleBinding", RBAC_GROUP), ...model.of("ClusterRoleBinding", RBAC_GROUP)];
}

/** Whether a binding holds in every namespace. */
export function isClusterBinding({ object }: ModelObject): boolean {
  return object.kind === "ClusterRoleBinding";
}

/**
 * Subjects of a binding; one that stands for anybody where they are unknown. A service account without a namespace is of
 * the binding's own; in a ClusterRoleBinding, where the API server refuses that, it stays without one.
 */
export function subjectsOf(binding: ModelObject): readonly Subject[] {
  const { subjects } = binding.object;
  if (subjects === undefined || subjects === null) return [];
  if (!Array.isArray(subjects)) return [{ kind: "Group", name: "system:authenticated" }];
  return subjects.map((value) => {
    const subject = record(value) as Subject;
    const isIncomplete = subject.kind === "ServiceAccount" && (subject.namespace ?? "") === "";
    return isIncomplete ? { ...subject, namespace: binding.namespace || undefined } : subject;
  });
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

/** A role's own rules, without those that aggregation adds; a rule for everything where they are unknown. */
export function ownRules({ object: { rules } }: ModelObject): readonly NormalRule[] {
  if (rules === undefined || rules === null) return [];
  if (!Array.isArray(rules)) return [everything];
  return rules.map((rule) => (rule === UNKNOWN ? everything : normalRule(record(rule) as PolicyRule)));
}

/** Namespace whose service accounts a subject stands for: one account, or the group of all of a namespace. */
export function serviceAccountNamespace({ kind, name = "", namespace }: Subject): string | undefined {
  if (kind === "ServiceAccount") return namespace;
  if (kind === "Group") return /^system:serviceaccounts:(.+)$/.exec(name)?.[1];
  return /^system:serviceaccount:([^:]+):/.exec(name)?.[1];
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

/** Rules of every Role and ClusterRole, built-in ones and aggregation included. */
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { type LabelSelector, UNKNOWN } from "../../model/kubernetes";
import { record } from "../../model/json";
import { type LabelView, closedLabels, compileSelector, matchSelector } from "../../model/selectors";
import { RBAC_GROUP, ownRules } from "./bindings";
import { aggregationLabels, builtInRoles, labelledBuiltIns } from "./built-in-roles";
import { type NormalRule, everything } from "./grants";

/** Key of a role in the result of `collectRoles`; the namespace counts for Roles only. */
export function roleKey(kind: string, name: string, namespace: string): string {
  return kind === "Role" ? `Role ${namespace}/${name}` : `${kind} ${name}`;
}

/** Rules by `roleKey`, of the declared roles and of those that every cluster has. */
export function collectRoles(model: ClusterModel): Map<string, readonly NormalRule[]> {
  const roles = new Map<string, readonly NormalRule[]>();
  const clusterRoles = model.of("ClusterRole", RBAC_GROUP);
  const allRules = (role: ModelObject): readonly NormalRule[] => effectiveRules(role, clusterRoles, new Set());
  for (const [name, rules] of builtInRoles) {
    const labels = aggregationLabels.get(name) ?? [];
    const added = clusterRoles.filter((role) => labels.some((label) => carries(role, label)));
    roles.set(roleKey("ClusterRole", name, ""), [...rules, ...added.flatMap(allRules)]);
  }
  for (const role of model.of("Role", RBAC_GROUP))
    roles.set(roleKey("Role", role.object.metadata.name, role.namespace), ownRules(role));
  for (const role of clusterRoles) {
    const key = roleKey("ClusterRole", role.object.metadata.name, "");
    // A declared role does not take rules away that Kubernetes or aggregation puts back.
    roles.set(key, [...(roles.get(key) ?? []), ...allRules(role)]);
  }
  return roles;
}

/** A role's own rules and those that aggregation adds, through any number of aggregating roles. */
function effectiveRules(
  role: ModelObject,
  clusterRoles: readonly ModelObject[],
  visited: Set<ModelObject>,
): readonly NormalRule[] {
  if (visited.has(role)) return [];
  visited.add(role);
  const { aggregationRule } = role.object;
  if (aggregationRule === undefined || aggregationRule === null) return ownRules(role);
  const selects = aggregationSelector(record(aggregationRule).clusterRoleSelectors);
  if (selects === undefined) return [everything];
  const builtIns = labelledBuiltIns.filter(({ labels }) => selects(closedLabels(labels)));
  const others = clusterRoles.filter((other) => selects(roleLabels(other)));
  return [
    ...ownRules(role),
    ...builtIns.flatMap(({ rules }) => rules),
    ...others.flatMap((other) => effectiveRules(other, clusterRoles, visited)),
  ];
}

/** What an aggregation selects; undefined when nobody can tell, so that it may be any role. */
function aggregationSelector(selectors: unknown): ((labels: LabelView) => boolean) | undefined {
  if (!Array.isArray(selectors)) return undefined;
  let known = true;
  const compiled = selectors.map((selector: LabelSelector) =>
    compileSelector(selector, "aggregationRule", () => (known = false)),
  );
  if (!known) return undefined;
  return (labels) => compiled.some((selector) => matchSelector(selector, labels) !== "never");
}

function roleLabels(role: ModelObject): LabelView {
  const labels = record(role.object.metadata.labels) as Record<string, string>;
  const unknown = role.unknown.some((path) => path.startsWith("metadata.labels") || path === "metadata");
  return { labels, isOpen: (key) => unknown || labels[key] === UNKNOWN, mayHave: () => true };
}

function carries(role: ModelObject, label: string): boolean {
  const { labels, isOpen } = roleLabels(role);
  return isOpen(label) || labels[label] === "true";
}

/** Accounts of the platform that look at every tenant, and write nothing but reports in their own namespace. */
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import type { PackConfiguration } from "../../settings/settings";
import { bindings, isClusterBinding, ownRules, roleOf, serviceAccountNamespace, subjectsOf } from "./bindings";
import type { NormalRule } from "./grants";

/** An observer as the configuration names it. */
export function observersOf({ rbac }: PackConfiguration): { namespace: string; name: string }[] {
  return rbac.observers.map((text) => {
    const [namespace = "", name = ""] = text.split("/");
    return { namespace, name };
  });
}

/** What was read of a model, which never changes. */
const read = new WeakMap<ClusterModel, { configuration: PackConfiguration; namespaces: ReadonlySet<string> }>();

/**
 * Namespaces of observers in which nobody has more than an observer's rights. One further right, of whichever account of the namespace, and it
 * counts as any other.
 */
export function observingNamespaces(model: ClusterModel, configuration: PackConfiguration): ReadonlySet<string> {
  const known = read.get(model);
  if (known?.configuration === configuration) return known.namespaces;
  const candidates = new Set(observersOf(configuration).map(({ namespace }) => namespace));
  const namespaces = new Set(
    [...candidates].filter((name) => model.tenantOf(name) === undefined && keepsToLooking(model, configuration, name)),
  );
  read.set(model, { configuration, namespaces });
  return namespaces;
}

function keepsToLooking(model: ClusterModel, configuration: PackConfiguration, namespace: string): boolean {
  const observers = observersOf(configuration);
  const own = bindings(model).filter((binding) =>
    subjectsOf(binding).some((subject) => serviceAccountNamespace(subject) === namespace),
  );
  return own.every(
    (binding) =>
      looksOnly(roleOf(model, binding), isClusterBinding(binding) ? undefined : binding.namespace, namespace) &&
      subjectsOf(binding).every(
        ({ kind, name, namespace: place }) =>
          kind === "ServiceAccount" && observers.some((one) => one.namespace === place && one.name === name),
      ),
  );
}

/**
 * Whether a role only lists and watches, and no Secrets, and writes reports where the account lives; an unknown one may do anything.
 *
 * @param where Namespace in which the role is bound; undefined for every one.
 * @param home The account's namespace.
 */
function looksOnly(role: ModelObject | undefined, where: string | undefined, home: string): boolean {
  const isAllowed = (rule: NormalRule): boolean => isLook(rule) || (where === home && isReporting(rule));
  return (
    role !== undefined && (role.object.aggregationRule ?? undefined) === undefined && ownRules(role).every(isAllowed)
  );
}

/** Policy reports by API group: they tell what was found, and nothing follows from them. */
const REPORTS: Readonly<Record<string, readonly string[]>> = {
  "openreports.io": ["reports"],
  "wgpolicyk8s.io": ["policyreports"],
};
const REPORT_VERBS: readonly string[] = ["create", "delete", "get", "list", "patch", "update", "watch"];

function isReporting({ verbs, apiGroups, resources, nonResourceURLs }: NormalRule): boolean {
  return (
    nonResourceURLs.length === 0 &&
    verbs.every((verb) => REPORT_VERBS.includes(verb)) &&
    apiGroups.every((group) => resources.every((resource) => REPORTS[group]?.includes(resource) === true))
  );
}

function isLook({ verbs, apiGroups, resources, nonResourceURLs }: NormalRule): boolean {
  if (!verbs.every((verb) => verb === "list" || verb === "watch") || nonResourceURLs.length > 0) return false;
  if (apiGroups.includes("*")) return false;
  const isCore = apiGroups.includes("");
  return resources.every((resource) => !resource.includes("/") && !(isCore && ["*", "secrets"].includes(resource)));
}

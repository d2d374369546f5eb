/** Whose subjects are: a tenant's, the platform's, Kubernetes' own, everybody, or someone's that nothing names. */
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import type { PackConfiguration } from "../../settings/settings";
import { type Subject, UNKNOWN } from "../../model/kubernetes";
import { RBAC_GROUP, bindings, isClusterBinding, roleOf, serviceAccountNamespace, subjectsOf } from "./bindings";
import { CLUSTER } from "./grants";
import { observingNamespaces } from "./observers";

/**
 * `tenant`: an account of a tenant's namespace, or people bound there. `platform`: an account of a platform namespace, or
 * people that the configuration lists. `outside`: known to nobody. `invalid`: the API server refuses such a subject.
 */
export type Party = "tenant" | "platform" | "kubernetes" | "everybody" | "outside" | "invalid";

/** Groups and users that every caller, or every workload, is one of. */
export const everybody: readonly string[] = [
  "system:authenticated",
  "system:unauthenticated",
  "system:serviceaccounts",
  "system:anonymous",
];

/** Users and groups of Kubernetes' own components, which nobody else can be: their names are reserved. */
const components = new Set([
  "system:masters",
  "system:nodes",
  "system:monitoring",
  "system:bootstrappers",
  "system:kube-scheduler",
  "system:kube-controller-manager",
  "system:kube-proxy",
  "system:apiserver",
  "system:volume-scheduler",
  "system:konnectivity-server",
]);

/** Tells whose a subject is. */
export function partyOf(model: ClusterModel, configuration: PackConfiguration): (subject: Subject) => Party {
  let isTenants: ((subject: Subject) => boolean) | undefined;
  return (subject) => {
    const { kind, name } = subject;
    // What is unknown may turn out to be anybody.
    if (name === undefined || name === UNKNOWN || kind === undefined || kind === UNKNOWN) return "everybody";
    if (!["User", "Group", "ServiceAccount"].includes(kind)) return "invalid";
    const isListed = kind !== "ServiceAccount" && configuration.rbac.sharedGroups.includes(name);
    const namespace = serviceAccountNamespace(subject);
    if (namespace !== undefined) {
      const whose = partyOfAccounts(model, configuration, namespace);
      return whose === "outside" && isListed ? "platform" : whose;
    }
    if (kind === "ServiceAccount") return "invalid";
    if (everybody.includes(name)) return "everybody";
    if (isListed) return "platform";
    if (components.has(name) || /^system:(node|bootstrappers):/.test(name)) return "kubernetes";
    isTenants ??= tenantPeople(model, configuration.rbac.sharedGroups);
    return isTenants(subject) ? "tenant" : "outside";
  };
}

function partyOfAccounts(model: ClusterModel, configuration: PackConfiguration, namespace: string): Party {
  const { platformNamespaces } = configuration;
  if (namespace === UNKNOWN) return "everybody";
  if (model.tenantOf(namespace) !== undefined) return "tenant";
  // `default` is everybody's namespace: it is listed as a platform namespace, but nobody's account lives there.
  if (observingNamespaces(model, configuration).has(namespace)) return "platform";
  return platformNamespaces.includes(namespace) && namespace !== "default" ? "platform" : "outside";
}

/** Tells whether a subject is a group or a user that holds a role in some tenant's namespace and is not the platform's. */
export function tenantPeople(model: ClusterModel, sharedGroups: readonly string[]): (subject: Subject) => boolean {
  const key = ({ kind, name }: Subject): string => `${kind} ${name}`;
  const people = bindings(model)
    .filter((binding) => !isClusterBinding(binding) && isInTenant(model, binding))
    .flatMap((binding) => subjectsOf(binding))
    .filter((subject) => subject.kind !== "ServiceAccount" && !sharedGroups.includes(subject.name ?? ""));
  const keys = new Set(people.map(key));
  return (subject) => keys.has(key(subject));
}

function isInTenant(model: ClusterModel, { namespace }: ModelObject): boolean {
  return namespace === UNKNOWN || model.tenantOf(namespace) !== undefined;
}

/** A role whose rules reach a tenant, and where: namespaces, or `CLUSTER`. */
export interface ReachingRole {
  role: ModelObject;
  scopes: readonly string[];
}

/**
 * Tells whether a binding gives rights within a tenant's namespace, to a tenant's service accounts anywhere, or in every
 * namespace to someone who is not the platform's.
 */
export function concernsTenants(
  model: ClusterModel,
  configuration: PackConfiguration,
): (binding: ModelObject) => boolean {
  const party = partyOf(model, configuration);
  return (binding) => {
    const everywhere = isClusterBinding(binding);
    if (!everywhere && isInTenant(model, binding)) return true;
    return subjectsOf(binding).some((subject) => {
      const whose = party(subject);
      if (whose === "outside") return everywhere;
      return whose === "tenant" && (everywhere || serviceAccountNamespace(subject) !== undefined);
    });
  };
}

/** Roles in tenants' namespaces, bound or not, and the roles of every binding that concerns tenants. */
export function reachingRoles(model: ClusterModel, configuration: PackConfiguration): readonly ReachingRole[] {
  const known = read.get(model);
  if (known?.configuration === configuration) return known.roles;
  const roles = readReachingRoles(model, configuration);
  read.set(model, { configuration, roles });
  return roles;
}

/** What was read of a model, which never changes: half a dozen rules ask for it. */
const read = new WeakMap<ClusterModel, { configuration: PackConfiguration; roles: readonly ReachingRole[] }>();

function readReachingRoles(model: ClusterModel, configuration: PackConfiguration): ReachingRole[] {
  const scopes = new Map<ModelObject, Set<string>>();
  const add = (role: ModelObject | undefined, scope: string): void => {
    // A binding in an unknown namespace may be in any.
    if (role !== undefined) scopes.set(role, (scopes.get(role) ?? new Set()).add(scope === UNKNOWN ? CLUSTER : scope));
  };
  for (const role of model.of("Role", RBAC_GROUP)) if (isInTenant(model, role)) add(role, role.namespace);
  for (const binding of bindings(model).filter(concernsTenants(model, configuration)))
    add(roleOf(model, binding), isClusterBinding(binding) ? CLUSTER : binding.namespace);
  return [...scopes].map(([role, set]) => ({ role, scopes: [...set] }));
}

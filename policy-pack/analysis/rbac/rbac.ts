/**
 * Who holds which rights, from the roles and bindings of a ClusterModel. What cannot be resolved counts as more, never
 * as less: a missing or unknown role allows everything in its scope, an unknown subject is everybody.
 */
import { type ClusterModel, type ModelObject, NAMESPACE_NAME_LABEL, describe } from "../../model/cluster-model";
import type { PackConfiguration } from "../../settings/settings";
import { type Fault, describeFault } from "../../model/fault";
import { type LabelSelector, type NetworkPolicySpec, UNKNOWN } from "../../model/kubernetes";
import { list, record } from "../../model/json";
import { groupOf } from "../../model/scope";
import { RBAC_GROUP, bindings, isClusterBinding, roleRefOf, subjectsOf } from "./bindings";
import { type Ask, CLUSTER, type Grant, type NormalRule, allows, everything } from "./grants";
import { observingNamespaces } from "./observers";
import { MASTERS, NODES, type Principal, accountNamespace, groupsOf, principalOf, serviceAccount } from "./principals";
import { builtInBindings } from "./built-in-roles";
import { partyOf } from "./parties";
import { collectRoles, roleKey } from "./roles";

/** Rights of an environment, ready for questions. */
export interface Rbac {
  /** Namespaces by name. */
  readonly namespaces: ReadonlyMap<string, RbacNamespace>;
  /** Rights bound to exactly this principal, its groups' not included. */
  boundTo(principal: Principal): readonly Grant[];
  /** Everybody that some binding names. */
  readonly principals: readonly Principal[];
  /** Rules of a ClusterRole, or of a Role of a namespace; a rule for everything if it is missing or unknown. */
  rulesOf(kind: string, name: string, namespace: string): readonly NormalRule[];
  /** Type of a declared Secret; undefined if it is not declared or its type unknown. */
  secretType(namespace: string, name: string): string | undefined;
  /** Groups and users who operate the platform. */
  readonly sharedGroups: readonly string[];
  /** Those who belong to no tenant and not to the platform, yet are bound where tenants or the platform are; by a name for messages. */
  readonly outsiders: ReadonlyMap<string, ReadonlySet<Principal>>;
}

/** A namespace as far as rights depend on it. */
export interface RbacNamespace {
  name: string;
  tenant?: string;
  platform: boolean;
  /** Whether it is the namespace of a tenant's own programs. */
  workspace: boolean;
  /** Tenants whose network policies admit pods of this namespace by its name. */
  callerOf: ReadonlySet<string>;
  /** Whether Pod Security admission keeps pods from taking over their node (level `baseline` or `restricted`). */
  podsRestrained: boolean;
  /** Service accounts: declared, used by pods, named by bindings, and `default`. */
  accounts: ReadonlySet<Principal>;
  /** Users and groups that a RoleBinding in the namespace names. */
  bound: ReadonlySet<Principal>;
}

/** Thrown when objects that may hold roles or bindings cannot be seen. Lists every reason. */
export class RbacRefusal extends Error {
  /** The faults as text. */
  readonly reasons: readonly string[];

  constructor(readonly faults: readonly Fault[]) {
    const reasons = faults.map(describeFault);
    super(`Rights cannot be decided:\n${reasons.map((reason) => `- ${reason}`).join("\n")}`);
    this.name = "RbacRefusal";
    this.reasons = reasons;
  }
}

/** Answer to one question. */
export interface Decision {
  allowed: boolean;
  /** The bindings and roles that allow it; empty when nothing does. */
  because: readonly string[];
}

/** Reads roles, bindings, accounts and namespaces. Throws `RbacRefusal` if some of them are hidden. */
export function rbacOf(model: ClusterModel, configuration: PackConfiguration): Rbac {
  const faults = hiddenObjects(model);
  if (faults.length > 0) throw new RbacRefusal(faults);
  const roles = collectRoles(model);
  const rulesOf = (kind: string, name: string, namespace: string): readonly NormalRule[] =>
    roles.get(roleKey(kind, name, namespace)) ?? [everything];
  const isResolved = (kind: string, name: string, namespace: string) => roles.has(roleKey(kind, name, namespace));
  const bound = new Map<Principal, Grant[]>();
  for (const binding of bindings(model)) {
    for (const grant of bindingGrants(binding, rulesOf, isResolved)) {
      for (const principal of principalsOf(binding)) push(bound, principal, grant);
    }
  }
  for (const { role, subjects } of builtInBindings)
    rulesOf("ClusterRole", role, "").forEach((rule, index) => {
      const source = `Kubernetes' own ClusterRoleBinding ${role} → ClusterRole ${role} rules[${index}]`;
      for (const principal of subjects) push(bound, principal, { namespace: CLUSTER, rule, source });
    });
  const total = (source: string): Grant => ({ namespace: CLUSTER, rule: everything, source });
  push(bound, MASTERS, total("Kubernetes lets system:masters do anything"));
  push(bound, NODES, total("nodes run the pods of everybody and hold their Secrets"));
  const secrets = new Map(
    model.of("Secret", "").map((s) => [`${s.namespace}/${s.object.metadata.name}`, s.object.type ?? "Opaque"]),
  );
  const namespaces = collectNamespaces(model, configuration);
  return {
    namespaces,
    outsiders: outsidersOf(model, configuration, namespaces),
    boundTo: (principal) => bound.get(principal) ?? [],
    principals: [...bound.keys()],
    rulesOf,
    secretType(namespace, name) {
      const type = secrets.get(`${namespace}/${name}`);
      return typeof type === "string" && type !== UNKNOWN ? type : undefined;
    },
    sharedGroups: configuration.rbac.sharedGroups,
  };
}

/** Rights of a principal and of the groups that Kubernetes puts it in. */
export function effectiveGrants(rbac: Rbac, principal: Principal): Grant[] {
  return [principal, ...groupsOf(principal)].flatMap((holder) => rbac.boundTo(holder));
}

/** Whether a principal's own rights allow a request, as the API server would decide. Escalation is `closure`'s matter. */
export function can(rbac: Rbac, principal: Principal, ask: Ask): Decision {
  const because = effectiveGrants(rbac, principal).filter((grant) => allows(grant, ask));
  return { allowed: because.length > 0, because: because.map((grant) => grant.source) };
}

function principalsOf(binding: ModelObject): Principal[] {
  return subjectsOf(binding).flatMap((subject) => principalOf(subject) ?? []);
}

function bindingGrants(
  binding: ModelObject,
  rulesOf: Rbac["rulesOf"],
  isResolved: (kind: string, name: string, namespace: string) => boolean,
): Grant[] {
  const { kind = UNKNOWN, name = UNKNOWN } = roleRefOf(binding);
  const clusterWide = isClusterBinding(binding);
  // A binding in an unknown namespace may be in any.
  const namespace = clusterWide || binding.namespace === UNKNOWN ? CLUSTER : binding.namespace;
  const role = kind === "Role" ? `Role ${binding.namespace}/${name}` : `${kind} ${name}`;
  const from = `${describe(binding.object, binding.namespace)} → ${role}`;
  if (!isResolved(kind, name, binding.namespace)) {
    const source = `${from}, which is not declared or not known and so counts as allowing everything`;
    return [{ namespace, rule: everything, source }];
  }
  return rulesOf(kind, name, binding.namespace).map((rule, index) => ({
    namespace,
    rule,
    source: `${from} rules[${index}]`,
  }));
}

function collectNamespaces(model: ClusterModel, configuration: PackConfiguration): Map<string, RbacNamespace> {
  const accounts = new Map<string, Set<Principal>>();
  const bound = new Map<string, Set<Principal>>();
  const addAccount = (namespace: string, name: string): void => {
    const set = accounts.get(namespace) ?? new Set();
    accounts.set(namespace, set.add(serviceAccount(namespace, name)));
  };
  for (const account of model.of("ServiceAccount", "")) addAccount(account.namespace, account.object.metadata.name);
  for (const { namespace, spec } of model.pods) {
    const name: unknown = spec.serviceAccountName ?? spec.serviceAccount;
    if (typeof name === "string" && name !== UNKNOWN && name !== "") addAccount(namespace, name);
  }
  for (const binding of bindings(model)) {
    for (const principal of principalsOf(binding)) {
      const account = /^ServiceAccount ([^/]+)\/(.+)$/.exec(principal);
      if (account !== null) addAccount(account[1] ?? "", account[2] ?? "");
      else bound.set(binding.namespace, (bound.get(binding.namespace) ?? new Set()).add(principal));
    }
  }
  const callers = tenantsByCaller(model);
  const observing = observingNamespaces(model, configuration);
  const names = new Set([...model.namespaces.keys(), ...configuration.platformNamespaces, ...accounts.keys()]);
  names.delete(UNKNOWN);
  return new Map(
    [...names].map((name): [string, RbacNamespace] => {
      addAccount(name, "default");
      const { tenant, workspace = false, labels = {} } = model.namespaces.get(name) ?? {};
      const level = labels["pod-security.kubernetes.io/enforce"];
      return [
        name,
        {
          name,
          tenant,
          workspace,
          platform: configuration.platformNamespaces.includes(name) || observing.has(name),
          callerOf: callers.get(name) ?? new Set(),
          podsRestrained: level === "baseline" || level === "restricted",
          accounts: accounts.get(name) ?? new Set(),
          bound: bound.get(name) ?? new Set(),
        },
      ];
    }),
  );
}

/** For each namespace that a tenant's network policies admit by name: the tenants. */
function tenantsByCaller(model: ClusterModel): Map<string, Set<string>> {
  const callers = new Map<string, Set<string>>();
  for (const policy of model.of("NetworkPolicy", "networking.k8s.io")) {
    const tenant = model.tenantOf(policy.namespace);
    if (tenant === undefined) continue;
    const { ingress } = record(policy.object.spec) as NetworkPolicySpec;
    const peers = list(ingress).flatMap(({ from }) => list(from));
    for (const name of peers.flatMap(({ namespaceSelector }) => namesIn(namespaceSelector)))
      callers.set(name, (callers.get(name) ?? new Set()).add(tenant));
  }
  return callers;
}

/** Namespaces that a selector names by the label that the API server sets. */
function namesIn(selector: LabelSelector | undefined): string[] {
  const exact = selector?.matchLabels?.[NAMESPACE_NAME_LABEL];
  const listed = list(selector?.matchExpressions)
    .filter(({ key, operator }) => key === NAMESPACE_NAME_LABEL && operator === "In")
    .flatMap(({ values }) => list(values));
  return [...(exact === undefined ? [] : [exact]), ...listed];
}

function hiddenObjects(model: ClusterModel): Fault[] {
  return model.objects
    .filter((object) => object.opaque !== undefined)
    .filter((o) => groupOf(o.object.apiVersion) === RBAC_GROUP || model.tenantOf(o.namespace) !== undefined)
    .map(({ object, namespace, opaque }) => ({
      object: { kind: object.kind, namespace, name: object.metadata.name },
      field: "kind",
      problem: `hides the rights that it may give: ${opaque}`,
      fix: "Replace it by the objects that it makes, or write the object whole.",
    }));
}

/**
 * Whoever is neither a tenant nor the platform's nor Kubernetes' own, and is bound in the whole cluster, in a tenant's
 * namespace, in a platform's, or in one whose pods may call a tenant: by account namespace, or by name.
 */
function outsidersOf(
  model: ClusterModel,
  configuration: PackConfiguration,
  namespaces: ReadonlyMap<string, RbacNamespace>,
): Map<string, Set<Principal>> {
  const party = partyOf(model, configuration);
  const outsiders = new Map<string, Set<Principal>>();
  for (const binding of bindings(model)) {
    const place = namespaces.get(binding.namespace);
    const matters =
      isClusterBinding(binding) ||
      place?.tenant !== undefined ||
      place?.platform === true ||
      place?.callerOf.size !== 0;
    if (!matters) continue;
    for (const subject of subjectsOf(binding)) {
      const principal = principalOf(subject);
      if (principal === undefined || party(subject) !== "outside") continue;
      const account = accountNamespace(principal);
      const holder = account === undefined ? principal : `namespace ${account}`;
      outsiders.set(holder, (outsiders.get(holder) ?? new Set()).add(principal));
    }
  }
  return outsiders;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/**
 * The neutral object graph that analyses and rules read. It is built once per run from Pulumi resources
 * (`from-pulumi.ts`), from a manifest folder (`from-manifests.ts`) or from live objects (`from-live.ts`).
 */
import type { PackConfiguration } from "../settings/settings";
import { record } from "./json";
import { type KubernetesObject, UNKNOWN } from "./kubernetes";
import { type PodTemplate, podTemplateOf } from "./pods";
import { groupOf, isClusterScoped } from "./scope";

/** The label that the API server itself sets on every namespace; nobody can change it. */
export const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** An object and what is known of where it comes from. */
export interface ModelObject {
  object: KubernetesObject;
  /** Pulumi URN, file (with document number), or `live`. */
  origin: string;
  /** Namespace that the object lives in: `default` when it names none, empty for cluster-scoped kinds, `UNKNOWN` when unknown. */
  namespace: string;
  /** Paths of values that are unknown until deployment, for example `spec.template.spec.hostNetwork`. */
  unknown: string[];
  /** The cluster that the object goes to, where a program names one by its provider. */
  cluster?: ClusterOrigin;
  /** Why rules cannot see what this object does (Helm release, patch of an object, ...). Absent for ordinary objects. */
  opaque?: string;
}

/** A cluster as a program's provider names it. */
export interface ClusterOrigin {
  /** Equal for objects of one cluster, as far as anybody can tell. May hold credentials: never show it. */
  key: string;
  /** The provider, for messages. */
  provider: string;
}

/** A namespace, whether an object declares it or it is only named by others. */
export interface NamespaceInfo {
  name: string;
  /** Labels as selectors see them, with the one that the API server adds. */
  labels: Record<string, string>;
  /** Tenant that owns the namespace; undefined for every other namespace. */
  tenant?: string;
  /** Whether it is the namespace of a tenant's own programs. */
  workspace: boolean;
  /** Whether the configuration lists it as a platform namespace. */
  platform: boolean;
  /** The Namespace object; undefined when nothing declares the namespace. */
  object?: ModelObject;
}

/** A pod as an object declares it. */
export interface PodSource extends PodTemplate {
  /** The declaring object: a controller, a Job, a CronJob or the Pod itself. */
  source: ModelObject;
  namespace: string;
  /** Tenant that owns the namespace; undefined elsewhere. */
  tenant?: string;
}

/** All objects of an environment, indexed for rules. Read-only once built. */
export interface ClusterModel {
  /** Every object, in the order given. */
  readonly objects: readonly ModelObject[];
  /** Namespaces by name. */
  readonly namespaces: ReadonlyMap<string, NamespaceInfo>;
  /** Tenant names, each with its namespaces, in the order found. */
  readonly tenants: ReadonlyMap<string, readonly NamespaceInfo[]>;
  /** The pod of every object that makes pods; opaque objects excluded. */
  readonly pods: readonly PodSource[];
  /** Objects of a kind, of any version; `group` undefined means any group, `""` the core group. Opaque objects excluded. */
  of(kind: string, group?: string): readonly ModelObject[];
  /** As `of`, in one namespace: `""` for cluster-scoped kinds, `UNKNOWN` for objects of unknown namespace. */
  ofIn(namespace: string, kind: string, group?: string): readonly ModelObject[];
  /** The first object of a kind with this name in a namespace, as `ofIn`. */
  find(namespace: string, kind: string, group: string, name: string): ModelObject | undefined;
  /** The pods of `pods` in one namespace, `UNKNOWN` for those of unknown namespace. */
  podsIn(namespace: string): readonly PodSource[];
  /** Objects of a namespace; opaque objects included. */
  inNamespace(namespace: string): readonly ModelObject[];
  /** Namespaces that belong to a tenant. */
  tenantNamespaces(): readonly NamespaceInfo[];
  /** Tenant that owns the namespace, also when only its name tells; undefined when none does. */
  tenantOf(namespace: string): string | undefined;
}

/** An object before its namespace is known. */
export type SourceObject = Omit<ModelObject, "namespace"> & {
  /** Namespace for objects that name none. Default: `default`. */
  defaultNamespace?: string;
};

/**
 * Indexes the objects. Objects keep their order; a namespace that occurs only as some object's namespace is listed too.
 * Objects of unknown namespace stay in `objects` and `pods` under the namespace `UNKNOWN`.
 */
export function buildClusterModel(sources: readonly SourceObject[], configuration: PackConfiguration): ClusterModel {
  const customClusterScoped = clusterScopedCustomKinds(sources);
  const objects = sources.map((source): ModelObject => {
    const { defaultNamespace, ...rest } = source;
    return { ...rest, namespace: namespaceOf(source.object, defaultNamespace ?? "default", customClusterScoped) };
  });
  const namespaces = collectNamespaces(objects, configuration);
  const visible = objects.filter((o) => o.opaque === undefined);
  const byKind = groupBy(visible, (o) => o.object.kind);
  const byPlace = groupBy(visible, (o) => `${o.namespace}/${o.object.kind}`);
  const byName = groupBy(visible, (o) => `${o.namespace}/${o.object.kind}/${o.object.metadata.name}`);
  const byNamespace = groupBy(objects, (o) => o.namespace);
  const tenantNamespaces = [...namespaces.values()].filter((n) => n.tenant !== undefined);
  const tenants = groupBy(tenantNamespaces, (n) => n.tenant ?? "");
  const pods = objects.flatMap((source) => podOf(source, namespaces));
  const podsByNamespace = groupBy(pods, (pod) => pod.namespace);
  return {
    objects,
    namespaces,
    tenants,
    pods,
    of: (kind, group) => ofGroup(byKind.get(kind), group),
    ofIn: (namespace, kind, group) => ofGroup(byPlace.get(`${namespace}/${kind}`), group),
    find: (namespace, kind, group, name) => ofGroup(byName.get(`${namespace}/${kind}/${name}`), group)[0],
    podsIn: (namespace) => podsByNamespace.get(namespace) ?? [],
    inNamespace: (namespace) => byNamespace.get(namespace) ?? [],
    tenantNamespaces: () => tenantNamespaces,
    tenantOf: (namespace) => (namespaces.get(namespace) ?? namespaceInfo(namespace, undefined, configuration)).tenant,
  };
}

function ofGroup(objects: readonly ModelObject[] = [], group: string | undefined): readonly ModelObject[] {
  return group === undefined ? objects : objects.filter((o) => groupOf(o.object.apiVersion) === group);
}

/** `Kind namespace/name`, the way messages name an object. */
export function describe(object: KubernetesObject, namespace: string): string {
  const name = object.metadata.name || "(unnamed)";
  return namespace === "" ? `${object.kind} ${name}` : `${object.kind} ${namespace}/${name}`;
}

function namespaceOf(object: KubernetesObject, fallback: string, customClusterScoped: ReadonlySet<string>): string {
  if (isClusterScoped(object.kind, object.apiVersion)) return "";
  if (customClusterScoped.has(`${object.kind}.${groupOf(object.apiVersion)}`)) return "";
  return object.metadata.namespace || fallback;
}

function clusterScopedCustomKinds(sources: readonly SourceObject[]): Set<string> {
  const kinds = new Set<string>();
  for (const { object } of sources) {
    if (object.kind !== "CustomResourceDefinition") continue;
    const spec = record(object.spec);
    if (spec.scope === "Cluster") kinds.add(`${String(record(spec.names).kind)}.${String(spec.group)}`);
  }
  return kinds;
}

function collectNamespaces(
  objects: readonly ModelObject[],
  configuration: PackConfiguration,
): Map<string, NamespaceInfo> {
  const declared = new Map<string, ModelObject>();
  for (const object of objects) {
    if (object.object.kind === "Namespace" && groupOf(object.object.apiVersion) === "" && object.opaque === undefined)
      declared.set(object.object.metadata.name, object);
  }
  const names = new Set([...declared.keys(), ...objects.map((o) => o.namespace)]);
  names.delete("");
  names.delete(UNKNOWN);
  return new Map([...names].map((name) => [name, namespaceInfo(name, declared.get(name), configuration)]));
}

function namespaceInfo(name: string, object: ModelObject | undefined, configuration: PackConfiguration): NamespaceInfo {
  const labels = record(object?.object.metadata.labels) as Record<string, string>;
  const platform = configuration.platformNamespaces.includes(name);
  const tenant = platform ? undefined : tenantName(name, labels, configuration);
  const workspace = tenant !== undefined && tenant === workspaceOwner(name, labels, configuration);
  return { name, labels: { ...labels, [NAMESPACE_NAME_LABEL]: name }, tenant, workspace, platform, object };
}

/** A fenced namespace is its own tenant; else the label names the tenant where there is one, and the name's pattern where not. */
function tenantName(
  name: string,
  labels: Record<string, string>,
  { tenants, fencedNamespaces }: PackConfiguration,
): string | undefined {
  if (fencedNamespaces.includes(name)) return name;
  if (tenants.namespaceLabel !== "" && Object.hasOwn(labels, tenants.namespaceLabel))
    return labels[tenants.namespaceLabel];
  if (tenants.namespacePattern === "") return undefined;
  const match = new RegExp(tenants.namespacePattern, "u").exec(name);
  return match === null ? undefined : (match[1] ?? name);
}

/** Tenant whose workspace a namespace is: name and label both have to say so. */
function workspaceOwner(
  name: string,
  labels: Record<string, string>,
  { tenants: { namespaceLabel, workspacePattern } }: PackConfiguration,
): string | undefined {
  if (workspacePattern === "" || namespaceLabel === "") return undefined;
  const owner = new RegExp(workspacePattern, "u").exec(name)?.[1];
  return owner !== undefined && labels[namespaceLabel] === owner ? owner : undefined;
}

function podOf(source: ModelObject, namespaces: ReadonlyMap<string, NamespaceInfo>): PodSource[] {
  const template = source.opaque === undefined ? podTemplateOf(source.object) : undefined;
  if (template === undefined) return [];
  return [{ ...template, source, namespace: source.namespace, tenant: namespaces.get(source.namespace)?.tenant }];
}

/** Items by their key, in the order given. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}

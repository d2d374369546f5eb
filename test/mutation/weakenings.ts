/** Every weakening of a stack's objects that the generator knows. */
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { ABSENT, isWorkspace, ownerOf, placesOf, withValue } from "./places";
import { capacityWidenings, poolWidenings } from "./weakenings/capacity";
import { deviceWidenings, secretWidenings, upkeepWidenings } from "./weakenings/devices";
import { gatewayWidenings } from "./weakenings/gateway";
import { ingressWidenings } from "./weakenings/ingress";
import { namespaceWidenings } from "./weakenings/namespaces";
import { networkWidenings } from "./weakenings/network";
import { podWidenings, serverWidenings } from "./weakenings/pods";
import { rbacWidenings } from "./weakenings/rbac";
import { smuggledObjects } from "./weakenings/smuggled";
import type { Widening } from "./weakenings/widening";

/** A stack's objects with one change. */
export interface Weakening {
  /**
   * What is changed, without the tenant's name: `Kind name path: change`, and `Kind namespace/name path: change` in a
   * namespace of the platform. Two weakenings of a stack differ in it.
   */
  id: string;
  kind: string;
  /** Path of the changed value; empty for a whole object. */
  path: string;
  /** The change in words. */
  what: string;
  /** Tenant whose object is changed; undefined for objects of the cluster. */
  tenant: string | undefined;
  /** Index of the changed object; undefined when one is added. */
  index: number | undefined;
  /** The object in its place; undefined when it is removed. */
  changed: KubernetesObject | undefined;
}

const widenings: Widening[] = [
  ...networkWidenings,
  ...ingressWidenings,
  ...rbacWidenings,
  ...podWidenings,
  ...serverWidenings,
  ...capacityWidenings,
  ...poolWidenings,
  ...namespaceWidenings,
  ...gatewayWidenings,
  ...deviceWidenings,
  ...secretWidenings,
  ...upkeepWidenings,
];

/**
 * Every weakening of the objects, each once: where tenants have objects of the same name and form, the first one's is
 * changed. Any field and any item of a list is removed; the tables say in which ways values are widened.
 */
export function weakeningsOf(objects: readonly KubernetesObject[], tenants: readonly string[]): Weakening[] {
  const found = new Map<string, Weakening>();
  const add = (weakening: Weakening): void => {
    if (!found.has(weakening.id)) found.set(weakening.id, weakening);
  };
  objects.forEach((object, index) => {
    for (const weakening of changesOf(object, tenantOf(object, tenants), index)) add(weakening);
  });
  for (const object of smuggledObjects(`tenant-${tenants[0] ?? ""}`))
    add({ ...describe(object, "", "added", tenants[0]), index: undefined, changed: object });
  return [...found.values()];
}

function* changesOf(object: KubernetesObject, tenant: string | undefined, index: number): Generator<Weakening> {
  const applicable = widenings.filter(({ kind }) => kind.test(object.kind));
  for (const { steps, path, value } of placesOf(object)) {
    const removed = { ...describe(object, path, "removed", tenant), index };
    yield { ...removed, changed: steps.length === 0 ? undefined : withValue(object, steps, ABSENT) };
    for (const widening of applicable.filter((candidate) => candidate.path.test(path))) {
      const changed = withValue(object, steps, widening.to(structuredClone(value)));
      if (JSON.stringify(changed) === JSON.stringify(object)) continue;
      yield { ...describe(object, path, widening.what, tenant), index, changed };
    }
  }
}

function describe(object: KubernetesObject, path: string, what: string, tenant: string | undefined) {
  const neutral = (text: string) => (tenant === undefined ? text : text.replace(wholeWord(tenant), "<tenant>"));
  // The names of immutable ConfigMaps end with a hash of their content.
  const name = neutral(object.metadata.name).replace(/-[0-9a-f]{10}$/, "-<hash>");
  const where = neutral(path);
  const { namespace = "tenant-" } = object.metadata;
  const place = isWorkspace(namespace) ? "workspace" : namespace;
  const prefix = place.startsWith("tenant-") ? "" : `${place}/`;
  return { id: `${object.kind} ${prefix}${name} ${where}: ${what}`, kind: object.kind, path: where, what, tenant };
}

/** Tenant that an object of the stack belongs to, by its namespace or, for objects of the cluster, its label. */
function tenantOf({ metadata }: KubernetesObject, tenants: readonly string[]): string | undefined {
  const { namespace } = metadata;
  const named = namespace === undefined ? metadata.labels["ollama-platform.io/tenant"] : ownerOf(namespace);
  return tenants.find((tenant) => tenant === named);
}

function wholeWord(name: string): RegExp {
  return new RegExp(`(?<![A-Za-z])${name}(?![A-Za-z])`, "g");
}

/** Objects as an API server returns them. */
import type { SourceObject } from "./cluster-model";
import { record } from "./json";
import type { KubernetesObject } from "./kubernetes";
import { normalize } from "./normalize";

/**
 * Live objects as model objects. Objects that another live object owns (a ReplicaSet of a Deployment, a Pod of a
 * ReplicaSet) stay: they are what really runs, and a pod may differ from its template.
 */
export function fromLive(objects: readonly unknown[]): SourceObject[] {
  return fromNormal(objects.map((object) => normalize(record(object))));
}

/** The same, of objects that have been normalized: they stay the objects they are, so that what is known of each is known. */
export function fromNormal(objects: readonly KubernetesObject[]): SourceObject[] {
  return objects.map((object) => ({ object, origin: "live", unknown: [] }));
}

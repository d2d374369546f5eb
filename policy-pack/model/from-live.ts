/** Objects as an API server returns them. */
import type { SourceObject } from "./cluster-model";
import { record } from "./json";
import { normalize } from "./normalize";

/**
 * Live objects as model objects. Objects that another live object owns (a ReplicaSet of a Deployment, a Pod of a
 * ReplicaSet) stay: they are what really runs, and a pod may differ from its template.
 */
export function fromLive(objects: readonly unknown[]): SourceObject[] {
  return objects.map((object) => ({ object: normalize(record(object)), origin: "live", unknown: [] }));
}

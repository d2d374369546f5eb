/** What is computed from one object alone, for those who judge a cluster again after every change: most objects are what they were. */
import type { ModelObject } from "./cluster-model";
import type { KubernetesObject } from "./kubernetes";
import type { PackConfiguration } from "../settings/settings";

/**
 * A pure function of an object, its namespace's name and the configuration, which is asked once for each object as long as that lives. A
 * normalized object is never changed: one that is written again in the cluster is another object. Results are kept, so they have to be small.
 */
export function rememberedOf<T>(
  compute: (place: ModelObject, configuration: PackConfiguration) => T,
): (place: ModelObject, configuration: PackConfiguration) => T {
  const known = new WeakMap<KubernetesObject, { configuration: PackConfiguration; namespace: string; result: T }>();
  return (place, configuration) => {
    const { object, namespace } = place;
    const before = known.get(object);
    if (before?.configuration === configuration && before.namespace === namespace) return before.result;
    const result = compute(place, configuration);
    known.set(object, { configuration, namespace, result });
    return result;
  };
}

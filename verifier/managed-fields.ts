/** Who manages which field of an object, kept small: it takes more room than all else that an object says, and few are asked for it. */
import type { KubernetesObject } from "../policy-pack/model/kubernetes";

/**
 * Gives an object its managed fields back, as text: they are parsed whenever someone reads them, and in no copy.
 *
 * @param managedFields As the API server sends them; undefined where it sends none.
 */
export function withManagedFields(object: KubernetesObject, managedFields: unknown): KubernetesObject {
  if (managedFields === undefined) return object;
  const text = JSON.stringify(managedFields);
  Object.defineProperty(object.metadata, "managedFields", {
    get: () => JSON.parse(text) as unknown,
    enumerable: false,
  });
  return object;
}

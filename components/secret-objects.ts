import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject, Secret } from "./plan/kubernetes";

/** A Secret whose name is known at preview and whose data is known when its source is. */
export function withData<T>(shape: Secret, source: pulumi.Output<T>, plan: (value: T) => Secret): KubernetesObject {
  const object = { ...shape, data: source.apply((value) => plan(value).data) };
  return object;
}

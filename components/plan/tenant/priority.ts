import type { PriorityClass } from "../kubernetes";

/** Above pods without a class, far below the system's; the same for every namespace. */
const PRIORITY = 1000;

/**
 * The priority of a namespace's pods. No tenant's pods push out another's: they wait for room instead.
 *
 * @param description For people: whose pods they are.
 */
export function planPriorityClass(name: string, labels: Record<string, string>, description: string): PriorityClass {
  return {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name, labels },
    value: PRIORITY,
    globalDefault: false,
    preemptionPolicy: "Never",
    description,
  };
}

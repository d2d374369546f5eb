/** Ports of pods by their names. */
import type { PodSource } from "../model/cluster-model";
import { list } from "../model/json";
import type { ContainerSource } from "../model/pods";

/** Numbers that the containers declare under a name, each once. Two containers may give one name to two numbers. */
export function numbersOf({ containers }: PodSource, name: string, protocol = "TCP"): number[] {
  const declared = containers.flatMap(({ container }) => list(container.ports));
  const named = declared.filter((port) => port?.name === name && (port.protocol ?? "TCP") === protocol);
  return [...new Set(named.flatMap((port) => port.containerPort ?? []))];
}

/** Numbers that some containers declare. */
export function declaredNumbers(containers: readonly ContainerSource[]): number[] {
  return containers.flatMap(({ container }) => list(container.ports).flatMap((port) => port?.containerPort ?? []));
}

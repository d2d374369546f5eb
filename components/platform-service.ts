import type * as pulumi from "@pulumi/pulumi";
import type { PlatformService } from "./plan/platform-namespace";
import { latest, registerInOrder, registerObject, registerObjects } from "./register";

/**
 * Registers a part of the platform that runs in a namespace of its own, below its component.
 *
 * @param given What the component depends on.
 */
export function registerPlatformService(
  parent: pulumi.ComponentResource,
  name: string,
  plan: PlatformService,
  given: pulumi.Input<pulumi.Input<pulumi.Resource>[]> = [],
): void {
  const priorityClass = registerObject(plan.priorityClass, name, { parent, dependsOn: given });
  const namespace = registerObject(plan.namespace, name, { parent, dependsOn: given });
  const isClusters = ({ metadata }: { metadata: { namespace?: string } }) => metadata.namespace === undefined;
  const fences = [
    ...registerObjects(plan.fences.filter(isClusters), name, { parent, dependsOn: given }),
    ...registerObjects(
      plan.fences.filter((object) => !isClusters(object)),
      name,
      { parent, dependsOn: namespace, deletedWith: namespace },
    ),
  ];
  const files = registerObjects(plan.files, name, { parent, dependsOn: fences, deletedWith: namespace });
  registerInOrder(plan.workload, name, {
    parent,
    dependsOn: [priorityClass, ...latest(fences, files)],
    deletedWith: namespace,
  });
}

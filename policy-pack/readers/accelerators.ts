/** Accelerators by the objects that define and offer them, for the rules under `placement/` and `capacity/`. */
import { DEVICE_CLASS_PREFIX, resourceOfLayout } from "../model/accelerators";
import type { ClusterModel, ModelObject } from "../model/cluster-model";
import { list, record } from "../model/json";
import type { PackConfiguration } from "../settings/settings";
import type { Resources } from "../model/kubernetes";
import { pools } from "./pools";

/** Tells whether a resource name stands for an accelerator. */
export type IsAccelerator = (resource: string) => boolean;

/** Accelerators by the configuration's names, and those that the model's device classes define under a name of their own. */
export function accelerators(model: ClusterModel, { pools: { gpuResources } }: PackConfiguration): IsAccelerator {
  const defined = new Set(
    deviceClasses(model).flatMap(({ object }) => {
      const { extendedResourceName } = record(object.spec);
      return typeof extendedResourceName === "string" ? [extendedResourceName] : [];
    }),
  );
  const isListed = (name: string) =>
    gpuResources.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
  return (name) => name.startsWith(DEVICE_CLASS_PREFIX) || defined.has(name) || isListed(name);
}

function deviceClasses(model: ClusterModel): readonly ModelObject[] {
  return model.of("DeviceClass", "resource.k8s.io");
}

/** Accelerators that a container asks for, by resource name; device claims included under their claim's name. */
export function acceleratorsOf(resources: Resources | undefined, isAccelerator: IsAccelerator): string[] {
  return [...namedAccelerators(resources, isAccelerator), ...list(resources?.claims).map((c) => `claim ${c.name}`)];
}

/** As `acceleratorsOf`, without claims. */
export function namedAccelerators(resources: Resources | undefined, isAccelerator: IsAccelerator): string[] {
  return Object.entries({ ...record(resources?.limits), ...record(resources?.requests) })
    .filter(([name, amount]) => isAccelerator(name) && String(amount) !== "0")
    .map(([name]) => name);
}

/** An accelerator and the object that offers it to whoever asks. */
export interface Offer {
  resource: string;
  by: ModelObject;
}

/** Annotations from which the cluster autoscaler learns what nodes of a group have that has none yet: the parts of their keys. */
const scaleFromZero = /(?:^|\.)cluster-autoscaler\.kubernetes\.io\/(?:node-template\/)?([a-z-]+)(?:\/(.+))?$/;

/** Every accelerator that nodes, pools or device classes of the model offer, with the first object that does. */
export function offeredAccelerators(model: ClusterModel, configuration: PackConfiguration): Offer[] {
  const isAccelerator = accelerators(model, configuration);
  const offers: Offer[] = [];
  const add = (by: ModelObject, names: readonly (string | undefined)[]): void => {
    for (const resource of names) if (resource !== undefined && isAccelerator(resource)) offers.push({ resource, by });
  };
  for (const node of model.of("Node", "")) {
    const { allocatable, capacity } = record(node.object.status);
    add(node, [...amountNames(allocatable), ...amountNames(capacity), ofLabels(node.object.metadata.labels)]);
  }
  for (const overlay of model.of("NodeOverlay", "karpenter.sh"))
    add(overlay, amountNames(record(overlay.object.spec).capacity));
  for (const { object, limits, labels } of pools(model, configuration)) {
    if (object === undefined) continue;
    add(object, [...Object.keys(limits ?? {}), ofLabels(labels), ...ofAnnotations(object.object.metadata.annotations)]);
  }
  for (const object of model.of("MachineSet", "cluster.x-k8s.io"))
    add(object, ofAnnotations(object.object.metadata.annotations));
  for (const object of deviceClasses(model)) {
    const { extendedResourceName } = record(object.object.spec);
    add(object, [
      `${DEVICE_CLASS_PREFIX}${object.object.metadata.name}`,
      ...(typeof extendedResourceName === "string" ? [extendedResourceName] : []),
    ]);
  }
  return [...new Map(offers.toReversed().map((offer) => [offer.resource, offer])).values()];
}

function amountNames(amounts: unknown): string[] {
  return Object.entries(record(amounts))
    .filter(([, amount]) => String(amount) !== "0")
    .map(([name]) => name);
}

/** What the label for the MIG manager makes of a node's GPUs. */
function ofLabels(labels: unknown): string | undefined {
  const { "nvidia.com/mig.config": layout, "nvidia.com/mig.strategy": strategy } = record(labels);
  return typeof layout === "string" ? resourceOfLayout(layout, strategy) : undefined;
}

/** Resource names in the annotations for scaling from zero. */
function ofAnnotations(annotations: unknown): string[] {
  return Object.entries(record(annotations)).flatMap(([key, value]) => {
    const [, part, name] = scaleFromZero.exec(key) ?? [];
    if (part === "gpu-type") return [String(value)];
    if (part === "resources" && name !== undefined) return [name];
    const pairs = String(value)
      .split(",")
      .map((pair) => pair.trim().split("="));
    if (part === "resources") return pairs.flatMap(([resource]) => resource ?? []);
    return part === "labels" ? (ofLabels(Object.fromEntries(pairs)) ?? []) : [];
  });
}

import { type ClusterModel, describe, type ModelObject } from "../../model/cluster-model";
import { record } from "../../model/json";
import type { PackConfiguration } from "../../settings/settings";
import { DEVICE_CLASS_PREFIX, isExtendedResource } from "../../model/accelerators";
import { accelerators, offeredAccelerators } from "../../readers/accelerators";
import { type Amounts, quotaLimits, unscopedQuotas } from "../../readers/capacity";
import { deviceQuotaKey } from "../../readers/device-claims";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { namespaceObject, tenantContainers } from "../../readers/select";

/** Every accelerator of the environment, with the object that offers it where one does. */
function gpuResources(model: ClusterModel, configuration: PackConfiguration): Map<string, ModelObject | undefined> {
  const isAccelerator = accelerators(model, configuration);
  const asked = [
    ...tenantContainers(model).flatMap(({ source }) => Object.keys(record(source.container.resources?.limits))),
    ...model.tenantNamespaces().flatMap(({ name }) => Object.keys(quotaLimits(model, name))),
  ].map((name) => name.replace(/^requests\./, ""));
  const found = new Map<string, ModelObject | undefined>();
  for (const name of asked) if (isAccelerator(name)) found.set(name, undefined);
  for (const { resource, by } of offeredAccelerators(model, configuration)) found.set(resource, by);
  return found;
}

/** Whether a resource that stands for a device class is limited by the class: whoever asks for it gets a claim, which is counted so. */
function isLimitedByClass(resource: string, limits: Amounts): boolean {
  return (
    resource.startsWith(DEVICE_CLASS_PREFIX) &&
    limits[deviceQuotaKey(resource.slice(DEVICE_CLASS_PREFIX.length))] !== undefined
  );
}

/** Devices of any kind that a namespace's pods ask for, each with the first object that does. */
function devicesOf(model: ClusterModel, namespace: string): Map<string, ModelObject> {
  const found = new Map<string, ModelObject>();
  for (const pod of model.podsIn(namespace))
    for (const { container } of pod.containers)
      for (const amounts of [container.resources?.limits, container.resources?.requests])
        for (const name of Object.keys(record(amounts)))
          if (isExtendedResource(name) && !found.has(name)) found.set(name, pod.source);
  return found;
}

export const rule: Rule = {
  id: "capacity/gpu-resources-limited",
  title:
    "Every tenant's quota limits every kind of GPU that the environment has, and every device that its pods ask for.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: 'Limit the resource in the tenant\'s quota, to "0" where the tenant has none.',
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const resources = [...gpuResources(model, configuration)].sort(([a], [b]) => (a < b ? -1 : 1));
    return model.tenantNamespaces().flatMap((namespace) => {
      const limits = quotaLimits(model, namespace.name);
      const object = unscopedQuotas(model, namespace.name)[0] ?? namespaceObject(namespace);
      const missing = (name: string): boolean =>
        limits[`requests.${name}`] === undefined && !isLimitedByClass(name, limits);
      const gpus = resources
        .filter(([resource]) => missing(resource))
        .map(([resource, by]) => ({
          object,
          field: `spec.hard["requests.${resource}"]`,
          message: `is missing, so the tenant could take every GPU of that kind${by === undefined ? "" : `, which ${describe(by.object, by.namespace)} offers`}.`,
          fix: `Set requests.${resource}, to "0" if the tenant has none.`,
        }));
      const devices = [...devicesOf(model, namespace.name)]
        .filter(([resource]) => missing(resource) && !resources.some(([gpu]) => gpu === resource))
        .map(([resource, by]) => ({
          object,
          field: `spec.hard["requests.${resource}"]`,
          message: `is missing, so the pods of ${describe(by.object, by.namespace)}, and any others, get devices of that kind without being counted.`,
          fix: `Set requests.${resource} to the number of devices that the tenant may have.`,
        }));
      return [...gpus, ...devices];
    });
  },
};

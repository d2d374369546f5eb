import type { ClusterModel } from "../../model/cluster-model";
import type { PackConfiguration } from "../../model/configuration";
import { record } from "../../model/pods";
import { quotaLimits, unscopedQuotas } from "../capacity-rules";
import { owasp } from "../frameworks";
import { isGpuResource, pools } from "../pool-rules";
import type { Rule } from "../rule";
import { namespaceObject, tenantContainers } from "../select";

/** Every accelerator that some pool, container or quota of the environment names. */
function gpuResources(model: ClusterModel, configuration: PackConfiguration): Set<string> {
  const names = [
    ...pools(model, configuration).flatMap(({ limits }) => Object.keys(limits ?? {})),
    ...tenantContainers(model).flatMap(({ source }) => Object.keys(record(source.container.resources?.limits))),
    ...model.tenantNamespaces().flatMap(({ name }) => Object.keys(quotaLimits(model, name))),
  ].map((name) => name.replace(/^requests\./, ""));
  return new Set(names.filter((name) => isGpuResource(name, configuration)));
}

export const rule: Rule = {
  id: "capacity/gpu-resources-limited",
  title: "Every tenant's quota limits every kind of GPU that the environment has.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: 'Limit the resource in the tenant\'s quota, to "0" where the tenant has none.',
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const resources = [...gpuResources(model, configuration)].sort();
    return model.tenantNamespaces().flatMap((namespace) => {
      const limits = quotaLimits(model, namespace.name);
      const object = unscopedQuotas(model, namespace.name)[0] ?? namespaceObject(namespace);
      return resources
        .filter((resource) => limits[`requests.${resource}`] === undefined)
        .map((resource) => ({
          object,
          field: `spec.hard["requests.${resource}"]`,
          message: "is missing, so the tenant could take every GPU of that kind.",
          fix: `Set requests.${resource}, to "0" if the tenant has none.`,
        }));
    });
  },
};

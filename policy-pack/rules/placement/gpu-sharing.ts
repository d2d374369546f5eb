import type { ModelObject } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { UNKNOWN } from "../../model/kubernetes";
import { owasp } from "../frameworks";
import { pools } from "../../readers/pools";
import type { Finding, Rule } from "../rule";

/** Names and namespaces by which one tells a ConfigMap of the device plugin whose content is not known. */
const PLUGIN_NAME = /nvidia|gpu|device-?plugin|mps|slic/i;

/** Configuration of the NVIDIA device plugin, wherever it lies. */
function pluginFindings(configMap: ModelObject): Finding[] {
  const { data, metadata } = configMap.object;
  const hidden = data === UNKNOWN || Object.values(record(data)).includes(UNKNOWN);
  const suspect = hidden && PLUGIN_NAME.test(`${metadata.namespace ?? ""}/${metadata.name}`);
  const known = Object.entries(record(data)).flatMap(([key, text]): Finding[] => {
    // Most texts are long and have nothing to do with GPUs: the word alone is found much faster than its place.
    if (typeof text !== "string" || !text.includes("sharing") || !/^\s*["']?sharing["']?\s*:/m.test(text)) return [];
    const mode = /\b(timeSlicing|mps)\b/.exec(text)?.[1];
    if (mode === undefined) return [];
    return [
      {
        object: configMap,
        field: `data["${key}"]`,
        message: `makes the device plugin share GPUs by ${mode}, on every node that uses this configuration.`,
      },
    ];
  });
  return suspect ? [...known, unknownPlugin(configMap)] : known;
}

function unknownPlugin(object: ModelObject): Finding {
  return {
    object,
    field: "data",
    message: "is known only during deployment, and by its name it may make the device plugin share GPUs.",
    fix: "Write the device plugin's configuration as plain text.",
  };
}

export const rule: Rule = {
  id: "placement/gpu-sharing",
  title: "No GPU is shared in time or by MPS between tenants.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Hand out whole GPUs or MIG slices, or dedicate the pool to one tenant.",
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const classes = pools(model, configuration).flatMap(({ object, tenant }): Finding[] => {
      if (object?.object.kind !== "ComputeClass" || tenant !== undefined) return [];
      const priorities = record(object.object.spec).priorities;
      return list(priorities as Record<string, unknown>[]).flatMap((priority, index) => {
        const sharing = record(record(priority).gpu).gpuSharing;
        const strategy = record(sharing).sharingStrategy;
        if (sharing === undefined || strategy === "NONE") return [];
        // Partitions alone divide GPUs in hardware, and share nothing.
        if (Object.keys(record(sharing)).join() === "gpuPartitionSize") return [];
        return [
          {
            object,
            field: `spec.priorities[${index}].gpu.gpuSharing.sharingStrategy`,
            message: `is ${show(strategy)} on a pool without an owner: tenants would share a GPU's memory and faults.`,
          },
        ];
      });
    });
    return [...classes, ...model.of("ConfigMap", "").flatMap(pluginFindings)];
  },
};

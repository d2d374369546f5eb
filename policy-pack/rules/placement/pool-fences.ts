import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { owasp } from "../frameworks";
import type { ClusterModel } from "../../model/cluster-model";
import { type Pool, pools } from "../../readers/pools";
import type { Finding, Rule } from "../rule";

const effects = ["NoSchedule", "NoExecute"];

/** Nodes that carry a pool's label without its taint: a tenant's pods could run beside the pool's owner. */
function openNodes(model: ClusterModel, keys: readonly string[]): Finding[] {
  return model.of("Node", "").flatMap((node) => {
    const labels = record(node.object.metadata.labels);
    const taints = record(node.object.spec).taints as Pool["taints"] | undefined;
    return keys
      .filter((key) => labels[key] !== undefined)
      .filter((key) => !isFenced(list(taints), key, String(labels[key])))
      .map((key) => ({
        object: node,
        field: "spec.taints",
        message: `has no taint ${key}=${String(labels[key])} with effect ${effects.join(" or ")}, so any tenant's pod may land on this node of the pool; found ${show(taints)}.`,
        fix: `Add the taint {key: ${key}, value: ${String(labels[key])}, effect: NoSchedule}.`,
      }));
  });
}

function isFenced(taints: readonly Pool["taints"][number][], key: string | undefined, value: string): boolean {
  return taints.some((t) => t?.key === key && t?.value === value && effects.includes(t.effect ?? ""));
}

export const rule: Rule = {
  id: "placement/pool-fences",
  title: "Every node pool carries its label and a taint of the same key and value, and says whose it is.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation:
    "Give the pool the label and the taint of its name, and the owner's label or an entry under pools.shared.",
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const { keys, tenantLabel } = configuration.pools;
    const declared = pools(model, configuration).flatMap((pool): Finding[] => poolFaults(pool, keys, tenantLabel));
    return [...declared, ...openNodes(model, keys)];
  },
};

function poolFaults(
  { object, name, labels, taints, taintsPath, tenant, shared }: Pool,
  keys: readonly string[],
  tenantLabel: string,
): Finding[] {
  if (object === undefined) return [];
  const findings: Finding[] = [];
  const key = keys.find((k) => labels[k] !== undefined);
  if (key === undefined)
    findings.push({
      object,
      field: "spec",
      message: `gives its nodes no label ${keys.join(" or ")}, so no pod can select the pool.`,
      fix: `Label the pool's nodes ${keys[0]}: <name of the pool>.`,
    });
  if (!isFenced(taints, key ?? keys[0], name))
    findings.push({
      object,
      field: taintsPath,
      message: `has no taint ${key ?? keys[0]}=${name} with effect ${effects.join(" or ")}, so any tenant's pod may land on its nodes; found ${show(taints)}.`,
      fix: `Add the taint {key: ${key ?? keys[0]}, value: ${name}, effect: NoSchedule}.`,
    });
  if (tenant === undefined && !shared)
    findings.push({
      object,
      field: `metadata.labels["${tenantLabel}"]`,
      message: "is missing, and the configuration does not list the pool as shared, so nobody knows who may use it.",
      fix: `Label the pool ${tenantLabel}: <tenant>, or list ${show(name)} under pools.shared in the pack's configuration.`,
    });
  if (tenant !== undefined && shared)
    findings.push({
      object,
      field: `metadata.labels["${tenantLabel}"]`,
      message: `is ${show(tenant)}, but the configuration lists the pool as shared.`,
      fix: "Remove the label or the entry under pools.shared.",
    });
  return findings;
}

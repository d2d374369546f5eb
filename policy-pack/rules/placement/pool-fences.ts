import { owasp } from "../frameworks";
import { pools } from "../pool-rules";
import type { Finding, Rule } from "../rule";
import { show } from "../select";

const effects = ["NoSchedule", "NoExecute"];

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
    return pools(model, configuration).flatMap(({ object, name, labels, taints, taintsPath, tenant, shared }) => {
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
      if (!taints.some((t) => t.key === (key ?? keys[0]) && t.value === name && effects.includes(t.effect ?? "")))
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
          message:
            "is missing, and the configuration does not list the pool as shared, so nobody knows who may use it.",
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
    });
  },
};

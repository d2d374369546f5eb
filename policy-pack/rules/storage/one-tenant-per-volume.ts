import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { claimants, persistentVolumes } from "../../readers/storage";

export const rule: Rule = {
  id: "storage/one-tenant-per-volume",
  title: "No persistent volume is claimed from two tenants' namespaces.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Give each tenant a volume of its own; several may show the same store if all are read-only.",
  configuredBy: ["tenants"],
  check: (model) => {
    const claimantsOf = claimants(model);
    return persistentVolumes(model).flatMap((volume) => {
      const owners = new Set(claimantsOf(volume).map((ns) => model.tenantOf(ns) ?? `(no tenant: ${ns})`));
      if (owners.size < 2) return [];
      return [
        {
          object: volume,
          field: "spec.claimRef",
          message: `is claimed by ${[...owners].join(" and ")}: what one writes the other reads, and who comes last gets nothing.`,
        },
      ];
    });
  },
};

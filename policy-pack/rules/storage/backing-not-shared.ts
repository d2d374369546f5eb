import { groupBy } from "../../model/cluster-model";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { backing, claimants, isReadOnly, persistentVolumes } from "../storage-rules";

export const rule: Rule = {
  id: "storage/backing-not-shared",
  title: "Volumes of different tenants that lead to the same store are read-only, all of them.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation:
    "Set accessModes to [ReadOnlyMany] on every volume of the store, or give each tenant a store of its own.",
  configuredBy: ["tenants"],
  check: (model) => {
    const claimantsOf = claimants(model);
    const backed = persistentVolumes(model).flatMap((volume) => {
      const behind = backing(volume);
      return behind === undefined ? [] : [{ volume, store: `${behind.device}:${behind.path}` }];
    });
    const stores = groupBy(backed, ({ store }) => store);
    return [...stores].flatMap(([store, volumes]): Finding[] => {
      const owners = new Set(
        volumes.flatMap(({ volume }) => claimantsOf(volume).map((namespace) => model.tenantOf(namespace) ?? namespace)),
      );
      if (owners.size < 2) return [];
      return volumes
        .filter(({ volume }) => !isReadOnly(volume))
        .map(({ volume }) => ({
          object: volume,
          field: "spec.accessModes",
          message: `allow writing to ${store}, which ${[...owners].join(" and ")} use: one could change or delete the other's models.`,
        }));
    });
  },
};

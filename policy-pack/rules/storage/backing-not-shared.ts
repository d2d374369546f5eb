import { type ClusterModel, groupBy, type ModelObject } from "../../model/cluster-model";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { areApart, type Backing, backing } from "../../readers/backing";
import { claimants, isReadOnly, persistentVolumes } from "../../readers/storage";

/** A volume, the folder behind it and whose it is. */
interface Backed {
  volume: ModelObject;
  behind: Backing;
  owners: string[];
}

function backedVolumes(model: ClusterModel): Backed[] {
  const claimantsOf = claimants(model);
  return persistentVolumes(model).flatMap((volume) => {
    const behind = backing(volume);
    if (behind === undefined) return [];
    return [{ volume, behind, owners: claimantsOf(volume).map((name) => model.tenantOf(name) ?? name) }];
  });
}

/** Other owners of the folder behind a volume, as far as its device and path tell. */
function sharers(one: Backed, all: readonly Backed[]): string[] {
  const others = all.filter((other) => other !== one && !areApart(one.behind, other.behind));
  return [...new Set(others.flatMap(({ owners }) => owners))].filter((owner) => !one.owners.includes(owner));
}

export const rule: Rule = {
  id: "storage/backing-not-shared",
  title: "Volumes of different tenants that lead, or may lead, to the same store are read-only, all of them.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation:
    "Set accessModes to [ReadOnlyMany] on every volume of the store, or give each tenant a store of its own, by the attributes that the driver goes by.",
  configuredBy: ["tenants"],
  check: (model) =>
    [...groupBy(backedVolumes(model), ({ behind }) => `${behind.device}:${behind.path}`).values()].flatMap(
      (volumes) => {
        // Most stores have one owner; only the others are compared one by one.
        if (new Set(volumes.flatMap(({ owners }) => owners)).size < 2) return [];
        return volumes.flatMap((one): Finding[] => {
          if (isReadOnly(one.volume)) return [];
          const others = sharers(one, volumes);
          if (others.length === 0 && one.owners.length < 2) return [];
          const { device, path, hosts } = one.behind;
          const place = [device, ...(hosts ?? []), path].join(" ");
          const spec = one.volume.object.spec as { accessModes?: unknown };
          return [
            {
              object: one.volume,
              field: "spec.accessModes",
              message: `is ${JSON.stringify(spec.accessModes) ?? "not set"}, so ${one.owners.join(" and ") || "whoever claims it"} may write to ${place}, which is, or cannot be told from, the place of ${others.join(" and ") || "another"}: one could change or delete the other's data.`,
            },
          ];
        });
      },
    ),
};

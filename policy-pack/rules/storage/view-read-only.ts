import { groupBy } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { record } from "../../model/json";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { areApart, type Backing, backing, foldersAround } from "../../readers/backing";
import { claimants, isReadOnly, persistentVolumes } from "../../readers/storage";

export const rule: Rule = {
  id: "storage/view-read-only",
  title:
    "A volume inside the store of another namespace is read-only at its source, and no tenant has the store around it.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation:
    "Set accessModes to [ReadOnlyMany] and readOnly: true on the nfs or csi source of the inner volume; the store around it belongs to a namespace of the platform.",
  configuredBy: ["tenants", "platformNamespaces", "fencedNamespaces"],
  check: (model, { fencedNamespaces, platformNamespaces }) => {
    const trusted = new Set([...fencedNamespaces, ...platformNamespaces]);
    const claimantsOf = claimants(model);
    const volumes = persistentVolumes(model).flatMap((volume) => {
      const behind = backing(volume);
      return behind === undefined ? [] : [{ volume, behind, owners: claimantsOf(volume) }];
    });
    const folders = groupBy(volumes, ({ behind }) => key(behind));
    return volumes.flatMap((inner): Finding[] => {
      const around = foldersAround(inner.behind)
        .flatMap((folder) => (folders.get(key(folder)) ?? []).filter((outer) => !areApart(folder, outer.behind)))
        .filter((outer) => outer.owners.some((owner) => !inner.owners.includes(owner)));
      if (around.length === 0) return [];
      const { nfs, csi } = record(inner.volume.object.spec);
      const source = nfs !== undefined ? "nfs" : csi !== undefined ? "csi" : undefined;
      const readOnly = record(nfs ?? csi).readOnly;
      const store = around.map(({ volume }) => volume.object.metadata.name).join(" and ");
      return [
        ...(isReadOnly(inner.volume)
          ? []
          : [finding(inner.volume, "spec.accessModes", `allow writing into the store of ${store}`)]),
        ...(source === undefined || readOnly === true
          ? []
          : [
              finding(
                inner.volume,
                `spec.${source}.readOnly`,
                `is ${show(readOnly)}, so the mount into the store of ${store} could be written to`,
              ),
            ]),
        ...around
          .filter(({ owners }) => owners.some((owner) => !trusted.has(owner)))
          .map(({ volume, owners }) =>
            finding(
              volume,
              "spec.claimRef",
              `leads to ${owners.join(" and ")}, whose pods would see the folder of ${inner.owners.join(" and ")} in it`,
            ),
          ),
      ];
    });
  },
};

const key = ({ device, path }: Backing): string => `${device}:${path}`;

const finding = (object: Finding["object"], field: string, message: string): Finding => ({
  object,
  field,
  message: `${message}.`,
});

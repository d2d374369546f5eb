import { type ClusterModel, groupBy, type ModelObject } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { record } from "../../model/json";
import { UNKNOWN } from "../../model/kubernetes";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { type ClaimSource, persistentVolumes, tenantClaims } from "../../readers/storage";

/** Names of the claims that volumes are reserved for, by namespace. */
function reservations(model: ClusterModel): Map<string, string[]> {
  const claimRefs = persistentVolumes(model).map((volume: ModelObject) => record(record(volume.object.spec).claimRef));
  const byNamespace = groupBy(claimRefs, ({ namespace }) => String(namespace));
  return new Map([...byNamespace].map(([namespace, refs]) => [namespace, refs.map(({ name }) => String(name))]));
}

/** What is wrong with a claim that no volume is reserved for. */
function fault({ spec, path, classPath }: ClaimSource): Pick<Finding, "field" | "message" | "fix"> | undefined {
  const { selector, storageClassName } = spec;
  if (selector !== undefined)
    return {
      field: `${path}.selector`,
      message: `is ${show(selector)}: no volume is made for the claim, and it takes whatever free volume has such labels, contents included.`,
      fix: "Remove the selector and name a StorageClass, or declare the volume with a claimRef for this claim.",
    };
  if (storageClassName === "" || storageClassName === UNKNOWN)
    return {
      field: classPath,
      message: `is ${show(storageClassName)}: no volume is made for the claim, and it takes whatever free volume fits, contents included.`,
      fix: "Name a StorageClass, or declare the volume with a claimRef for this claim.",
    };
  return undefined;
}

export const rule: Rule = {
  id: "storage/claims-own-volume",
  title: "A tenant's claim gets a volume that is made for it, or one that is declared beside it.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Declare the PersistentVolume, with a claimRef that names the claim.",
  check: (model) => {
    const declared = new Set(persistentVolumes(model).map(({ object }) => object.metadata.name));
    const reserved = reservations(model);
    return tenantClaims(model).flatMap((claim): Finding[] => {
      const { volumeName } = claim.spec;
      if (volumeName !== undefined && volumeName !== "") {
        if (declared.has(volumeName)) return [];
        return [
          {
            object: claim.object,
            field: `${claim.path}.volumeName`,
            message: `is ${show(volumeName)}, a volume that nothing here declares: it may be another tenant's, and nobody has judged it.`,
          },
        ];
      }
      if ((reserved.get(claim.namespace) ?? []).some((name) => claim.isNamed(name))) return [];
      const found = fault(claim);
      return found === undefined ? [] : [{ object: claim.object, ...found }];
    });
  },
};

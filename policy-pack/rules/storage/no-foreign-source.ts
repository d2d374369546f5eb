import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import type { PersistentVolumeClaimSpec } from "../../model/kubernetes";
import { record } from "../../model/pods";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { list, show, tenantObjects, tenantPods } from "../select";

function claimSpecs(model: ClusterModel): { object: ModelObject; spec: PersistentVolumeClaimSpec; path: string }[] {
  const own = tenantObjects(model, "PersistentVolumeClaim", "").map((object) => ({
    object,
    spec: record(object.object.spec) as PersistentVolumeClaimSpec,
    path: "spec",
  }));
  const ofPods = tenantPods(model).flatMap((pod) => [
    ...list(record(pod.source.object.spec).volumeClaimTemplates as { spec?: unknown }[]).map((template, i) => ({
      object: pod.source,
      spec: record(template?.spec) as PersistentVolumeClaimSpec,
      path: `spec.volumeClaimTemplates[${i}].spec`,
    })),
    ...list(pod.spec.volumes).flatMap((volume, i) =>
      volume?.ephemeral === undefined
        ? []
        : [
            {
              object: pod.source,
              spec: record(record(record(volume.ephemeral).volumeClaimTemplate).spec) as PersistentVolumeClaimSpec,
              path: `${pod.path}.volumes[${i}].ephemeral.volumeClaimTemplate.spec`,
            },
          ],
    ),
  ]);
  return [...own, ...ofPods];
}

/** A namespace whose Secret a volume is mounted with. */
interface SecretUse {
  path: string;
  namespace: string;
}

/** Every reference to a Secret in a volume's source, whatever the driver. */
function secretUses(source: unknown, path: string): SecretUse[] {
  return Object.entries(record(source)).flatMap(([key, value]): SecretUse[] => {
    const place = `${path}.${key}`;
    if (key === "secretNamespace" && typeof value === "string") return [{ path: place, namespace: value }];
    const { namespace } = record(value);
    if (/secretref$/i.test(key) && typeof namespace === "string") return [{ path: `${place}.namespace`, namespace }];
    return secretUses(value, place);
  });
}

/** Volumes of tenants that are mounted with another tenant's Secret. */
function foreignSecrets(model: ClusterModel): Finding[] {
  return model.of("PersistentVolume", "").flatMap((volume) => {
    const { claimRef, ...source } = record(volume.object.spec);
    const tenant = model.tenantOf(String(record(claimRef).namespace ?? ""));
    return secretUses(source, "spec")
      .filter(({ namespace }) => ![undefined, tenant].includes(model.tenantOf(namespace)))
      .map(({ path, namespace }) => ({
        object: volume,
        field: path,
        message: `is ${show(namespace)}: the volume would be mounted with a Secret of tenant ${model.tenantOf(namespace)}.`,
        fix: "Name a Secret of the namespace of the volume's claim, or of the platform.",
      }));
  });
}

export const rule: Rule = {
  id: "storage/no-foreign-source",
  title: "No claim of a tenant is filled from another namespace, and no volume mounted with another tenant's Secret.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Remove dataSourceRef.namespace; fill the claim from its own namespace.",
  check: (model) => [...foreignSources(model), ...foreignSecrets(model)],
};

/** Claims that are filled from another namespace. */
function foreignSources(model: ClusterModel): Finding[] {
  return claimSpecs(model).flatMap(({ object, spec, path }) => {
    const namespace = spec.dataSourceRef?.namespace;
    if (namespace === undefined || namespace === "" || namespace === object.namespace) return [];
    return [
      {
        object,
        field: `${path}.dataSourceRef.namespace`,
        message: `is ${show(namespace)}: the claim would start as a copy of that namespace's data.`,
      },
    ];
  });
}

import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import type { PersistentVolumeClaimSpec } from "../../model/kubernetes";
import { record } from "../../model/pods";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
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

export const rule: Rule = {
  id: "storage/no-foreign-source",
  title: "No claim of a tenant is filled from another namespace.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Remove dataSourceRef.namespace; fill the claim from its own namespace.",
  check: (model) =>
    claimSpecs(model).flatMap(({ object, spec, path }) => {
      const namespace = spec.dataSourceRef?.namespace;
      if (namespace === undefined || namespace === "" || namespace === object.namespace) return [];
      return [
        {
          object,
          field: `${path}.dataSourceRef.namespace`,
          message: `is ${show(namespace)}: the claim would start as a copy of that namespace's data.`,
        },
      ];
    }),
};

import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { list, record } from "../../model/json";
import type { PersistentVolumeClaimSpec } from "../../model/kubernetes";
import { formatMilli, parseMilli } from "../../model/quantity";
import { maxReplicas, quotaLimits } from "../../readers/capacity";
import { nsa } from "../frameworks";
import type { Finding, Rule } from "../rule";

interface Claim {
  object: ModelObject;
  field: string;
  amount: bigint | undefined;
  times: bigint;
}

function claims(model: ClusterModel, namespace: string): Claim[] {
  const size = (spec: unknown) => parseMilli((record(spec) as PersistentVolumeClaimSpec).resources?.requests?.storage);
  const own = model.ofIn(namespace, "PersistentVolumeClaim", "").map((object) => ({
    object,
    field: "spec.resources.requests.storage",
    amount: size(object.object.spec),
    times: 1n,
  }));
  const ofPods = model
    .podsIn(namespace)
    .filter((pod) => pod.source.object.metadata.ownerReferences === undefined)
    .flatMap((pod) => {
      const times = maxReplicas(model, pod).count;
      const templates = list(record(pod.source.object.spec).volumeClaimTemplates as { spec?: unknown }[]);
      const ephemeral = list(pod.spec.volumes).flatMap((volume, index) =>
        volume.ephemeral === undefined
          ? []
          : [
              {
                spec: volume.ephemeral.volumeClaimTemplate?.spec,
                path: `${pod.path}.volumes[${index}].ephemeral.volumeClaimTemplate`,
              },
            ],
      );
      return [
        ...templates.map((template, index) => ({ spec: template?.spec, path: `spec.volumeClaimTemplates[${index}]` })),
        ...ephemeral,
      ].map(({ spec, path }) => ({
        object: pod.source,
        field: `${path}.spec.resources.requests.storage`,
        amount: size(spec),
        times,
      }));
    });
  return [...own, ...ofPods];
}

export const rule: Rule = {
  id: "capacity/claims-fit-quota",
  title: "The storage that a tenant's objects claim fits the tenant's quota.",
  severity: "medium",
  scope: "cluster",
  frameworks: [nsa("Resource policies")],
  remediation: "Lower the claim's size or raise requests.storage in the quota.",
  check: (model) =>
    model.tenantNamespaces().flatMap(({ name }): Finding[] => {
      const limit = quotaLimits(model, name)["requests.storage"];
      const all = claims(model, name);
      const unreadable = all
        .filter(({ amount }) => amount === undefined)
        .map(({ object, field }) => ({
          object,
          field,
          message: "is missing or no quantity, so the claim cannot be bounded.",
        }));
      const sum = all.reduce((total, { amount = 0n, times }) => total + amount * times, 0n);
      const largest = all.toSorted((a, b) => Number((b.amount ?? 0n) * b.times - (a.amount ?? 0n) * a.times))[0];
      if (limit === undefined || sum <= limit || largest === undefined) return unreadable;
      return [
        ...unreadable,
        {
          object: largest.object,
          field: largest.field,
          message: `is ${formatMilli(largest.amount ?? 0n)}; all claims of the namespace need ${formatMilli(sum)}, but its quota allows ${formatMilli(limit)}.`,
          fix: `Lower the claims, or raise the quota's requests.storage to ${formatMilli(sum)}.`,
        },
      ];
    }),
};

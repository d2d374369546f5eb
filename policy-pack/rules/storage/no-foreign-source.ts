import type { ClusterModel } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantPods } from "../../readers/select";
import { tenantClaims } from "../../readers/storage";

/** A namespace whose Secret a volume is mounted with. */
interface SecretUse {
  path: string;
  namespace: string;
}

/** A key without case and separators, as drivers read it. */
const plainName = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Every reference to a Secret in a volume's source, whatever the driver. */
function secretUses(source: unknown, path: string): SecretUse[] {
  return Object.entries(record(source)).flatMap(([key, value]): SecretUse[] => {
    const place = `${path}.${key}`;
    if (plainName(key) === "secretnamespace" && typeof value === "string") return [{ path: place, namespace: value }];
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

/** Volumes that a tenant's pod mounts by its own word, with a Secret that is not of its namespace. */
function foreignSecretsOfPods(model: ClusterModel): Finding[] {
  return tenantPods(model).flatMap((pod) =>
    list(pod.spec.volumes).flatMap((volume, index) =>
      secretUses(volume, `${pod.path}.volumes[${index}]`)
        .filter(({ namespace }) => namespace !== pod.namespace)
        .map(({ path, namespace }) => ({
          object: pod.source,
          field: path,
          message: `is ${show(namespace)}: the volume would be mounted with a Secret of another namespace.`,
          fix: "Remove it; the driver then takes the Secret from the pod's own namespace.",
        })),
    ),
  );
}

export const rule: Rule = {
  id: "storage/no-foreign-source",
  title: "No claim of a tenant is filled from another namespace, and no volume mounted with another tenant's Secret.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Remove dataSourceRef.namespace; fill the claim from its own namespace.",
  check: (model) => [...foreignSources(model), ...foreignSecrets(model), ...foreignSecretsOfPods(model)],
};

/** Claims that are filled from another namespace. */
function foreignSources(model: ClusterModel): Finding[] {
  return tenantClaims(model).flatMap(({ object, spec, path }) => {
    const namespace = spec.dataSourceRef?.namespace;
    if (namespace === undefined || namespace === "" || namespace === object.namespace) return [];
    return [
      {
        object,
        field: `${path}.dataSourceRef.namespace`,
        message: `is ${show(namespace)}: where the cluster's feature CrossNamespaceVolumeDataSource is on, the claim would start as a copy of that namespace's data; elsewhere the API server drops the source, and the claim starts empty.`,
      },
    ];
  });
}

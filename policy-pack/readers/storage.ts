/** Persistent volumes and who may claim them, for the rules under `storage/`. */
import { type ClusterModel, groupBy, type ModelObject } from "../model/cluster-model";
import { list, record } from "../model/json";
import type { PersistentVolumeClaimSpec } from "../model/kubernetes";
import { tenantObjects, tenantPods } from "./select";

/** Persistent volumes that belong to, or can be taken by, a tenant. */
export function persistentVolumes(model: ClusterModel): readonly ModelObject[] {
  return model.of("PersistentVolume", "");
}

/** Tells the namespaces whose claims are bound to a volume, by the volume's own word and by the claims'. */
export function claimants(model: ClusterModel): (volume: ModelObject) => string[] {
  const own = model
    .of("PersistentVolumeClaim", "")
    .map(({ object, namespace }) => ({ namespace, volume: String(record(object.spec).volumeName) }));
  const ofPods = claimsOfPods(model).map(({ namespace, spec }) => ({ namespace, volume: String(spec.volumeName) }));
  const claims = groupBy([...own, ...ofPods], ({ volume }) => volume);
  return (volume) => {
    const own = record(record(volume.object.spec).claimRef).namespace;
    const bound = (claims.get(volume.object.metadata.name) ?? []).map((claim) => claim.namespace);
    return [...new Set([...(typeof own === "string" ? [own] : []), ...bound])];
  };
}

/** Whether nothing may be written through the volume: each of its access modes is read-only. */
export function isReadOnly(volume: ModelObject): boolean {
  const modes = record(volume.object.spec).accessModes;
  return Array.isArray(modes) && modes.length > 0 && modes.every((mode) => mode === "ReadOnlyMany");
}

/** A claim on a volume, as an object of its own or as a part of a workload. */
export interface ClaimSource {
  object: ModelObject;
  namespace: string;
  spec: PersistentVolumeClaimSpec & { selector?: unknown };
  /** Path of the claim's spec in the object. */
  path: string;
  /** Path of what names the claim's class. */
  classPath: string;
  /** Whether a claim of this name is one of those that come of it. */
  isNamed(name: string): boolean;
}

/** Annotation by which claims named their class before they had a field for it; the API server still takes its word first. */
const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

/** A claim's spec with the class that counts. */
function specOf(claim: unknown, path: string): Pick<ClaimSource, "spec" | "path" | "classPath"> {
  const { spec, metadata } = record(claim);
  const given = record(spec) as ClaimSource["spec"];
  const name = record(record(metadata).annotations)[CLASS_ANNOTATION];
  if (name === undefined) return { spec: given, path, classPath: `${path}.storageClassName` };
  const classPath = path.replace(/spec$/, `metadata.annotations["${CLASS_ANNOTATION}"]`);
  return { spec: { ...given, storageClassName: String(name) }, path, classPath };
}

/** Every claim of tenants: objects, templates of StatefulSets, and ephemeral volumes of pods. */
export function tenantClaims(model: ClusterModel): ClaimSource[] {
  return [...ownClaims(model), ...claimsOfPods(model)];
}

function ownClaims(model: ClusterModel): ClaimSource[] {
  return tenantObjects(model, "PersistentVolumeClaim", "").map((object) => ({
    object,
    namespace: object.namespace,
    ...specOf(object.object, "spec"),
    isNamed: (name: string) => name === object.object.metadata.name,
  }));
}

/** Claims that come of workloads' own words. */
function claimsOfPods(model: ClusterModel): ClaimSource[] {
  return tenantPods(model).flatMap((pod) => {
    const part = (template: unknown, path: string, prefix: string, ordinals: RegExp): ClaimSource => ({
      object: pod.source,
      namespace: pod.namespace,
      ...specOf(template, path),
      isNamed: (name) => name.startsWith(prefix) && ordinals.test(name.slice(prefix.length)),
    });
    const { name } = pod.source.object.metadata;
    const templates = list(record(pod.source.object.spec).volumeClaimTemplates as unknown[]).map((template, i) =>
      part(
        template,
        `spec.volumeClaimTemplates[${i}].spec`,
        `${String(record(record(template).metadata).name)}-${name}-`,
        /^\d+$/,
      ),
    );
    const ephemeral = list(pod.spec.volumes).flatMap((volume, i) => {
      if (record(volume).ephemeral === undefined) return [];
      const template = record(record(volume).ephemeral).volumeClaimTemplate;
      const path = `${pod.path}.volumes[${i}].ephemeral.volumeClaimTemplate.spec`;
      // Their names carry a pod's name, which nobody can reserve a volume for before the pod is there.
      return [part(template, path, `${name}-${String(volume?.name)}`, /^$/)];
    });
    return [...templates, ...ephemeral];
  });
}

/** Persistent volumes and who may claim them, for the rules under `storage/`. */
import { posix } from "node:path";
import { type ClusterModel, groupBy, type ModelObject } from "../model/cluster-model";
import { list, record } from "../model/json";
import type { PersistentVolumeClaimSpec } from "../model/kubernetes";
import { csiPlace } from "../model/storage-drivers";
import { tenantObjects, tenantPods } from "./select";

/** Persistent volumes that belong to, or can be taken by, a tenant. */
export function persistentVolumes(model: ClusterModel): readonly ModelObject[] {
  return model.of("PersistentVolume", "");
}

/** Tells the namespaces whose claims are bound to a volume, by the volume's own word and by the claims'. */
export function claimants(model: ClusterModel): (volume: ModelObject) => string[] {
  const claims = groupBy(model.of("PersistentVolumeClaim", ""), ({ object }) => String(record(object.spec).volumeName));
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

/** What lies behind a volume: a folder of something. */
export interface Backing {
  /** Protocol or driver; equal where two volumes could lead to one place. */
  device: string;
  /** Folder without a slash at its end; the handle where a driver knows no folders. */
  path: string;
  /** Servers or nodes that have the folder. Undefined where none is named: then it may be any. */
  hosts?: readonly string[];
}

/** What lies behind a volume; undefined for unknown kinds. */
export function backing(volume: ModelObject): Backing | undefined {
  const spec = record(volume.object.spec);
  const { nfs, csi, local, hostPath, mountOptions } = spec;
  if (nfs !== undefined)
    return { device: "nfs", path: trimPath(record(nfs).path), hosts: [hostName(record(nfs).server)] };
  if (csi !== undefined) return csiBacking(record(csi), list(mountOptions as unknown[]));
  if (local !== undefined) return { device: "local", path: trimPath(record(local).path), hosts: nodesOf(spec) };
  if (hostPath !== undefined) return { device: "hostPath", path: trimPath(record(hostPath).path) };
  return undefined;
}

function csiBacking({ driver, volumeHandle, volumeAttributes }: Record<string, unknown>, options: readonly unknown[]) {
  const place = csiPlace(String(driver), String(volumeHandle), record(volumeAttributes), options);
  const path = trimPath(place.folder);
  if (place.nfs) return { device: "nfs", path, hosts: [hostName(place.device)] };
  return { device: `csi ${String(driver)} ${place.device}`.trimEnd(), path };
}

/** Every folder around a folder, from the outermost on. */
export function foldersAround({ device, path, hosts }: Backing): Backing[] {
  const ends = [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));
  const folders = ends.flatMap((end) => (end === "" ? ["", "/"] : [end]));
  return folders.filter((folder) => folder !== path).map((folder) => ({ device, path: folder, hosts }));
}

/**
 * Whether two folders of one device and path are known to be different ones. A name and an address, or a short and a
 * long name, may be the same server.
 */
export function areApart(a: Backing, b: Backing): boolean {
  if (a.hosts === undefined || b.hosts === undefined) return false;
  return a.hosts.every((host) => b.hosts?.every((other) => differ(host, other)) === true);
}

function differ(a: string, b: string): boolean {
  if (a === b || isAddress(a) !== isAddress(b)) return false;
  return isAddress(a) || !(a.startsWith(`${b}.`) || b.startsWith(`${a}.`));
}

const isAddress = (host: string): boolean => /^[0-9.]+$/.test(host) || host.includes(":");

/** A host in one spelling: without case, brackets and the point at its end. */
function hostName(host: unknown): string {
  return String(host)
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

/** Nodes that a local volume is on; undefined unless each alternative names its nodes. */
function nodesOf(spec: Record<string, unknown>): string[] | undefined {
  const { nodeSelectorTerms } = record(record(spec.nodeAffinity).required);
  const named = list(nodeSelectorTerms as unknown[]).map((term) =>
    list(record(term).matchExpressions as unknown[])
      .map(record)
      .find(({ key, operator }) => key === "kubernetes.io/hostname" && operator === "In"),
  );
  if (named.length === 0 || named.some((expression) => expression === undefined)) return undefined;
  return named.flatMap((expression) => list(expression?.values as string[] | undefined));
}

function trimPath(path: unknown): string {
  return posix
    .normalize(String(path))
    .replace(/^\/+/, "/")
    .replace(/(.)\/$/, "$1");
}

/** A claim on a volume, as an object of its own or as a part of a workload. */
export interface ClaimSource {
  object: ModelObject;
  namespace: string;
  spec: PersistentVolumeClaimSpec & { selector?: unknown };
  /** Path of the claim's spec in the object. */
  path: string;
  /** Whether a claim of this name is one of those that come of it. */
  isNamed(name: string): boolean;
}

/** Every claim of tenants: objects, templates of StatefulSets, and ephemeral volumes of pods. */
export function tenantClaims(model: ClusterModel): ClaimSource[] {
  const own = tenantObjects(model, "PersistentVolumeClaim", "").map((object) => ({
    object,
    namespace: object.namespace,
    spec: record(object.object.spec) as ClaimSource["spec"],
    path: "spec",
    isNamed: (name: string) => name === object.object.metadata.name,
  }));
  const ofPods = tenantPods(model).flatMap((pod) => {
    const part = (spec: unknown, path: string, prefix: string, ordinals: RegExp): ClaimSource => ({
      object: pod.source,
      namespace: pod.namespace,
      spec: record(spec) as ClaimSource["spec"],
      path,
      isNamed: (name) => name.startsWith(prefix) && ordinals.test(name.slice(prefix.length)),
    });
    const { name } = pod.source.object.metadata;
    const templates = list(record(pod.source.object.spec).volumeClaimTemplates as unknown[]).map((template, i) =>
      part(
        record(template).spec,
        `spec.volumeClaimTemplates[${i}].spec`,
        `${String(record(record(template).metadata).name)}-${name}-`,
        /^\d+$/,
      ),
    );
    const ephemeral = list(pod.spec.volumes).flatMap((volume, i) => {
      if (record(volume).ephemeral === undefined) return [];
      const { spec } = record(record(record(volume).ephemeral).volumeClaimTemplate);
      const path = `${pod.path}.volumes[${i}].ephemeral.volumeClaimTemplate.spec`;
      // Their names carry a pod's name, which nobody can reserve a volume for before the pod is there.
      return [part(spec, path, `${name}-${String(volume?.name)}`, /^$/)];
    });
    return [...templates, ...ephemeral];
  });
  return [...own, ...ofPods];
}

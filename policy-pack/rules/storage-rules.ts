/** Persistent volumes and who may claim them, for the rules under `storage/`. */
import { type ClusterModel, groupBy, type ModelObject } from "../model/cluster-model";
import { record } from "../model/pods";

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
  /** Server, driver or nodes; equal for equal ones. */
  device: string;
  /** Folder without a slash at its end; the handle where a driver knows no folders. */
  path: string;
}

/** What lies behind a volume; undefined for unknown kinds. */
export function backing(volume: ModelObject): Backing | undefined {
  const spec = record(volume.object.spec);
  const { nfs, csi, local, hostPath } = spec;
  if (nfs !== undefined) return { device: `nfs ${String(record(nfs).server)}`, path: trimPath(record(nfs).path) };
  if (csi !== undefined)
    return { device: `csi ${String(record(csi).driver)}`, path: trimPath(record(csi).volumeHandle) };
  if (local !== undefined)
    return { device: `local on ${JSON.stringify(spec.nodeAffinity ?? {})}`, path: trimPath(record(local).path) };
  if (hostPath !== undefined) return { device: "hostPath", path: trimPath(record(hostPath).path) };
  return undefined;
}

/** Every folder around a folder, from the outermost on. */
export function foldersAround({ device, path }: Backing): Backing[] {
  const ends = [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));
  const folders = ends.flatMap((end) => (end === "" ? ["", "/"] : [end]));
  return folders.filter((folder) => folder !== path).map((folder) => ({ device, path: folder }));
}

function trimPath(path: unknown): string {
  return String(path)
    .replace(/\/+/g, "/")
    .replace(/(.)\/$/, "$1");
}

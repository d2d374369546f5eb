/** What lies behind persistent volumes, for the rules under `storage/`. */
import { posix } from "node:path";
import type { ModelObject } from "../model/cluster-model";
import { list, record } from "../model/json";
import { csiPlace } from "../model/storage-drivers";

/** What lies behind a volume: a folder of something. */
export interface Backing {
  /** Protocol or driver; equal where two volumes could lead to one place. */
  device: string;
  /** Folder without a slash at its end; the handle where a driver knows no folders. */
  path: string;
  /** Servers or nodes that have the folder. Undefined where none is named: then it may be any. */
  hosts?: readonly string[];
}

/** What lies behind a volume; undefined for kinds of which no two can lead to one place. */
export function backing(volume: ModelObject): Backing | undefined {
  const spec = record(volume.object.spec);
  const { csi, local, mountOptions } = spec;
  if (csi !== undefined) return csiBacking(record(csi), list(mountOptions as unknown[]));
  if (local !== undefined) return { device: "local", path: trimPath(record(local).path), hosts: nodesOf(spec) };
  const [kind, read] = Object.entries(inTree).find(([name]) => spec[name] !== undefined) ?? [];
  return kind === undefined ? undefined : read?.(record(spec[kind]));
}

/**
 * Volumes in the tree of Kubernetes. Those of clouds are served by a CSI driver, so that one disk may be named by both; what
 * they do not name (a zone, an account that stands in a Secret) may be any.
 */
const inTree: Readonly<Record<string, (source: Record<string, unknown>) => Backing>> = {
  nfs: ({ server, path }) => ({ device: "nfs", path: trimPath(path), hosts: [hostName(server)] }),
  hostPath: ({ path }) => ({ device: "hostPath", path: trimPath(path) }),
  awsElasticBlockStore: ({ volumeID }) => ({ device: "csi ebs.csi.aws.com", path: lastPart(volumeID) }),
  gcePersistentDisk: ({ pdName }) => ({ device: GOOGLE_DISKS, path: String(pdName) }),
  azureDisk: ({ diskURI }) => ({ device: "csi disk.csi.azure.com", path: String(diskURI) }),
  azureFile: ({ shareName }) => ({ device: "csi file.csi.azure.com", path: trimPath(shareName) }),
  cinder: ({ volumeID }) => ({ device: "csi cinder.csi.openstack.org", path: String(volumeID) }),
  portworxVolume: ({ volumeID }) => ({ device: "csi pxd.portworx.com", path: String(volumeID) }),
  vsphereVolume: ({ volumePath }) => ({ device: "vsphere", path: String(volumePath) }),
  cephfs: ({ path = "/" }) => ({ device: "cephfs", path: trimPath(path) }),
  rbd: ({ pool = "rbd", image }) => ({ device: "rbd", path: `${String(pool)}/${String(image)}` }),
  glusterfs: ({ path }) => ({ device: "glusterfs", path: trimPath(path) }),
  iscsi: ({ iqn, lun }) => ({ device: "iscsi", path: `${String(iqn)} ${String(lun)}` }),
  fc: ({ targetWWNs, wwids, lun }) => ({
    device: "fc",
    path: [...words(targetWWNs), ...words(wwids), ...words(lun)].join(" "),
  }),
};

const words = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String));

const GOOGLE_DISKS = "csi pd.csi.storage.gke.io";

function csiBacking(
  { driver, volumeHandle, volumeAttributes }: Record<string, unknown>,
  options: readonly unknown[],
): Backing {
  const place = csiPlace(String(driver), String(volumeHandle), record(volumeAttributes), options);
  const device = place.nfs ? "nfs" : `csi ${String(driver)}`;
  // The handle is projects/<project>/zones/<zone>/disks/<name>, of which in-tree volumes have the name only.
  if (device === GOOGLE_DISKS)
    return { device, path: lastPart(place.folder), hosts: [place.folder.slice(0, place.folder.lastIndexOf("/"))] };
  return {
    device,
    path: trimPath(place.folder),
    hosts: place.nfs || place.device !== "" ? [hostName(place.device)] : undefined,
  };
}

/** What stands after the last slash. */
const lastPart = (text: unknown): string => String(text).split("/").at(-1) ?? "";

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

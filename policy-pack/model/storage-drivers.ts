/** How CSI drivers say which place a volume leads to. */

/** Where a driver reads the place of a volume from; the names of attributes are compared without case and separators. */
export interface DriverPlace {
  /** Attributes that name the device: a server, an account, a file system. */
  device: readonly string[];
  /** Attributes that name the folder, share or bucket on it, from the outermost on. */
  folder: readonly string[];
  /** In-tree volume that leads to the same places. */
  inTree?: "nfs";
}

/** Drivers whose volumes are what the attributes say, whatever the handle is. Source: the drivers' documentation of static volumes. */
const byAttributes: Readonly<Record<string, DriverPlace>> = {
  "nfs.csi.k8s.io": { device: ["server"], folder: ["share", "subDir"], inTree: "nfs" },
  "smb.csi.k8s.io": { device: [], folder: ["source", "subDir"] },
  "file.csi.azure.com": { device: ["storageAccount", "server"], folder: ["shareName", "folderName"] },
  "blob.csi.azure.com": { device: ["storageAccount", "server"], folder: ["containerName"] },
  "s3.csi.aws.com": { device: [], folder: ["bucketName"] },
  "gcsfuse.csi.storage.gke.io": { device: [], folder: ["bucketName"] },
  "filestore.csi.storage.gke.io": { device: ["ip"], folder: ["volume"] },
  "fsx.csi.aws.com": { device: ["dnsname"], folder: ["mountname"] },
  "cephfs.csi.ceph.com": { device: ["clusterID", "fsName"], folder: ["rootPath"] },
  "beegfs.csi.netapp.com": { device: ["sysMgmtdHost"], folder: ["volDirBasePath"] },
};

/** Drivers whose volumes are what the handle says: block devices, and file systems with a path in the handle. */
const byHandle: ReadonlySet<string> = new Set([
  "cinder.csi.openstack.org",
  "csi.vsphere.vmware.com",
  "disk.csi.azure.com",
  "driver.longhorn.io",
  "ebs.csi.aws.com",
  "pxd.portworx.com",
  "pd.csi.storage.gke.io",
  "rbd.csi.ceph.com",
]);

/** Its handle is a file system, then a folder, then an access point: `fs-1:/folder:fsap-2`, each but the first left out at will. */
const EFS = "efs.csi.aws.com";

/** The folder that a handle of `EFS` leads to. An access point is a folder of its own, which the file system's root is around. */
function efsFolder(handle: string): string {
  const [fileSystem = "", folder = "", accessPoint = ""] = handle.split(":");
  return [fileSystem, accessPoint === "" ? folder.replace(/^\/+/, "") : accessPoint]
    .filter((part) => part !== "")
    .join("/");
}

/** What attributes of drivers that are not listed are called when they name a place. */
const placeNames =
  /^(server|host|address|endpoint|ip|dnsname|source|share|sharename|export|exportpath|path|rootpath|basepath|dir|directory|folder|foldername|subdir|subpath|bucket|bucketname|container|containername|mountname|url|fsname|filesystem|filesystemname|dataset|prefix)$/;

/** Options of a mount that lead to a folder of the device. */
const folderOption = /^-{0,2}(?:only-dir|prefix|subdir|subpath)[= ](.+)$/;

const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** The place of a CSI volume as its driver reads it. */
export interface CsiPlace {
  /** Device within the driver; the server's name where there is one. */
  device: string;
  folder: string;
  /** Whether the device names a server of NFS, so that in-tree volumes may lead to the same place. */
  nfs: boolean;
}

/**
 * Where a CSI volume leads. The handle counts for drivers that go by it and where no attribute names a place; for
 * all others two volumes of the same attributes lead to one place, whatever their handles are.
 */
export function csiPlace(
  driver: string,
  handle: string,
  attributes: Readonly<Record<string, unknown>>,
  mountOptions: readonly unknown[],
): CsiPlace {
  const option = mountOptions
    .map((text) => folderOption.exec(String(text))?.[1])
    .find((folder) => folder !== undefined);
  const within = (folder: string): string => (option === undefined ? folder : `${folder}/${option}`);
  if (driver === EFS) return { device: "", folder: within(efsFolder(handle)), nfs: false };
  if (byHandle.has(driver)) return { device: "", folder: within(handle), nfs: false };
  const values = new Map(Object.entries(attributes).map(([name, value]) => [plainName(name), String(value)]));
  const known = Object.hasOwn(byAttributes, driver) ? byAttributes[driver] : undefined;
  const read = (names: readonly string[]): string[] => names.flatMap((name) => values.get(plainName(name)) ?? []);
  if (known !== undefined) {
    const folder = read(known.folder);
    if (folder.length === 0) return { device: "", folder: within(handle), nfs: false };
    return { device: read(known.device).join(" "), folder: within(folder.join("/")), nfs: known.inTree === "nfs" };
  }
  const places = [...values].filter(([name]) => placeNames.test(name)).sort();
  if (places.length === 0) return { device: "", folder: within(handle), nfs: false };
  return { device: "", folder: within(places.map(([name, value]) => `${name}=${value}`).join(" ")), nfs: false };
}

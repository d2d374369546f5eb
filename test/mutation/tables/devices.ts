/** What the tables of accelerators, volumes and drivers have to know, restated from the makers' documentation. */
import type * as accelerators from "../../../policy-pack/model/accelerators";
import type * as drivers from "../../../policy-pack/model/storage-drivers";
import type * as volumes from "../../../policy-pack/model/volume-types";

/** The words on which a question is answered otherwise than here. */
export function wrong(words: string, expected: boolean, ask: (word: string) => boolean): string[] {
  return words.split(/\s+/).filter((word) => ask(word) !== expected);
}

const slices = `
  1g.6gb 2g.12gb 4g.24gb 1g.5gb 1g.10gb 2g.10gb 3g.20gb 4g.20gb 7g.40gb 1g.20gb 2g.20gb 3g.40gb 4g.40gb 7g.80gb
  1g.11gb 1g.12gb 1g.22gb 1g.24gb 2g.22gb 2g.24gb 3g.46gb 3g.47gb 4g.46gb 4g.47gb 7g.93gb 7g.94gb
  3g.48gb 4g.48gb 7g.96gb 1g.16gb 1g.18gb 1g.32gb 1g.35gb 1g.36gb 2g.32gb 2g.35gb 2g.36gb 3g.64gb 3g.71gb 3g.72gb
  4g.64gb 4g.71gb 4g.72gb 7g.141gb 7g.144gb 1g.23gb 1g.45gb 1g.47gb 2g.45gb 2g.47gb 3g.90gb 3g.93gb 4g.90gb 4g.93gb
  7g.180gb 7g.186gb 1g.34gb 1g.67gb 1g.70gb 2g.67gb 2g.70gb 3g.135gb 3g.139gb 4g.135gb 4g.139gb 7g.269gb 7g.278gb
  2g.48gb 4g.96gb 1g.10gb.me 1g.5gb-me 1g.24gb.gfx 1g.10gb.me.all`.trim();

/** What the tables of accelerators say otherwise. */
export function faultsOfAccelerators(table: typeof accelerators): string[] {
  const { hidesGpus, harmOfVariable, asksForDevices, isDeviceMount, isGpuRuntime, isExtendedResource } = table;
  const harms = (value?: string) => (name: string) => harmOfVariable(name, value) !== undefined;
  const vendors = "AMD HABANA ASCEND MTHREADS METAX ILUVATAR VACC BIREN".split(" ");
  return [
    ...wrong("void none", true, hidesGpus),
    ...wrong("all 0 GPU-1 VOID", false, hidesGpus),
    ...wrong("LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT CUDA_MPS_PIPE_DIRECTORY CUDA_INJECTION64_PATH", true, harms("x")),
    ...wrong("NVIDIA_IMEX_CHANNELS NVIDIA_MIG_CONFIG_DEVICES DOCKER_RESOURCE_GPU", true, harms("x")),
    ...wrong("NVIDIA_VISIBLE_DEVICES NVIDIA_DRIVER_CAPABILITIES PATH MY_LD_PRELOAD LD_PRELOADED", false, harms("x")),
    ...wrong(vendors.map((vendor) => `${vendor}_VISIBLE_DEVICES`).join(" "), true, harms("all")),
    ...wrong(vendors.map((vendor) => `${vendor}_VISIBLE_DEVICES`).join(" "), false, harms("void")),
    ...wrong("cdi.k8s.io/gpu io.kubernetes.cri-o.Devices io.kubernetes.cri-o.devices", true, asksForDevices),
    ...wrong(
      "devices.nri.io/pod cdi-devices.nri.io/pod mounts.nri.io/pod devices.noderesource.dev/x",
      true,
      asksForDevices,
    ),
    ...wrong("example.com/cdi other.nri.io/x io.kubernetes.cri-o.Devices2", false, asksForDevices),
    ...wrong("/var/run/nvidia-container-devices /run/nvidia-container-devices/all", true, isDeviceMount),
    ...wrong("/var/run /run/nvidia /data/run/nvidia-container-devices", false, isDeviceMount),
    ...wrong("nvidia nvidia-cdi my-nvidia nvidia.legacy kata_nvidia_gpu", true, isGpuRuntime),
    ...wrong("kata gvisor nvidiax", false, isGpuRuntime),
    ...wrong("nvidia.com/gpu example.com/x", true, isExtendedResource),
    ...wrong("cpu memory kubernetes.io/x batch.kubernetes.io/y", false, isExtendedResource),
    ...wrong(slices, true, table.isSliceProfile),
    ...wrong("9g.9gb 1g.1gb 2g.5gb 8g.80gb", false, table.isSliceProfile),
  ];
}

/** What the table of volume sources says otherwise: `restricted` of Kubernetes allows eight types, and images. */
export function faultsOfVolumes({ harmOfSource, restrictedSources }: typeof volumes): string[] {
  const allowed = "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret";
  const forbidden = `hostPath flexVolume gitRepo cephfs fc flocker glusterfs iscsi nfs quobyte rbd scaleIO storageos
    awsElasticBlockStore azureDisk azureFile cinder gcePersistentDisk photonPersistentDisk portworxVolume vsphereVolume`;
  const says = (text: string) => (source: string) => harmOfSource(source)?.includes(text) === true;
  return [
    ...wrong(allowed, true, (source) => harmOfSource(source) === undefined && restrictedSources.includes(source)),
    ...wrong(forbidden, true, (source) => harmOfSource(source) !== undefined && !restrictedSources.includes(source)),
    ...wrong("hostPath flexVolume gitRepo", true, says("reaches the node itself")),
    ...wrong("cephfs fc flocker glusterfs iscsi nfs quobyte rbd scaleIO storageos", true, says("names a server")),
    ...wrong("awsElasticBlockStore azureDisk azureFile cinder gcePersistentDisk", true, says("names a disk or share")),
    ...wrong("photonPersistentDisk portworxVolume vsphereVolume", true, says("names a disk or share")),
    ...wrong("constructor somethingNew", true, says("no type of volume that the pack knows")),
  ];
}

type Attributes = Record<string, string>;

/** Drivers whose attributes name the place: two of the same are one place under any handle. */
const sharing: [driver: string, attributes: Attributes][] = [
  ["nfs.csi.k8s.io", { server: "s", share: "/a", subDir: "b" }],
  ["smb.csi.k8s.io", { source: "//s/a", subDir: "b" }],
  ["file.csi.azure.com", { storageAccount: "s", shareName: "a", folderName: "b" }],
  ["file.csi.azure.com", { server: "s", shareName: "a", folderName: "b" }],
  ["blob.csi.azure.com", { storageAccount: "s", containerName: "a" }],
  ["blob.csi.azure.com", { server: "s", containerName: "a" }],
  ["s3.csi.aws.com", { bucketName: "a" }],
  ["gcsfuse.csi.storage.gke.io", { bucketName: "a" }],
  ["filestore.csi.storage.gke.io", { ip: "s", volume: "a" }],
  ["fsx.csi.aws.com", { dnsname: "s", mountname: "a" }],
  ["cephfs.csi.ceph.com", { clusterID: "s", rootPath: "a" }],
  ["cephfs.csi.ceph.com", { fsName: "s", rootPath: "a" }],
  ["beegfs.csi.netapp.com", { sysMgmtdHost: "s", volDirBasePath: "a" }],
];

/** Drivers whose handle alone is the place. */
const byHandle = `cinder.csi.openstack.org csi.vsphere.vmware.com disk.csi.azure.com driver.longhorn.io ebs.csi.aws.com
  pxd.portworx.com pd.csi.storage.gke.io rbd.csi.ceph.com`;

const placeNames = `server host address endpoint ip dnsname source share sharename export exportpath path rootpath basepath dir
  directory folder foldername subdir subpath bucket bucketname container containername mountname url fsname filesystem
  filesystemname dataset prefix`;

/** What the tables of drivers say otherwise. */
export function faultsOfDrivers({ csiPlace }: typeof drivers): string[] {
  const place = (driver: string, handle: string, attributes: Attributes, options: string[] = []) =>
    JSON.stringify(csiPlace(driver, handle, attributes, options));
  const unknown = "csi.example.com";
  return [
    ...sharing.flatMap(([driver, attributes]) => {
      const same = place(driver, "1", attributes) === place(driver, "2", attributes);
      // Each attribute counts: another value of one of them is another place.
      const told = Object.keys(attributes).filter(
        (name) => place(driver, "1", { ...attributes, [name]: "other" }) === place(driver, "1", attributes),
      );
      const noise = place(driver, "1", { ...attributes, path: "c" }) === place(driver, "1", attributes);
      return same && told.length === 0 && noise ? [] : [`${driver} ${Object.keys(attributes).join()}`];
    }),
    ...(csiPlace("nfs.csi.k8s.io", "1", { server: "s", share: "/a" }, []).nfs ? [] : ["nfs"]),
    ...wrong(byHandle, true, (driver) => place(driver, "1", { path: "a" }) === place(driver, "1", { path: "b" })),
    ...wrong(byHandle, true, (driver) => place(driver, "1", { path: "a" }) !== place(driver, "2", { path: "a" })),
    ...wrong(placeNames, true, (name) => place(unknown, "1", { [name]: "a" }) === place(unknown, "2", { [name]: "a" })),
    ...wrong(
      "size tier pool",
      true,
      (name) => place(unknown, "1", { [name]: "a" }) !== place(unknown, "2", { [name]: "a" }),
    ),
    ...wrong("only-dir prefix subdir subpath --only-dir -prefix", true, (option) =>
      ["=", " "].every(
        (by) => place(unknown, "1", {}, [`${option}${by}x`]) !== place(unknown, "1", {}, [`${option}${by}y`]),
      ),
    ),
  ];
}

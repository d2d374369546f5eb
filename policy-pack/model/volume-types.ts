/** Every source of a pod's volume that the Kubernetes API has, and what it reaches. */

/** What a volume source reaches, beyond the pod itself. */
export type Reach = "pod" | "claim" | "driver" | "image" | "node" | "network" | "disk";

/** Sources by their key in `spec.volumes[]`. */
const reachOf: Readonly<Record<string, Reach>> = {
  configMap: "pod",
  downwardAPI: "pod",
  emptyDir: "pod",
  projected: "pod",
  secret: "pod",
  ephemeral: "claim",
  persistentVolumeClaim: "claim",
  csi: "driver",
  // Allowed by the standards in every version; the API server has it since 1.31.
  image: "image",
  hostPath: "node",
  flexVolume: "node",
  gitRepo: "node",
  cephfs: "network",
  fc: "network",
  flocker: "network",
  glusterfs: "network",
  iscsi: "network",
  nfs: "network",
  quobyte: "network",
  rbd: "network",
  scaleIO: "network",
  storageos: "network",
  awsElasticBlockStore: "disk",
  azureDisk: "disk",
  azureFile: "disk",
  cinder: "disk",
  gcePersistentDisk: "disk",
  photonPersistentDisk: "disk",
  portworxVolume: "disk",
  vsphereVolume: "disk",
};

const harms: Partial<Record<Reach, string>> = {
  node: "reaches the node itself, where other tenants' files and sockets lie",
  network:
    "names a server and a folder there by the pod's own word, past claims and volumes, so it could be another tenant's",
  disk: "names a disk or share of the cloud by the pod's own word, past claims and volumes, so it could be another tenant's",
};

/** Sources that the restricted profile allows. */
export const restrictedSources: readonly string[] = Object.entries(reachOf)
  .filter(([, reach]) => harms[reach] === undefined)
  .map(([source]) => source);

/** What a volume source does that the restricted profile forbids; undefined for one that it allows. */
export function harmOfSource(source: string): string | undefined {
  const reach = Object.hasOwn(reachOf, source) ? reachOf[source] : undefined;
  if (reach === undefined) return "is no type of volume that the pack knows, so what it reaches is not known either";
  return harms[reach];
}

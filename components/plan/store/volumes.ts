import type { StoreVolumeSpec } from "../../spec/index";
import { formatBytes } from "../../models/quantity";
import { platformLabels, tenantLabels } from "../labels";
import { PLATFORM_NAMESPACE } from "../../spec/names";
import type { Tenant } from "../../spec/tenant";
import { STORE_OBJECT, STORE_VOLUME, viewFolder, viewVolumeName } from "./names";
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec } from "./objects";
import type { ModelStore } from "../../spec/model-store";

/** Volume and claim with which the loader writes a shared store. */
export function planWriterVolume(store: ModelStore): [PersistentVolume, PersistentVolumeClaim] {
  const labels = platformLabels("models");
  return staticVolume({
    name: STORE_VOLUME,
    namespace: PLATFORM_NAMESPACE,
    labels,
    capacity: formatBytes(store.bytes),
    request: formatBytes(store.bytes),
    accessMode: "ReadWriteMany",
    source: source(store.volume ?? {}, "", false),
  });
}

/** A view takes no space: its files are names of the store's own. The least that a claim can ask for. */
const VIEW_REQUEST = "1Mi";

/** Volume and claim with which a tenant reads its view of a shared store. */
export function planViewVolume(tenant: Tenant, store: ModelStore): [PersistentVolume, PersistentVolumeClaim] {
  return staticVolume({
    name: viewVolumeName(tenant.name),
    namespace: tenant.namespace,
    labels: tenantLabels(tenant, "models"),
    capacity: formatBytes(store.bytes),
    request: VIEW_REQUEST,
    accessMode: "ReadOnlyMany",
    source: source(store.volume ?? {}, viewFolder(tenant.name), true),
  });
}

/** Claim on a store of a tenant's own. */
export function planDedicatedClaim(
  tenant: Tenant,
  { bytes, storageClass, accessMode }: ModelStore,
): PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: STORE_OBJECT.claim, namespace: tenant.namespace, labels: tenantLabels(tenant, "models") },
    spec: {
      accessModes: [accessMode],
      resources: { requests: { storage: formatBytes(bytes) } },
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    },
  };
}

interface StaticVolume {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  capacity: string;
  request: string;
  accessMode: string;
  source: Partial<PersistentVolumeSpec>;
}

/** A volume for one claim, and that claim for this volume: neither can be taken by another. */
function staticVolume(args: StaticVolume): [PersistentVolume, PersistentVolumeClaim] {
  const { name, namespace, labels, accessMode } = args;
  return [
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name, labels },
      spec: {
        capacity: { storage: args.capacity },
        accessModes: [accessMode],
        persistentVolumeReclaimPolicy: "Retain",
        // The empty class: no provisioner ever makes or takes this volume.
        storageClassName: "",
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: STORE_OBJECT.claim },
        ...args.source,
      },
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: STORE_OBJECT.claim, namespace, labels },
      spec: {
        accessModes: [accessMode],
        storageClassName: "",
        volumeName: name,
        resources: { requests: { storage: args.request } },
      },
    },
  ];
}

/** The volume's source at a folder inside the store. */
function source(
  { nfs, csi, local }: StoreVolumeSpec,
  folder: string,
  readOnly: boolean,
): Partial<PersistentVolumeSpec> {
  if (nfs !== undefined) return { nfs: { server: nfs.server, path: nfs.path + folder, readOnly } };
  if (csi !== undefined) {
    const placed = (text: string): string => text.replaceAll("{folder}", folder);
    const attributes = Object.entries(csi.volumeAttributes ?? {}).map(([key, value]) => [key, placed(value)]);
    return {
      csi: {
        driver: csi.driver,
        volumeHandle: placed(csi.volumeHandle),
        readOnly,
        ...(attributes.length === 0
          ? {}
          : { volumeAttributes: Object.fromEntries(attributes) as Record<string, string> }),
      },
    };
  }
  if (local === undefined) return {};
  // A local volume has no read-only form: the claim's mount is what is read-only, and the files are.
  const [key, value] =
    local.node === undefined ? ["kubernetes.io/os", "linux"] : ["kubernetes.io/hostname", local.node];
  return {
    local: { path: local.path + folder },
    nodeAffinity: {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: "In", values: [value] }] }] },
    },
  };
}

/** How many stores an environment has. */
export const ModelStoreMode = {
  /** One store for all tenants; each sees only its own models, and nobody but the loader writes. */
  shared: "shared",
  /** One store for each tenant, in its own namespace, filled by a loader of its own. */
  dedicated: "dedicated",
} as const;
export type ModelStoreMode = (typeof ModelStoreMode)[keyof typeof ModelStoreMode];

/** Where models are kept and where they come from. */
export interface ModelStoreSpec {
  /** One store for all tenants, or one for each. Default: `shared`. */
  mode?: ModelStoreMode;
  /** Size of a shared store as a quantity; required for it. A dedicated store has the size of its tenant's storage quota. */
  size?: string;
  /** Volume of a shared store; required for it, forbidden for dedicated ones. */
  volume?: StoreVolumeSpec;
  /** StorageClass of dedicated stores; it has to offer `ReadWriteMany`. Default: the cluster's default class. */
  storageClass?: string;
  /** Every host that the loader may reach: registries, their token services, and what they redirect to. */
  registries: StoreRegistrySpec[];
  /** Secret of type `kubernetes.io/dockerconfigjson` in the loader's namespace. Default: pulls without credentials. */
  credentialsSecret?: string;
  /** ConfigMap in the loader's namespace with private certificate authorities under `ca.crt`. Default: public ones only. */
  certificateAuthorityConfigMap?: string;
  /** Proxy between the loader and the registries. Default: none. */
  proxy?: StoreProxySpec;
  /** Whether an up may delete the store's volume and claim. Default: false, they are protected. */
  deletable?: boolean;
}

/** The volume of a shared store: exactly one of its properties. Its root belongs to user and group 10001. */
export interface StoreVolumeSpec {
  /** An NFS export. */
  nfs?: NfsVolumeSpec;
  /** A volume of a CSI driver that many nodes can mount. */
  csi?: CsiVolumeSpec;
  /** A folder of the nodes themselves: of one node, or a cluster file system that all nodes have mounted. */
  local?: LocalVolumeSpec;
}

/** An NFS export. */
export interface NfsVolumeSpec {
  /** Host name or address of the server. */
  server: string;
  /** Absolute path of the export. */
  path: string;
}

/**
 * A volume of a CSI driver. The text `{folder}` in handle and attributes stands for the folder inside the store: empty
 * for the loader, `/views/<tenant>` for a tenant. The handle has to contain it, because no two volumes may share one.
 */
export interface CsiVolumeSpec {
  /** Name of the driver, for example `efs.csi.aws.com`. */
  driver: string;
  /** Handle of the volume, for example `fs-0123456789abcdef0:/models{folder}`. */
  volumeHandle: string;
  /** Attributes of the volume, as the driver documents them. Default: none. */
  volumeAttributes?: Record<string, string>;
}

/** A folder of the nodes. */
export interface LocalVolumeSpec {
  /** Absolute path of a folder that exists on the node, or on every node. */
  path: string;
  /**
   * The one node that has the folder: value of its `kubernetes.io/hostname` label. Default: every Linux node has it, as
   * with a cluster file system mounted at the same path everywhere.
   */
  node?: string;
}

/** A host that the loader may reach. */
export interface StoreRegistrySpec {
  /** Host, with its port where that is not 443, for example `registry.example.com:5000`. */
  host: string;
  /** Ranges in CIDR notation that the host's addresses are in; at least one, unless there is a proxy. */
  cidrs?: string[];
  /** Whether it is asked by plain HTTP; digests still hold, credentials can be read on the way. Default: false. */
  plainHttp?: boolean;
}

/** A forward proxy. */
export interface StoreProxySpec {
  /** Address, for example `http://proxy.example.com:3128`; it may not contain credentials. */
  url: string;
  /** Ranges in CIDR notation that the proxy's addresses are in. */
  cidrs: string[];
  /** Hosts that are reached without it. Default: none. */
  except?: string[];
}

/**
 * What the pack must be told about an environment, because no object says it: which namespaces are tenants', which
 * belong to the platform, which address ranges are the cluster's, and how node pools are marked.
 */

/** Settings that every rule receives. `load.ts` reads them from a file and fills the defaults. */
export interface PackConfiguration {
  tenants: TenantRecognition;
  /** Namespaces of the platform and of Kubernetes itself. They may serve tenants; no tenant may act in them. */
  platformNamespaces: string[];
  /**
   * Namespaces in which the platform's own workloads run. They are judged as if each were a tenant of its own, named like
   * the namespace: nobody else reaches what runs there, and what runs there reaches nobody else.
   */
  fencedNamespaces: string[];
  cluster: ClusterFacts;
  ingress: IngressRules;
  pools: PoolFacts;
  images: ImageRules;
  storage: StorageRules;
  rbac: RbacRules;
  capacity: CapacityRules;
  models: ModelRules;
  admission: AdmissionRules;
  isolationLevels: IsolationLevels;
  /** Group/kinds of custom resources, as `Kind.group`, whose effect in a tenant namespace is understood and accepted. */
  knownCustomResources: string[];
}

/** How a tenant's namespace is recognised. Either mark is enough; a namespace with both must agree with itself. */
export interface TenantRecognition {
  /** Label whose value on the Namespace names the tenant. Empty: labels are not looked at. */
  namespaceLabel: string;
  /**
   * Regular expression on the namespace's name whose first capture group is the tenant's name.
   * Empty: names are not looked at.
   */
  namespacePattern: string;
  /**
   * Regular expression on the name of a workspace, the namespace of a tenant's own programs, whose first capture group is
   * the tenant's name. It is one only with the label of that tenant. Empty: there are none.
   */
  workspacePattern: string;
}

/** Facts of the cluster's network and version. */
export interface ClusterFacts {
  /** Pod network ranges in CIDR notation. */
  podCidrs: string[];
  /** Service network ranges in CIDR notation. */
  serviceCidrs: string[];
  /** Node network ranges in CIDR notation. */
  nodeCidrs: string[];
  /** Addresses that no tenant may reach: those that hand out credentials or configuration to whoever asks, link-local and loopback, in CIDR notation. */
  metadataCidrs: string[];
  /** Who answers DNS, as the stack's `cluster.dns` says it. */
  dns: DnsFacts;
  /** Pods outside the tenants' namespaces that may open connections to tenants' pods. */
  ingressPeers: Peer[];
  /** Pods in platform namespaces that tenants' pods may call, besides DNS. */
  egressPeers: Peer[];
  /** Address ranges outside the cluster that tenants' pods may call, in CIDR notation. Empty: any. */
  externalCidrs: string[];
}

/** How tenants' hosts are served outside the cluster. */
export interface IngressRules {
  /** Domains that every host of a tenant is below. Empty: any host. */
  domains: string[];
  /** Listeners of Gateways that tenants' routes may be attached to. Empty: any listener outside tenants' namespaces. */
  listeners: Listener[];
  /** IngressClasses that tenants' Ingresses may name. Empty: any. */
  ingressClasses: string[];
}

/** A listener of a Gateway. */
export interface Listener {
  namespace: string;
  gateway: string;
  sectionName: string;
}

/** Pods that answer DNS, and the caches before them. */
export interface DnsFacts extends Omit<Peer, "ports"> {
  /** Port that the pods listen on. Default: 53. */
  port: number;
  /** Addresses of a DNS cache on every node, which tenants' pods may ask on port 53 although they are link-local. Default: none. */
  nodeLocalAddresses: string[];
}

/** Pods named by their namespace and their labels. */
export interface Peer {
  namespace: string;
  /** Labels that the pods carry. None: every pod of the namespace. */
  podLabels: Record<string, string>;
  /** Ports on which they may call, or be called, whatever the protocol. Default: any. */
  ports?: number[];
  /**
   * Whether they run in their node's network. Policies then see a node's address instead of labels, and may admit
   * `cluster.nodeCidrs` on these ports. Default: false.
   */
  hostNetwork?: boolean;
}

/** How nodes are marked as a pool's, and whose the pools are that no object of the program declares. */
export interface PoolFacts {
  /** Node label keys that name a pool; the taint of a pool has the same key and value. */
  keys: string[];
  /** Label on a pool object (NodePool, ComputeClass, MachineDeployment) whose value is the owning tenant. */
  tenantLabel: string;
  /** Existing dedicated pools: pool name to tenant name. */
  dedicated: Record<string, string>;
  /** Names of existing pools that several tenants share. */
  shared: string[];
  /** Extended resources that stand for accelerators, as exact names or with one trailing `*`. */
  gpuResources: string[];
  /**
   * Device classes of `resource.k8s.io` by which tenants' GPUs are given out: the servers' namespaces may have claims on them, within their
   * quotas. Every other class, and every claim where there is none, is closed.
   */
  deviceClasses: string[];
  /** Taint keys that say what a node is, not whose it is, and that any pod may tolerate, such as `nvidia.com/gpu`. */
  neutralTaintKeys: string[];
  /**
   * DaemonSets that every node of a pool needs, as `namespace/name`, optionally with a `*` at the end. Those that the
   * model holds must tolerate the taints of every pool that it holds.
   */
  agents: string[];
}

/** Where images may come from and how exactly they are named. */
export interface ImageRules {
  /** Registries, optionally with a repository prefix, for example `docker.io/ollama`. Empty: any. */
  registries: string[];
  /** Whether an image must be pinned by digest; a tag other than `latest` is always required. */
  requireDigest: boolean;
  /** Registries or repositories, as above, whose images every tenant may run, so that a node's copy gives nothing away. Empty: none. */
  common: string[];
}

/** What pods may mount without a claim. */
export interface StorageRules {
  /** CSI drivers that pods may name themselves, because they only make files on the pod's own node. Empty: none. */
  inlineDrivers: string[];
}

/** Who may hold rights in several tenants' namespaces, or in all. */
export interface RbacRules {
  /** Groups of people, and single users, who operate the platform and may therefore be bound in several tenants' namespaces or everywhere. */
  sharedGroups: string[];
  /** Identities of the cloud, as annotations name them, that tenants' service accounts may take on. */
  cloudIdentities: string[];
  /**
   * Service accounts of the platform, as `namespace/name`, that may look at every tenant: list and watch anything but Secrets. With any
   * further right they are nobody's.
   */
  observers: string[];
}

/** What a tenant's quota must limit. */
export interface CapacityRules {
  /** Quota keys that every tenant namespace must limit, to whatever value. */
  requiredQuota: string[];
  /** Quota keys that every tenant namespace must limit to zero. */
  zeroQuota: string[];
  /** Most that a tenant namespace may be given, by quota key, as quantities. Keys that are not listed have no ceiling. */
  ceilings: Record<string, string>;
  /** Whether the API server's feature HPAScaleToZero is on. */
  scaleToZero: boolean;
}

/** How Ollama servers are recognised, and what guards them. */
export interface ModelRules {
  /** Image repositories of the server, without registry, for example `ollama/ollama`. */
  serverImages: string[];
  /** Port that the server listens on, inside its pod only. */
  serverPort: number;
  /** Name of the ConfigMap in each tenant's namespace that lists the models which the tenant may use. Empty: none is asked for. */
  accessConfigMap: string;
  /** Environment variables that every server must set, each with the values that are accepted. */
  serverEnvironment: Record<string, string[]>;
}

/** Admission policies that hold in tenants' namespaces what the pack has proved. */
export interface AdmissionRules {
  /** Names of ValidatingAdmissionPolicies that must be bound with action Deny. Empty: none is asked for. */
  requiredPolicies: string[];
  /** Whether all policies of the platform's own guard are required. */
  requireGuard: boolean;
  /** Users that deploy the platform, whom the policies may spare. */
  deployers: string[];
  /** Digests of policies that are not the platform's own, or differ from it, and whose expressions were reviewed; by name. */
  reviewedPolicies: Record<string, string>;
  /** Names of MutatingAdmissionPolicies and MutatingWebhookConfigurations whose changes are understood and accepted. */
  knownMutations: string[];
}

/** Isolation levels of tenants, read from a label on their namespaces. */
export interface IsolationLevels {
  /** Label that names the level. Empty: levels are not looked at. */
  label: string;
  /** Levels whose pods must run on a pool that belongs to their tenant alone. */
  dedicatedNodes: string[];
  /** Levels whose pods must also run under one of `sandboxRuntimeClasses`. */
  sandboxed: string[];
  sandboxRuntimeClasses: string[];
}

/** Defaults that fit a cluster made by kubeadm and the namespaces of this platform. */
export const defaultConfiguration: PackConfiguration = {
  tenants: {
    namespaceLabel: "ollama-platform.io/tenant",
    namespacePattern: "^tenant-(.+)$",
    workspacePattern: "^tenant-(.+)-apps$",
  },
  platformNamespaces: ["kube-system", "kube-public", "kube-node-lease", "default"],
  fencedNamespaces: ["ollama-platform-system"],
  cluster: {
    podCidrs: ["10.244.0.0/16"],
    serviceCidrs: ["10.96.0.0/12"],
    nodeCidrs: [],
    // Loopback, link-local with the clouds' metadata services, and the metadata addresses that lie elsewhere: Azure's
    // host, Alibaba, Oracle, AWS and Google by IPv6; then all of IPv4 again as NAT64 translates it (RFC 6052).
    metadataCidrs: [
      "127.0.0.0/8",
      "169.254.0.0/16",
      "168.63.129.16/32",
      "100.100.100.200/32",
      "192.0.0.192/32",
      "::1/128",
      "fe80::/10",
      "fd00:ec2::/32",
      "fd20:ce::254/128",
      "64:ff9b::7f00:0/104",
      "64:ff9b::a9fe:0/112",
      "64:ff9b::a83f:8110/128",
      "64:ff9b::6464:64c8/128",
      "64:ff9b::c000:c0/128",
    ],
    dns: { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" }, port: 53, nodeLocalAddresses: [] },
    ingressPeers: [],
    // What counts limits over all replicas of a tenant's server.
    egressPeers: [
      {
        namespace: "ollama-platform-limits",
        podLabels: { "app.kubernetes.io/name": "ollama-platform-limits" },
        ports: [8080],
      },
    ],
    externalCidrs: [],
  },
  ingress: { domains: [], listeners: [], ingressClasses: [] },
  pools: {
    keys: ["node-restriction.kubernetes.io/ollama-pool", "ollama-platform.io/pool"],
    tenantLabel: "ollama-platform.io/tenant",
    dedicated: {},
    shared: [],
    // Of every vendor whose device plugin is known; a stack may list its own instead.
    gpuResources: [
      "nvidia.com/*",
      "amd.com/*",
      "gpu.intel.com/*",
      "habana.ai/*",
      "aws.amazon.com/neuron*",
      "k8s.amazonaws.com/vgpu",
      "google.com/tpu*",
      "huawei.com/*",
      "cambricon.com/*",
      "qualcomm.com/*",
      "xilinx.com/*",
      "tencent.com/vcuda*",
      "tencent.com/qgpu*",
      "aliyun.com/gpu*",
      "volcano.sh/vgpu*",
      "iluvatar.ai/*",
      "iluvatar.com/*",
      "mthreads.com/*",
      "metax-tech.com/*",
      "enflame.com/*",
      "hygon.com/*",
      "kunlunxin.com/*",
      "birentech.com/*",
    ],
    deviceClasses: [],
    neutralTaintKeys: ["nvidia.com/gpu"],
    // Networks, volumes and devices of the nodes.
    agents: ["kube-system/*", "calico-system/*", "cilium/*", "gpu-operator/*", "nvidia-device-plugin/*"],
  },
  images: {
    registries: [],
    requireDigest: false,
    // The platform's own programs as their makers publish them.
    common: [
      "docker.io/ollama/ollama",
      "docker.io/envoyproxy/envoy",
      "docker.io/library/node",
      "docker.io/envoyproxy/ratelimit",
      "docker.io/valkey/valkey",
    ],
  },
  storage: { inlineDrivers: [] },
  rbac: { sharedGroups: [], cloudIdentities: [], observers: ["ollama-platform-monitor/monitor"] },
  capacity: {
    requiredQuota: [
      "requests.cpu",
      "limits.cpu",
      "requests.memory",
      "limits.memory",
      "requests.ephemeral-storage",
      "limits.ephemeral-storage",
      "requests.storage",
      "requests.nvidia.com/gpu",
      "pods",
      "persistentvolumeclaims",
      "services",
      "secrets",
      "configmaps",
      "count/deployments.apps",
      "count/replicasets.apps",
      "count/statefulsets.apps",
      "count/jobs.batch",
      "count/cronjobs.batch",
      "count/ingresses.networking.k8s.io",
      "replicationcontrollers",
      "resourcequotas",
    ],
    zeroQuota: [
      "services.nodeports",
      "services.loadbalancers",
      "count/resourceclaims.resource.k8s.io",
      "count/resourceclaimtemplates.resource.k8s.io",
      "gpu.nvidia.com.deviceclass.resource.k8s.io/devices",
      "mig.nvidia.com.deviceclass.resource.k8s.io/devices",
    ],
    ceilings: {},
    scaleToZero: false,
  },
  models: {
    serverImages: ["ollama/ollama"],
    serverPort: 11434,
    accessConfigMap: "model-access",
    serverEnvironment: {
      OLLAMA_NO_CLOUD: ["1", "true"],
      OLLAMA_NOPRUNE: ["1", "true"],
      // Models may name a server elsewhere that runs them.
      OLLAMA_REMOTES: ["none.invalid"],
      // A cached prompt of one client shortens, and so betrays, the same prompt of another.
      LLAMA_ARG_CACHE_RAM: ["0"],
    },
  },
  admission: { requiredPolicies: [], requireGuard: false, deployers: [], reviewedPolicies: {}, knownMutations: [] },
  isolationLevels: {
    label: "ollama-platform.io/isolation-level",
    dedicatedNodes: ["dedicated-nodes", "sandboxed"],
    sandboxed: ["sandboxed"],
    sandboxRuntimeClasses: ["gvisor", "kata"],
  },
  knownCustomResources: [],
};

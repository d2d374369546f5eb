import type { Input } from "@pulumi/pulumi";
import type { GuardSpec } from "../spec/guard";

/**
 * The declaration of an environment: what a stack config and its tenant files say, and what the components take as
 * arguments. These interfaces are the public API: Pulumi infers the package schema from them, so they are named
 * interfaces without unions, and each property documents its meaning, unit and default in prose.
 *
 * Optional properties are filled by `resolve` in `plan/resolve/`; the JSON Schemas beside this file check the
 * YAML form of the same shapes.
 */

/** How strongly a tenant's servers are separated from other tenants' on the nodes. */
export const IsolationLevel = {
  /** Namespaced isolation; nodes may be shared with other tenants. */
  shared: "shared",
  /** Servers run only on a node pool that is dedicated to the tenant. */
  dedicatedNodes: "dedicated-nodes",
  /** Dedicated nodes, and every pod runs under a sandboxing RuntimeClass. */
  sandboxed: "sandboxed",
} as const;
export type IsolationLevel = (typeof IsolationLevel)[keyof typeof IsolationLevel];

/** The controller that provides the nodes of a pool. */
export const NodePoolBackend = {
  /** Karpenter with its simulated cloud, for the local cluster. */
  karpenterKwok: "karpenter-kwok",
  /** Karpenter on AWS (EC2NodeClass). */
  karpenterAws: "karpenter-aws",
  /** Karpenter on Azure (AKSNodeClass). */
  karpenterAzure: "karpenter-azure",
  /** GKE custom compute class. */
  gkeComputeClass: "gke-compute-class",
  /** Cluster API MachineDeployment. */
  clusterApi: "cluster-api",
  /** Nodes that exist already and carry the pool's label and taint. */
  existing: "existing",
} as const;
export type NodePoolBackend = (typeof NodePoolBackend)[keyof typeof NodePoolBackend];

/** Who may use a node pool. */
export const NodePoolTenancy = {
  /** One tenant, named by `tenant`. */
  dedicated: "dedicated",
  /** Every tenant that names the pool; GPUs are handed out whole or as MIG slices. */
  shared: "shared",
} as const;
export type NodePoolTenancy = (typeof NodePoolTenancy)[keyof typeof NodePoolTenancy];

/** Transport protocol of a port. */
export const Protocol = { TCP: "TCP", UDP: "UDP", SCTP: "SCTP" } as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

/** One environment: the cluster it runs on, its node pools, its model catalogue and its tenants. */
export interface PlatformSpec {
  /** Name of the environment, for labels and outputs, for example `dev`. */
  environment: string;
  /** Facts of the cluster that the network policies and pods depend on. */
  cluster?: ClusterSpec;
  /** Container images of the platform. */
  images?: ImagesSpec;
  /** GPU and CPU node pools. */
  nodePools?: NodePoolSpec[];
  /** Model catalogue: every model that any tenant may be given. */
  models: ModelSpec[];
  /** Where models are kept and which registries they come from. Default: servers have no models. */
  modelStore?: ModelStoreSpec;
  /** How hosts of tenants are served outside the cluster. Default: servers are reached inside the cluster only. */
  ingress?: IngressSpec;
  /** Values of tenants' secrets, each under the tenant's name, a dot and the name of the value; secret. Default: none. */
  secretValues?: Record<string, Input<string>>;
  /** Tenants, one per department or team. */
  tenants: TenantSpec[];
}

/** One tenant with everything that it refers to: the arguments of a tenant that is declared by itself. */
export interface TenantArgs {
  /** Name of the environment, for labels and outputs, for example `dev`. */
  environment: string;
  /** Facts of the cluster that the network policies and pods depend on. */
  cluster?: ClusterSpec;
  /** Container images of the platform. */
  images?: ImagesSpec;
  /** Node pools of the environment: the tenant's own, and those whose GPUs its quota has to forbid. */
  nodePools?: NodePoolSpec[];
  /** Model catalogue: at least the models that the tenant names. */
  models: ModelSpec[];
  /** Where models are kept and which registries they come from. Default: servers have no models. */
  modelStore?: ModelStoreSpec;
  /** How hosts of tenants are served outside the cluster. Default: servers are reached inside the cluster only. */
  ingress?: IngressSpec;
  /** Values of tenants' secrets, each under the tenant's name, a dot and the name of the value; secret. Default: none. */
  secretValues?: Record<string, Input<string>>;
  /** The tenant. */
  tenant: TenantSpec;
}

/** Facts of the cluster. Each default fits a cluster made by kubeadm or the local cluster. */
export interface ClusterSpec {
  /** Pods that answer DNS. Default: pods labelled `k8s-app: kube-dns` in `kube-system`. */
  dns?: PodPeer;
  /** Pods that may open connections to tenants' servers from outside: the ingress or gateway controller. With `ingress`, only to servers of tenants with hosts. Default: none. */
  ingressControllers?: PodPeer[];
  /** Pods that may scrape metrics. Default: none. */
  monitoring?: PodPeer[];
  /** Pod network ranges in CIDR notation, excluded from every egress rule. Default: `10.244.0.0/16`. */
  podCidrs?: string[];
  /** Service network ranges in CIDR notation, excluded from every egress rule. Default: `10.96.0.0/16`. */
  serviceCidrs?: string[];
  /** Node network ranges in CIDR notation, excluded from every egress rule. Default: none. */
  nodeCidrs?: string[];
  /** Kubernetes minor version whose Pod Security Standards are enforced, for example `v1.34`. Default: `v1.34`. */
  podSecurityVersion?: string;
  /** RuntimeClass for tenants at isolation level `sandboxed`, for example `gvisor`. No default: such tenants need it. */
  sandboxRuntimeClass?: string;
  /** Who issues the cluster's ServiceAccount tokens. No default: clients that call with such tokens need it. */
  serviceAccountIssuer?: ServiceAccountIssuerSpec;
  /** Admission policies that hold in the cluster what the policy pack proves before a deployment. Default: none, which the pack reports. */
  guard?: GuardSpec;
}

/** The issuer of a cluster's ServiceAccount tokens, as the API server shows it. */
export interface ServiceAccountIssuerSpec {
  /** Issuer: `issuer` of `kubectl get --raw /.well-known/openid-configuration`. */
  url: string;
  /** Public keys: the output of `kubectl get --raw /openid/v1/jwks`. */
  jwks: JsonWebKeySetSpec;
}

/** A set of public keys (RFC 7517). */
export interface JsonWebKeySetSpec {
  /** Keys; several while the issuer changes its key. */
  keys: JsonWebKeySpec[];
}

/** Type of a key pair. */
export const JsonWebKeyType = {
  /** RSA. */
  RSA: "RSA",
  /** Elliptic curve. */
  EC: "EC",
} as const;
export type JsonWebKeyType = (typeof JsonWebKeyType)[keyof typeof JsonWebKeyType];

/** A public key (RFC 7517). */
export interface JsonWebKeySpec {
  /** Type of the key pair. */
  kty: JsonWebKeyType;
  /** Name of the key, by which tokens refer to it. */
  kid: string;
  /** Algorithm of the signatures, for example `RS256`. Default: any that fits the type. */
  alg?: string;
  /** What the key is for: `sig`. Default: not said. */
  use?: string;
  /** Modulus of an RSA key of at least 2048 bits. */
  n?: string;
  /** Exponent of an RSA key. */
  e?: string;
  /** Curve of an elliptic curve key, for example `P-256`. */
  crv?: string;
  /** First coordinate of an elliptic curve key. */
  x?: string;
  /** Second coordinate of an elliptic curve key. */
  y?: string;
}

/** Pods in another namespace, named by both the namespace and the pods' labels. */
export interface PodPeer {
  /** Namespace of the pods. */
  namespace: string;
  /** Labels that the pods carry; at least one. */
  podLabels: Record<string, string>;
}

/** Container images. Each must be pinned by tag and, outside the local cluster, by digest. */
export interface ImagesSpec {
  /** Ollama server. Default: `docker.io/ollama/ollama:0.17.4`. */
  ollama?: string;
  /** Envoy 1.38 or later, the gateway beside each server. Default: `docker.io/envoyproxy/envoy:v1.40.0`. */
  envoy?: string;
  /** Node.js of 22.21 or later, which runs the model loader. Default: `docker.io/library/node:22.23.3-bookworm-slim`. */
  modelLoader?: string;
}

/** A pool of nodes. */
export interface NodePoolSpec {
  /** Name of the pool, a DNS label of at most 40 characters. */
  name: string;
  /** Controller that provides the nodes. */
  backend: NodePoolBackend;
  /** Who may use the pool. */
  tenancy: NodePoolTenancy;
  /** Tenant that owns the pool; required when `tenancy` is `dedicated`, forbidden otherwise. */
  tenant?: string;
  /** GPUs of the pool's nodes. Default: nodes without GPU. */
  gpu?: GpuSpec;
  /** Upper limit of the whole pool. */
  limits: NodePoolLimits;
  /** CPU that pods can use on one node, so that no replica is larger. Default: not checked. */
  nodeCpu?: string;
  /** Memory that pods can use on one node, so that no replica is larger. Default: not checked. */
  nodeMemory?: string;
  /** Requirements on the nodes, for example the instance family. Default: none. */
  requirements?: NodeRequirement[];
  /** Whether interruptible (spot) capacity may be used. Default: false. */
  spot?: boolean;
  /** When empty nodes are removed and how many nodes may be disrupted at once. */
  disruption?: DisruptionSpec;
  /** Name of the cloud's node class (EC2NodeClass, AKSNodeClass, KWOKNodeClass). Default: `default`. */
  nodeClass?: string;
  /** EC2 nodes, for backend `karpenter-aws`: makes an EC2NodeClass of the pool's name. Default: `nodeClass` exists already. */
  aws?: AwsNodesSpec;
  /** Azure nodes, for backend `karpenter-azure`: makes an AKSNodeClass of the pool's name. Default: `nodeClass` exists already. */
  azure?: AzureNodesSpec;
  /** GKE nodes, for backend `gke-compute-class`. Default: GKE chooses the machine by the GPU. */
  gke?: GkeNodesSpec;
  /** Machines, for backend `cluster-api`, which requires it. */
  clusterApi?: ClusterApiNodesSpec;
}

/** Nodes of Amazon EC2. Their disks are encrypted, and pods cannot reach the instance metadata service. */
export interface AwsNodesSpec {
  /** Machine image as Karpenter's alias of family and version, for example `bottlerocket@1.50.0` or `al2023@v20260801`. */
  amiAlias: string;
  /** Name of the nodes' IAM role. */
  role: string;
  /** Tags of the subnets; all must match. */
  subnetTags: Record<string, string>;
  /** Tags of the security groups; all must match. */
  securityGroupTags: Record<string, string>;
  /** Size of each node's disk in GiB; images and scratch files of all its pods are on it. Default: 100. */
  diskGiB?: number;
}

/** Nodes of Azure. */
export interface AzureNodesSpec {
  /** Family of the machine image: `Ubuntu`, `Ubuntu2204`, `Ubuntu2404` or `AzureLinux`. Default: `Ubuntu`. */
  imageFamily?: string;
  /** Size of each node's disk in GiB, 30 to 2048; images and scratch files of all its pods are on it. Default: 128. */
  diskGiB?: number;
  /** Resource ID of the nodes' subnet. Default: the cluster's own. */
  subnetId?: string;
  /** Whether disks are encrypted on the host too; the subscription must have the feature. Default: false. */
  encryptionAtHost?: boolean;
}

/** Nodes of Google Kubernetes Engine. */
export interface GkeNodesSpec {
  /** Machine type, for example `g2-standard-12`; not together with `machineFamily`. Default: chosen by GKE. */
  machineType?: string;
  /** Machine family, for example `g2`; pools without GPU name it or `machineType`. Default: chosen by GKE. */
  machineFamily?: string;
  /** Zones of the nodes. Default: the cluster's. */
  zones?: string[];
  /** Email of the nodes' service account. Default: the cluster's. */
  serviceAccount?: string;
  /** MIG profile that GPUs are divided into, for example `1g.10gb`; pods request slices as `nvidia.com/gpu`. Default: whole GPUs. */
  gpuPartitionSize?: string;
}

/** Machines of Cluster API. The cluster manages itself: the machines' objects are in the cluster that they join. */
export interface ClusterApiNodesSpec {
  /** Namespace of the cluster's objects. */
  namespace: string;
  /** Name of the Cluster object. */
  clusterName: string;
  /** Template of the bootstrap configuration, for example a KubeadmConfigTemplate. */
  bootstrap: TemplateReference;
  /** Template of the infrastructure machines, for example an AWSMachineTemplate. */
  infrastructure: TemplateReference;
  /** Kubernetes version of the nodes, for example `v1.34.2`. Default: none, as for providers that choose it. */
  version?: string;
  /** Failure domain of the machines, for example a zone. Default: any. */
  failureDomain?: string;
  /** Fewest nodes that the cluster autoscaler keeps. Default: 0. */
  minNodes?: number;
}

/** Refers to a template object in the namespace of the cluster's objects. */
export interface TemplateReference {
  /** API group, for example `bootstrap.cluster.x-k8s.io`. */
  apiGroup: string;
  /** Kind, for example `KubeadmConfigTemplate`. */
  kind: string;
  /** Name of the object. */
  name: string;
}

/** GPUs of one node. */
export interface GpuSpec {
  /** Extended resource that pods request. Default: `nvidia.com/gpu`; a MIG slice is named like `nvidia.com/mig-1g.10gb`. */
  resource?: string;
  /** Memory of one GPU or slice in GiB. */
  memoryGiB: number;
  /** GPUs or slices on one node. Default: 1. */
  countPerNode?: number;
  /** GPU product, for example `l4`, for the backends that select by it. Default: any. */
  product?: string;
  /** Name of the NVIDIA device plugin's configuration for the nodes; not on shared pools, where it could share GPUs. Default: none. */
  devicePluginConfig?: string;
}

/** Upper limit of a pool, as Kubernetes quantities. */
export interface NodePoolLimits {
  /** CPU of all nodes together, for example `64`. */
  cpu: string;
  /** Memory of all nodes together, for example `256Gi`. */
  memory: string;
  /** GPUs or slices of all nodes together. Default: 0. */
  gpus?: number;
}

/** A requirement on a node label. */
export interface NodeRequirement {
  /** Label key. */
  key: string;
  /** Operator: `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`. */
  operator: string;
  /** Values for the operator. Default: none. */
  values?: string[];
}

/** Voluntary disruption of a pool's nodes. */
export interface DisruptionSpec {
  /** How long a node must be empty before it is removed, for example `10m`. Default: `10m`. */
  consolidateAfter?: string;
  /** How many nodes may be disrupted at once, a count or a percentage, for example `1` or `10%`. Default: `1`. */
  maxUnavailableNodes?: string;
}

/** A model of the catalogue. */
export interface ModelSpec {
  /** Name as Ollama resolves it, for example `llama3.1:8b`; two names that resolve to one model are refused. */
  name: string;
  /** Number of parameters in billions, for example `8.03`. Default: from the built-in table when the model is known. */
  parametersBillions?: number;
  /** Quantisation, for example `Q4_K_M`. Default: from the built-in table, else `Q4_K_M`. */
  quantization?: string;
  /** Number of layers (transformer blocks). Default: from the built-in table. */
  layers?: number;
  /** Number of key/value heads. Default: from the built-in table. */
  kvHeads?: number;
  /** Size of one attention head. Default: from the built-in table. */
  headSize?: number;
  /** Longest context the model was trained for, in tokens. Default: from the built-in table. */
  contextLength?: number;
  /** Digest of the model's manifest, `sha256:` and 64 hexadecimal digits. Default: not pinned. */
  digest?: string;
  /** Registry reference to pull from when it differs from the name. Default: the name itself. */
  source?: string;
}

/** A tenant: one department or team with its own namespace, servers, limits and clients. */
export interface TenantSpec {
  /** Name of the tenant, a DNS label of at most 40 characters; the namespace is `tenant-` followed by it. */
  name: string;
  /** Name for people. Default: the tenant's name. */
  displayName?: string;
  /** How strongly the tenant is separated on the nodes. Default: `shared`. */
  isolationLevel?: IsolationLevel;
  /** Closes the tenant without deleting it: no replicas, no keys, no traffic. Default: false. */
  suspended?: boolean;
  /** Models that the tenant may use. */
  models: ModelAccessSpec;
  /** The tenant's Ollama server. */
  server?: ServerSpec;
  /** Bounds and target of the autoscaler. */
  autoscaling?: AutoscalingSpec;
  /** Upper limits of the namespace. Default: computed from the server and the autoscaler. */
  quota?: QuotaSpec;
  /** Who may look, operate and call. */
  access?: AccessSpec;
  /** Exceptions to the default-deny network policies. */
  network?: NetworkSpec;
  /** Secrets of the tenant's own programs; their values are in the stack's encrypted config. Default: none. */
  secrets?: TenantSecretSpec[];
  /** Hosts of the tenant outside the cluster. Default: none, the server is reached inside the cluster only. */
  ingress?: TenantIngressSpec;
}

/** Model access: default deny, and deny wins over allow. */
export interface ModelAccessSpec {
  /** Catalogue models that the tenant may use. */
  allow: string[];
  /** Catalogue models that the tenant may not use even if allowed. Default: none. */
  deny?: string[];
}

/** The tenant's Ollama server. */
export interface ServerSpec {
  /** Node pool that the server runs on. Default: nodes without a pool taint. */
  nodePool?: string;
  /** GPUs or MIG slices of one replica; needs a pool with GPUs. Default: 0, the model runs on the CPU. */
  gpus?: number;
  /** CPU request of one replica as a quantity. Default: computed from the models. */
  cpu?: string;
  /** Memory request and limit of one replica as a quantity. Default: computed from the models. */
  memory?: string;
  /** Ephemeral storage of one replica as a quantity. Default: `2Gi`. */
  ephemeralStorage?: string;
  /** Context length in tokens that the server is started with. Default: 4096, at most the longest of its models. */
  contextLength?: number;
  /** Requests that one replica answers at a time. Default: 1. */
  parallelRequests?: number;
  /** How long a model stays loaded after a request, as a duration. Default: `30m`. */
  keepAlive?: string;
  /** Encrypts what clients send and get. Default: plain HTTP. */
  tls?: ServerTlsSpec;
}

/** TLS of a tenant's server. Clients then use `https`, and plain HTTP is refused. */
export interface ServerTlsSpec {
  /** Secret of type `kubernetes.io/tls` in the tenant's namespace, which somebody else keeps, for example cert-manager. */
  secretName: string;
}

/** Horizontal autoscaling of the server. */
export interface AutoscalingSpec {
  /** Fewest replicas. Default: 1. */
  minReplicas?: number;
  /** Most replicas. Default: `minReplicas`. */
  maxReplicas?: number;
  /** CPU utilisation in percent of the request that the autoscaler holds, for servers without GPU. Default: 70. */
  targetCpuPercent?: number;
  /** Requests in flight per replica that the autoscaler holds, for servers with GPU. Default: `parallelRequests`. */
  targetRequestsInFlight?: number;
}

/** Upper limits of a tenant's namespace. Each default is computed from the server, the autoscaler and the models. */
export interface QuotaSpec {
  /** CPU requests and limits as a quantity. */
  cpu?: string;
  /** Memory requests and limits as a quantity. */
  memory?: string;
  /** Ephemeral storage requests and limits as a quantity. */
  ephemeralStorage?: string;
  /** GPUs or MIG slices. */
  gpus?: number;
  /** Storage of all claims together as a quantity. */
  storage?: string;
  /** Number of pods. */
  pods?: number;
}

/** People and clients of a tenant. */
export interface AccessSpec {
  /** Groups, as the cluster's authenticator names them, that may look at the tenant's objects. Default: none. */
  viewers?: string[];
  /** Groups that may also restart and scale the tenant's servers. Default: none. */
  operators?: string[];
  /** Programs that may call the tenant's servers. Default: none, and every request is refused. */
  clients?: ClientSpec[];
}

/** A program, or programs of one team, that calls the tenant's servers: with a key of its own, or as its ServiceAccount. */
export interface ClientSpec {
  /** Name of the client, a DNS label of at most 40 characters; its key is in the Secret `client-` followed by the name. */
  name: string;
  /** ServiceAccount whose tokens the client calls with. It has no key then. Default: a key. */
  serviceAccount?: ServiceAccountReference;
  /** Models of the tenant that the client may use. Default: all of them. */
  models?: string[];
  /** Most requests per minute and replica. Default: not limited. */
  requestsPerMinute?: number;
  /** Most requests that the client may have in flight on one replica. Default: not limited. */
  maxConcurrentRequests?: number;
  /** Most tokens that one request may generate. Default: 4096. */
  maxTokens?: number;
  /** Most tokens of prompts and answers together, per day (UTC) and replica. Default: not limited. */
  tokensPerDay?: number;
  /** Last day (UTC) on which the client's keys or tokens are accepted, as a date such as `2027-01-31`. Default: no last day. */
  expires?: string;
  /** Number of the client's key. Raise it by one for a new key; the keys of earlier numbers but one end. Default: 1. */
  keyGeneration?: number;
  /** Whether the key of the number before is still accepted, so that the client can change over. Default: true. */
  acceptPreviousKey?: boolean;
}

/** A ServiceAccount of the cluster. */
export interface ServiceAccountReference {
  /** Namespace of the ServiceAccount: the tenant's own, or one of no tenant. */
  namespace: string;
  /** Name of the ServiceAccount. */
  name: string;
}

/** Exceptions to the default-deny network policies of a tenant. */
export interface NetworkSpec {
  /** Pods in other namespaces that may call the tenant's server. Default: none. */
  ingressFrom?: PodPeer[];
  /** Destinations outside the cluster that the tenant's pods may call. Default: none. */
  egressTo?: EgressRule[];
}

/** A destination outside the cluster. */
export interface EgressRule {
  /** Destination range in CIDR notation; cluster, link-local and metadata addresses in it stay closed. */
  cidr: string;
  /** Ports of the destination; at least one. */
  ports: PortSpec[];
}

/** A port. */
export interface PortSpec {
  /** Port number, 1 to 65535. */
  port: number;
  /** Transport protocol. Default: `TCP`. */
  protocol?: Protocol;
}

/** Types of Kubernetes Secrets. */
export const SecretType = {
  /** Any keys. */
  opaque: "Opaque",
  /** A certificate: `tls.crt` and `tls.key`. */
  tls: "kubernetes.io/tls",
  /** Credentials of registries: `.dockerconfigjson`. */
  dockerConfigJson: "kubernetes.io/dockerconfigjson",
} as const;
export type SecretType = (typeof SecretType)[keyof typeof SecretType];

/** A Kubernetes Secret in the tenant's namespace, whose values the tenant's file only refers to. */
export interface TenantSecretSpec {
  /** Name of the Secret. */
  name: string;
  /** Type of the Secret. Default: `Opaque`. */
  type?: SecretType;
  /** Keys of the Secret, each with the name of its value: the stack's config has it as `tenant-secrets:<tenant>.<name>`. */
  data: Record<string, string>;
}

/** Access from outside the cluster, by HTTPS. */
export interface TenantIngressSpec {
  /** Full host names that lead to the tenant's server; no other tenant has them. At least one, at most 16. */
  hosts: string[];
  /** Secret of type `kubernetes.io/tls` in the tenant's namespace; required with an ingress class, forbidden with a gateway, whose listener has the certificate. */
  tlsSecret?: string;
}

/** How hosts of tenants are served outside the cluster: exactly one of `gateway` and `ingressClass`. */
export interface IngressSpec {
  /** Domain that every host of a tenant is below, for example `models.example.com`. Default: any host. */
  domain?: string;
  /** HTTPS listener that the tenants' routes are attached to (Gateway API). */
  gateway?: GatewayListenerSpec;
  /** IngressClass of the controller that serves the tenants' hosts. */
  ingressClass?: string;
  /** ClusterIssuer of cert-manager that fills the tenants' TLS Secrets; only with `ingressClass`. Default: somebody else makes the Secrets. */
  clusterIssuer?: string;
}

/** A listener of a Gateway. It terminates TLS, and admits routes from the tenants' namespaces. */
export interface GatewayListenerSpec {
  /** Name of the Gateway. */
  name: string;
  /** Namespace of the Gateway; not a tenant's. */
  namespace: string;
  /** Name of the listener in the Gateway. */
  sectionName: string;
}

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

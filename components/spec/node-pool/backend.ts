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

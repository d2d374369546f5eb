import type { PodPeer } from "./peer";
import type { ServiceAccountIssuerSpec } from "./token-issuer";

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
}

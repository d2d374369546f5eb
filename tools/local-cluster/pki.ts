import { type CertificateRequest, ensureAuthority, ensureCertificate, ensureTokenKeys } from "./certificates";
import type { ClusterLayout } from "./layout";
import { apiServerServiceAddress } from "./network";

/** Authorities of a cluster, apart from each other so that a certificate for one purpose is good for no other. */
export const authorities = { cluster: "ca", frontProxy: "front-proxy-ca", etcd: "etcd-ca" } as const;

/** Key pair of the service account tokens. */
export const tokenKeys = "service-account";

interface NamedRequest extends CertificateRequest {
  name: string;
  authority: string;
}

/** Members of this group may do everything; RBAC does not apply to them. */
const administrators = "system:masters";

const loopback = ["127.0.0.1", "localhost"];

/** Every certificate of the control plane; names of users and groups are those that Kubernetes' own RBAC rules expect. */
function requests(addresses: readonly string[]): NamedRequest[] {
  const { cluster, frontProxy, etcd } = authorities;
  const apiServerHosts = [
    ...new Set([...loopback, ...addresses, apiServerServiceAddress]),
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
  ];
  return [
    // etcd uses one certificate as server and, towards its peers, as client.
    { name: "etcd", authority: etcd, commonName: "etcd", client: true, hosts: loopback },
    { name: "etcd-client", authority: etcd, commonName: "kube-apiserver", client: true },
    { name: "kube-apiserver", authority: cluster, commonName: "kube-apiserver", hosts: apiServerHosts },
    {
      name: "kubelet-client",
      authority: cluster,
      commonName: "kube-apiserver",
      organizations: [administrators],
      client: true,
    },
    { name: "front-proxy-client", authority: frontProxy, commonName: frontProxyClient, client: true },
    { name: "admin", authority: cluster, commonName: "local-admin", organizations: [administrators], client: true },
    {
      name: "deployer",
      authority: cluster,
      commonName: DEPLOYER,
      organizations: [administrators],
      client: true,
    },
    ...["kube-controller-manager", "kube-scheduler"].flatMap((name) => [
      { name, authority: cluster, commonName: `system:${name}`, client: true },
      { name: `${name}-server`, authority: cluster, commonName: name, hosts: loopback },
    ]),
    ...simulators.map((name) => ({ name, authority: cluster, commonName: name, client: true })),
  ];
}

/**
 * User who deploys the platform: apart from the administrator, whose mistakes the admission guard refuses. The dev stack
 * names it under `cluster.guard.deployers`.
 */
export const DEPLOYER = "local-deployer";

/** User of the certificate with which the API server introduces itself to extension API servers. */
export const frontProxyClient = "front-proxy-client";

/** Users of the programs that stand in for machines and cloud; their rights come from an RBAC binding. */
export const simulators = ["kwok", "karpenter"] as const;

/**
 * Makes sure that every key and certificate of the cluster exists and lasts; sound ones stay as they are.
 * `addresses` are the API server's own, beside loopback.
 */
export async function ensurePki(layout: ClusterLayout, addresses: readonly string[]): Promise<void> {
  for (const { name, authority, ...request } of requests(addresses)) {
    await ensureCertificate(layout, name, await ensureAuthority(layout, authority), request);
  }
  ensureTokenKeys(layout, tokenKeys);
}

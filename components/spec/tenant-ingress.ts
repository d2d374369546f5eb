/** Access from outside the cluster, by HTTPS. */
export interface TenantIngressSpec {
  /** Full host names that lead to the tenant's server; no other tenant has them. At least one, at most 16. */
  hosts: string[];
  /** Secret of type `kubernetes.io/tls` in the tenant's namespace; required with an ingress class, forbidden with a gateway, whose listener has the certificate. */
  tlsSecret?: string;
}

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

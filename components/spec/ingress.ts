import type { ObjectName } from "./forms";
import type { Draft } from "./draft";
import type { Report } from "./fault";
import { tenantNamespace } from "./names";

/** How hosts of tenants are served outside the cluster: exactly one of `gateway` and `ingressClass`. */
export interface IngressSpec {
  /**
   * Domain that every host of a tenant is below, for example `models.example.com`. Default: any host.
   * @examples ["models.example.com"]
   */
  domain?: ObjectName;
  /** HTTPS listener that the tenants' routes are attached to (Gateway API). */
  gateway?: GatewayListenerSpec;
  /**
   * IngressClass of the controller that serves the tenants' hosts.
   * @examples ["nginx"]
   */
  ingressClass?: ObjectName;
  /**
   * ClusterIssuer of cert-manager that fills the tenants' TLS Secrets; only with `ingressClass`. Default: someone else makes the Secrets.
   * @examples ["letsencrypt"]
   */
  clusterIssuer?: ObjectName;
}

/** A listener of a Gateway. It terminates TLS, and admits routes from the tenants' namespaces. */
export interface GatewayListenerSpec {
  /**
   * Name of the Gateway.
   * @examples ["public"]
   */
  name: ObjectName;
  /**
   * Namespace of the Gateway; not a tenant's.
   * @examples ["gateway-system"]
   */
  namespace: ObjectName;
  /**
   * Name of the listener in the Gateway.
   * @examples ["https"]
   */
  sectionName: ObjectName;
}

/** How an environment serves hosts of tenants. */
export type Ingress = IngressSpec;

/** Checks how an environment serves hosts. */
export function checkIngress(ingress: Draft<IngressSpec> | undefined, report: Report): void {
  if (ingress === undefined) return;
  const { gateway, ingressClass, clusterIssuer } = ingress;
  if ((gateway === undefined) === (ingressClass === undefined)) {
    report({
      path: ["ingress"],
      restsOn: [
        ["ingress", "gateway"],
        ["ingress", "ingressClass"],
      ],
      problem: `has ${gateway === undefined ? "neither gateway nor" : "both gateway and"} ingressClass`,
      fix: "write exactly one of them",
    });
  }
  if (clusterIssuer !== undefined && gateway !== undefined) {
    report({
      path: ["ingress", "clusterIssuer"],
      value: clusterIssuer,
      problem: "is for an ingress class: a gateway's listener has its certificate already",
      fix: "remove it",
    });
  }
  if (gateway?.namespace?.startsWith(tenantNamespace("")) === true) {
    report({
      path: ["ingress", "gateway", "namespace"],
      value: gateway.namespace,
      problem: "is the namespace of a tenant, who would answer for all the others",
      fix: "keep the Gateway in a namespace of the platform",
    });
  }
}

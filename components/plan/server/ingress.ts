import { longestBody, resolveLimits } from "../../gateway/limits";
import type { CustomObject, Ingress, KubernetesObject } from "../kubernetes";
import { NO_AWAIT_ANNOTATION, tenantLabels } from "../labels";
import { TENANT_OBJECT } from "../../spec/names";
import { SERVICE_PORT } from "../ports";
import { gatewayLimits } from "../../spec/request-bodies";
import type { Environment } from "../../spec/environment";
import type { Tenant } from "../../spec/tenant";

/** The controller writes the status, and may never do so: nothing waits for it. */
const NGINX = "nginx.ingress.kubernetes.io";

/**
 * What leads a tenant's hosts to its server: an HTTPRoute or an Ingress, in the tenant's namespace. A tenant without
 * hosts has none, and neither has a suspended one.
 */
export function planIngress(tenant: Tenant, { ingress }: Environment): KubernetesObject[] {
  if (ingress === undefined || tenant.ingress.hosts.length === 0 || tenant.suspended) return [];
  return ingress.gateway === undefined ? [ingressObject(tenant, ingress)] : [httpRoute(tenant, ingress.gateway)];
}

/** URL of a tenant's host, the first by name; undefined when it has none. */
export function externalUrl({ ingress }: Tenant): string | undefined {
  const [host] = ingress.hosts;
  return host === undefined ? undefined : `https://${host}`;
}

function httpRoute(
  tenant: Tenant,
  listener: NonNullable<NonNullable<Environment["ingress"]>["gateway"]>,
): CustomObject {
  const { name, namespace, sectionName } = listener;
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: metadata(tenant),
    spec: {
      parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name, namespace, sectionName }],
      hostnames: tenant.ingress.hosts,
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          backendRefs: [{ group: "", kind: "Service", name: TENANT_OBJECT.server, port: SERVICE_PORT, weight: 1 }],
          // No limit: a stream ends when its answer does, and the gateway beside the server holds the limits.
          timeouts: { request: "0s", backendRequest: "0s" },
        },
      ],
    },
  };
}

function ingressObject(tenant: Tenant, { ingressClass, clusterIssuer }: NonNullable<Environment["ingress"]>): Ingress {
  const { hosts, tlsSecret } = tenant.ingress;
  const backend = { service: { name: TENANT_OBJECT.server, port: { number: SERVICE_PORT } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      ...metadata(tenant),
      annotations: {
        ...NO_AWAIT_ANNOTATION,
        ...nginxAnnotations(tenant),
        ...(clusterIssuer === undefined ? {} : { "cert-manager.io/cluster-issuer": clusterIssuer }),
      },
    },
    spec: {
      ingressClassName: ingressClass,
      tls: [{ hosts, secretName: tlsSecret }],
      rules: hosts.map((host) => ({ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } })),
    },
  };
}

/** ingress-nginx collects answers, ends streams after a minute and refuses bodies above 1 MiB unless it is told otherwise. */
function nginxAnnotations({ server, access }: Tenant): Record<string, string> {
  const longest = String(resolveLimits(server.limits).maxAnswerSeconds);
  const settings = {
    "proxy-buffering": "off",
    "proxy-request-buffering": "off",
    "proxy-read-timeout": longest,
    "proxy-send-timeout": longest,
    "proxy-body-size": String(longestBody(gatewayLimits(server), access.clients)),
    "force-ssl-redirect": "true",
    // A gateway with TLS answers nothing else.
    ...(server.certificateSecret === undefined ? {} : { "backend-protocol": "HTTPS" }),
  };
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${NGINX}/${name}`, value]));
}

function metadata(tenant: Tenant): KubernetesObject["metadata"] {
  return { name: TENANT_OBJECT.server, namespace: tenant.namespace, labels: tenantLabels(tenant, "network") };
}

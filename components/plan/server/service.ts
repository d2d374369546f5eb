import { gatewayPortName } from "../../gateway/pod";
import type { Service } from "../kubernetes";
import { NO_AWAIT_ANNOTATION, serverSelector, tenantLabels } from "../labels";
import { TENANT_OBJECT } from "../../spec/names";
import { SERVER_PORT, SERVICE_PORT } from "../ports";
import type { Tenant } from "../../spec/tenant";

/** The address of a tenant's servers inside the cluster; it leads to the gateways, never to Ollama itself. */
export function planService(tenant: Tenant): Service {
  const scheme = schemeOf(tenant);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: TENANT_OBJECT.server,
      namespace: tenant.namespace,
      labels: { ...tenantLabels(tenant, "server"), ...serverSelector(tenant) },
      // The engine would wait until a Service's endpoints have not changed for ten seconds: in vain for a suspended tenant, who has
      // none, and too long for the others, whose Deployment says when a server is ready.
      annotations: NO_AWAIT_ANNOTATION,
    },
    spec: {
      type: "ClusterIP",
      selector: serverSelector(tenant),
      ports: [{ name: scheme, port: SERVICE_PORT, targetPort: SERVER_PORT, protocol: "TCP", appProtocol: scheme }],
    },
  };
}

/** URL of a tenant's servers inside the cluster: the value for `OLLAMA_HOST` of its clients. */
export function serviceUrl(tenant: Tenant): string {
  return `${schemeOf(tenant)}://${TENANT_OBJECT.server}.${tenant.namespace}.svc:${SERVICE_PORT}`;
}

/** What the gateway speaks: a gateway with TLS answers nothing in plain HTTP. */
function schemeOf({ server }: Tenant): "http" | "https" {
  return gatewayPortName(server.certificateSecret !== undefined);
}

import type { Secret } from "../kubernetes";
import { tenantLabels } from "../labels";
import { clientSecretName } from "../../spec/names";
import type { Tenant } from "../../spec/tenant";
import { secretData } from "./secret-data";
import { serviceUrl } from "../server/service";

/**
 * The Secret for a client's own use, with the names that Ollama's command line and libraries read. Pods of the tenant's
 * namespace mount it; no role may read it.
 *
 * @param client Name of the client.
 * @param key The client's current key.
 */
export function planClientSecret(tenant: Tenant, client: string, key: string): Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: clientSecretName(client), namespace: tenant.namespace, labels: tenantLabels(tenant, "access") },
    type: "Opaque",
    data: secretData({ OLLAMA_HOST: serviceUrl(tenant), OLLAMA_API_KEY: key }),
  };
}

import type { Secret } from "../kubernetes";
import { tenantLabels } from "../labels";
import type { TenantSecret } from "../../spec/secrets";
import type { Tenant } from "../../spec/tenant";
import { secretData } from "./secret-data";

/**
 * A Secret of a tenant's own programs. Pods of the tenant's namespace mount it; no role may read it.
 *
 * @param values Values by key of the Secret.
 */
export function planTenantSecret(tenant: Tenant, { name, type }: TenantSecret, values: Record<string, string>): Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: tenant.namespace, labels: tenantLabels(tenant, "configuration") },
    type,
    data: secretData(values),
  };
}

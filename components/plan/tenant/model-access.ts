import type { ConfigMap } from "../kubernetes";
import { tenantLabels } from "../labels";
import { TENANT_OBJECT } from "../../spec/names";
import type { Tenant } from "../../spec/tenant";

/** Key of the document in the ConfigMap. */
export const MODEL_ACCESS_KEY = "model-access.json";

/**
 * The models of a tenant in the form that programs read. Names are canonical: `host/namespace/model:tag` in lower
 * case. A name that is not in `allow` is denied.
 */
export interface ModelAccessDocument {
  schemaVersion: 1;
  tenant: string;
  default: "deny";
  /** Sorted; nothing in it is in `deny`. */
  allow: string[];
  /** Sorted. */
  deny: string[];
}

/** The document of a tenant. */
export function modelAccessDocument({ name, models }: Tenant): ModelAccessDocument {
  return { schemaVersion: 1, tenant: name, default: "deny", allow: models.allow, deny: models.deny };
}

/** The ConfigMap with the document; its name is fixed and it changes in place. */
export function planModelAccess(tenant: Tenant): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: TENANT_OBJECT.modelAccess, namespace: tenant.namespace, labels: tenantLabels(tenant, "models") },
    data: { [MODEL_ACCESS_KEY]: `${JSON.stringify(modelAccessDocument(tenant), undefined, 2)}\n` },
  };
}

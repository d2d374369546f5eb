import type { PodDisruptionBudget } from "../kubernetes";
import { serverSelector, tenantLabels } from "../labels";
import { TENANT_OBJECT } from "../../spec/names";
import type { Tenant } from "../../spec/tenant";

/**
 * One replica at a time may be evicted. A single replica may be too: a budget that forbade it would keep its node
 * from ever being drained. Pods that are not ready never block a drain.
 */
export function planDisruptionBudget(tenant: Tenant): PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: TENANT_OBJECT.server, namespace: tenant.namespace, labels: tenantLabels(tenant, "server") },
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: serverSelector(tenant) },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}

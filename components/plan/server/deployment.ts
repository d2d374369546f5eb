import { surgeReplicas } from "../../spec/capacity";
import type { StartFiles } from "./gateway";
import type { Deployment } from "../kubernetes";
import { serverSelector, tenantLabels } from "../labels";
import { TENANT_OBJECT } from "../../spec/names";
import { serverPod } from "./pod";
import type { Environment } from "../../spec/environment";
import type { Tenant } from "../../spec/tenant";

/** Takes the number of replicas from the autoscaler, which has owned the field until the tenant was suspended. */
const FORCE_ANNOTATION = { "pulumi.com/patchForce": "true" };

/**
 * The Deployment of a tenant's server. It does not say how many replicas: the autoscaler does. A suspended tenant has
 * no autoscaler and no replicas.
 */
export function planDeployment(tenant: Tenant, environment: Environment, files: StartFiles): Deployment {
  const labels = { ...tenantLabels(tenant, "server"), ...serverSelector(tenant) };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: TENANT_OBJECT.server,
      namespace: tenant.namespace,
      labels,
      ...(tenant.suspended ? { annotations: FORCE_ANNOTATION } : {}),
    },
    spec: {
      ...(tenant.suspended ? { replicas: 0 } : {}),
      selector: { matchLabels: serverSelector(tenant) },
      revisionHistoryLimit: 3,
      strategy: { type: "RollingUpdate", rollingUpdate: rollingUpdate(tenant) },
      template: { metadata: { labels }, spec: serverPod(tenant, environment, files) },
    },
  };
}

/**
 * Starts the new replica first where the quota has room for it at the autoscaler's maximum. Else the old one goes
 * first: the new one would be refused for ever.
 */
function rollingUpdate(tenant: Tenant): { maxSurge: number; maxUnavailable: number } {
  const surge = surgeReplicas(tenant);
  return { maxSurge: surge, maxUnavailable: 1 - surge };
}

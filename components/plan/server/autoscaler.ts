import { OLLAMA_CONTAINER } from "../../gateway/pod";
import type { HorizontalPodAutoscaler } from "../kubernetes";
import { tenantLabels } from "../labels";
import { TENANT_OBJECT } from "../../spec/names";
import type { Tenant } from "../../spec/tenant";

type Spec = HorizontalPodAutoscaler["spec"];

/** Metric of each server pod: requests that are being answered or wait for a slot. */
export const REQUESTS_IN_FLIGHT_METRIC = "ollama_requests_in_flight";

/** A model takes minutes to load, so replicas come quickly and go slowly. */
const BEHAVIOR: Spec["behavior"] = {
  scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: "Pods", value: 2, periodSeconds: 60 }] },
  scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: "Pods", value: 1, periodSeconds: 120 }] },
};

/** The autoscaler of a tenant's server; a suspended tenant has none. */
export function planAutoscaler(tenant: Tenant): HorizontalPodAutoscaler[] {
  if (tenant.suspended) return [];
  const { minReplicas, maxReplicas } = tenant.autoscaling;
  return [
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: TENANT_OBJECT.server, namespace: tenant.namespace, labels: tenantLabels(tenant, "server") },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: TENANT_OBJECT.server },
        minReplicas,
        maxReplicas,
        metrics: [metric(tenant)],
        behavior: BEHAVIOR,
      },
    },
  ];
}

/** A server on a GPU leaves the CPU idle under full load, so its requests are counted instead. */
function metric({ server, autoscaling }: Tenant): NonNullable<Spec["metrics"]>[number] {
  if (server.gpus === 0) {
    return {
      // Ollama's own CPU: the gateway's is idle beside it and would hide its load.
      type: "ContainerResource",
      containerResource: {
        name: "cpu",
        container: OLLAMA_CONTAINER,
        target: { type: "Utilization", averageUtilization: autoscaling.targetCpuPercent },
      },
    };
  }
  return {
    type: "Pods",
    pods: {
      metric: { name: REQUESTS_IN_FLIGHT_METRIC },
      target: { type: "AverageValue", averageValue: String(autoscaling.targetRequestsInFlight) },
    },
  };
}

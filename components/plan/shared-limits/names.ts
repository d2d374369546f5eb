import { LIMITS_NAMESPACE } from "../../spec/names";

/** Names of the service's objects. */
export const LIMITS_OBJECT = {
  /** Deployment, Service and ServiceAccount; beginning of the name of its ConfigMap, which a hash of the content follows. */
  service: "limits",
  /** Claim on the volume for the counts. */
  counts: "counts",
  allowGateways: "allow-gateways",
  /** PriorityClass; cluster-scoped, so the name carries the platform. */
  priorityClass: "ollama-platform-limits",
} as const;

/** Labels that select the service's pods. */
export const LIMITS_SELECTOR = { "app.kubernetes.io/name": "ollama-platform-limits" };

/** DNS name by which gateways find the service. */
export const LIMITS_HOST = `${LIMITS_OBJECT.service}.${LIMITS_NAMESPACE}.svc`;

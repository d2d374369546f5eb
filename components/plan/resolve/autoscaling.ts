import type { AutoscalingSpec } from "../../spec/index";
import type { Report } from "../faults";
import { readWhole } from "../read";
import type { Server } from "./server";

/** Bounds and targets of the autoscaler. */
export interface Autoscaling {
  minReplicas: number;
  maxReplicas: number;
  /** In percent of the CPU request; used without GPU. */
  targetCpuPercent: number;
  /** Per replica; used with GPU. */
  targetRequestsInFlight: number;
}

const MAX_REPLICAS = 1000;

/** Fills in the defaults and reports what is wrong. */
export function resolveAutoscaling(spec: AutoscalingSpec, server: Server, report: Report): Autoscaling {
  const replicas = { minimum: 1, maximum: MAX_REPLICAS };
  const minReplicas = readWhole(report, "autoscaling.minReplicas", spec.minReplicas, { ...replicas, fallback: 1 });
  const maxReplicas = readWhole(report, "autoscaling.maxReplicas", spec.maxReplicas, {
    ...replicas,
    fallback: minReplicas,
  });
  if (minReplicas > maxReplicas) {
    report(
      "autoscaling.minReplicas",
      `${minReplicas} is above maxReplicas ${maxReplicas}: lower it, or raise maxReplicas`,
    );
  }
  return {
    minReplicas,
    maxReplicas,
    targetCpuPercent: readWhole(report, "autoscaling.targetCpuPercent", spec.targetCpuPercent, {
      minimum: 1,
      maximum: 100,
      fallback: 70,
    }),
    targetRequestsInFlight: readWhole(report, "autoscaling.targetRequestsInFlight", spec.targetRequestsInFlight, {
      minimum: 1,
      maximum: 10_000,
      fallback: server.parallelRequests,
    }),
  };
}

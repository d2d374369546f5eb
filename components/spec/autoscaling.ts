import type { Integer } from "./forms";
import type { Draft } from "./draft";
import type { Report } from "./fault";
import type { At } from "./path";

/** Horizontal autoscaling of the server. */
export interface AutoscalingSpec {
  /**
   * Fewest replicas. Default: 1.
   * @minimum 1 @maximum 1000 @default 1 @examples [1]
   */
  minReplicas?: Integer;
  /**
   * Most replicas. Default: `minReplicas`.
   * @minimum 1 @maximum 1000 @examples [4]
   */
  maxReplicas?: Integer;
  /**
   * CPU utilisation in percent of the request that the autoscaler holds, for servers without GPU. Default: 70.
   * @minimum 1 @maximum 100 @default 70 @examples [70]
   */
  targetCpuPercent?: Integer;
  /**
   * Requests in flight per replica that the autoscaler holds, for servers with GPU. Default: `parallelRequests`.
   * @minimum 1 @maximum 10000 @examples [4]
   */
  targetRequestsInFlight?: Integer;
}

/** Bounds and targets of the autoscaler. */
export interface Autoscaling {
  minReplicas: number;
  maxReplicas: number;
  /** In percent of the CPU request; used without GPU. */
  targetCpuPercent: number;
  /** Per replica; used with GPU. */
  targetRequestsInFlight: number;
}

const DEFAULT_MIN_REPLICAS = 1;
const DEFAULT_TARGET_CPU_PERCENT = 70;

/**
 * Checks the bounds of a tenant's autoscaler, and that its target is one that its servers have.
 *
 * @param spec The autoscaler.
 * @param gpus GPUs of one replica.
 * @param at Leads to what is below the tenant.
 */
export function checkAutoscaling(spec: Draft<AutoscalingSpec>, gpus: number, at: At, report: Report): void {
  checkBounds(spec, at, report);
  checkTarget(spec, gpus, at, report);
}

function checkBounds(spec: Draft<AutoscalingSpec>, at: At, report: Report): void {
  const { minReplicas = DEFAULT_MIN_REPLICAS, maxReplicas } = spec;
  if (maxReplicas === undefined || minReplicas <= maxReplicas) return;
  report({
    path: at("autoscaling", "minReplicas"),
    value: minReplicas,
    restsOn: [at("autoscaling", "maxReplicas")],
    problem: `is above \`maxReplicas\`, ${maxReplicas}`,
    allowed: `at most ${maxReplicas}`,
    fix: `set \`maxReplicas: ${minReplicas}\` or more, or lower \`minReplicas\``,
  });
}

/** A target that the autoscaler would not look at is refused, because whoever wrote it counts on it. */
function checkTarget(spec: Draft<AutoscalingSpec>, gpus: number, at: At, report: Report): void {
  const [idle, used, reason] =
    gpus > 0
      ? (["targetCpuPercent", "targetRequestsInFlight", "servers with GPUs scale by requests in flight"] as const)
      : (["targetRequestsInFlight", "targetCpuPercent", "servers without GPU scale by CPU"] as const);
  if (spec[idle] === undefined) return;
  report({
    path: at("autoscaling", idle),
    value: spec[idle],
    restsOn: [at("server", "gpus")],
    problem: `has no effect, because ${reason}`,
    allowed: `\`${used}\` in its place`,
    fix: `remove it, or use \`${used}\``,
    at: "key",
  });
}

/** Most replicas of an autoscaler whose bounds may be missing. */
export function mostDeclaredReplicas({
  minReplicas = DEFAULT_MIN_REPLICAS,
  maxReplicas,
}: Draft<AutoscalingSpec>): number {
  return maxReplicas ?? minReplicas;
}

/** Fills in the defaults. */
export function resolveAutoscaling(spec: AutoscalingSpec, parallelRequests: number): Autoscaling {
  const minReplicas = spec.minReplicas ?? DEFAULT_MIN_REPLICAS;
  return {
    minReplicas,
    maxReplicas: spec.maxReplicas ?? minReplicas,
    targetCpuPercent: spec.targetCpuPercent ?? DEFAULT_TARGET_CPU_PERCENT,
    targetRequestsInFlight: spec.targetRequestsInFlight ?? parallelRequests,
  };
}

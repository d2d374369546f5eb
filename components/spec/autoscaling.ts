/** Horizontal autoscaling of the server. */
export interface AutoscalingSpec {
  /** Fewest replicas. Default: 1. */
  minReplicas?: number;
  /** Most replicas. Default: `minReplicas`. */
  maxReplicas?: number;
  /** CPU utilisation in percent of the request that the autoscaler holds, for servers without GPU. Default: 70. */
  targetCpuPercent?: number;
  /** Requests in flight per replica that the autoscaler holds, for servers with GPU. Default: `parallelRequests`. */
  targetRequestsInFlight?: number;
}

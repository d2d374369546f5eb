import { parseSeconds } from "../../spec/duration";
import type { CustomObject } from "../kubernetes";
import type { NodePool } from "../../spec/node-pool/pool";
import { nvidiaNodeLabels, poolNodeLabel, poolObjectLabels, poolTaints } from "./labels";

/** Bounds of the time that GKE leaves an unneeded node, in minutes. */
const [SHORTEST_DELAY, LONGEST_DELAY] = [1, 1440];

/**
 * The custom compute class of a pool on GKE. GKE makes node pools for pods that select the class, and only of the kinds
 * listed: pods wait rather than land on other nodes, and running models are not moved to cheaper nodes. GKE knows no
 * upper limit of one class; the tenants' quotas are what holds the pool's limits.
 */
export function planComputeClass(pool: NodePool): CustomObject {
  const serviceAccount = pool.gke?.serviceAccount;
  return {
    apiVersion: "cloud.google.com/v1",
    kind: "ComputeClass",
    metadata: { name: pool.name, labels: poolObjectLabels(pool) },
    spec: {
      whenUnsatisfiable: "DoNotScaleUp",
      nodePoolAutoCreation: { enabled: true },
      nodePoolConfig: {
        imageType: "cos_containerd",
        ...(serviceAccount === undefined ? {} : { serviceAccount }),
        nodeLabels: { ...poolNodeLabel(pool), ...nvidiaNodeLabels(pool) },
        taints: poolTaints(pool),
      },
      autoscalingPolicy: { consolidationDelayMinutes: delayMinutes(pool.disruption.consolidateAfter) },
      activeMigration: { optimizeRulePriority: false },
      // In the order in which GKE tries them.
      priorities: pool.spot ? [priority(pool, true), priority(pool, false)] : [priority(pool, false)],
    },
  };
}

function priority({ gpu, gke = {} }: NodePool, spot: boolean): object {
  const { machineType, machineFamily, zones, gpuPartitionSize } = gke;
  return {
    ...(machineType === undefined ? {} : { machineType }),
    ...(machineFamily === undefined ? {} : { machineFamily }),
    ...(gpu === undefined
      ? {}
      : {
          gpu: {
            type: gpu.product,
            count: gpu.mig?.gpusPerNode ?? gpu.countPerNode,
            driverVersion: "default",
            ...(gpuPartitionSize === undefined ? {} : { gpuSharing: { gpuPartitionSize } }),
          },
        }),
    ...(zones === undefined ? {} : { location: { zones } }),
    spot,
  };
}

/** Whole minutes of a duration such as `1h30m`, within what GKE takes; `Never` is the longest. */
function delayMinutes(duration: string): number {
  if (duration === "Never") return LONGEST_DELAY;
  const minutes = Math.ceil(parseSeconds(duration) / 60);
  return Math.min(Math.max(minutes, SHORTEST_DELAY), LONGEST_DELAY);
}

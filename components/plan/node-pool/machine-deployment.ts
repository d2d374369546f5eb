import type { ClusterApiNodesSpec } from "../../spec/index";
import { formatBytes, formatMilliCpu } from "../../models/quantity";
import type { CustomObject } from "../kubernetes";
import { mostNodes } from "../../spec/node-pool/nodes";
import type { NodePool } from "../../spec/node-pool/pool";
import { nvidiaNodeLabels, poolNodeLabel, poolObjectLabels, poolTaints } from "./labels";

const GROUP_SIZE = "cluster.x-k8s.io/cluster-api-autoscaler-node-group";
/** Tells the cluster autoscaler what a node would be like while there is none to look at. */
const CAPACITY = "capacity.cluster-autoscaler.kubernetes.io";

/**
 * The MachineDeployment of a pool. A pool that grows names no number of replicas: the cluster autoscaler owns it, within
 * the bounds of the annotations. Cluster API carries the pool's label to the nodes because of its prefix, and the taint where its
 * feature gate `MachineTaintPropagation` is on.
 */
export function planMachineDeployment(pool: NodePool, machines: ClusterApiNodesSpec): CustomObject {
  const { namespace, clusterName, bootstrap, infrastructure, version, failureDomain } = machines;
  return {
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "MachineDeployment",
    metadata: { name: pool.name, namespace, labels: poolObjectLabels(pool), annotations: annotations(pool, machines) },
    spec: {
      clusterName,
      ...(pool.fixedNodes === undefined ? {} : { replicas: pool.fixedNodes }),
      selector: { matchLabels: poolNodeLabel(pool) },
      rollout: {
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: rollingUpdate(pool.disruption.maxUnavailableNodes),
        },
      },
      template: {
        metadata: { labels: { ...poolNodeLabel(pool), ...nvidiaNodeLabels(pool) } },
        spec: {
          clusterName,
          bootstrap: { configRef: bootstrap },
          infrastructureRef: infrastructure,
          ...(version === undefined ? {} : { version }),
          ...(failureDomain === undefined ? {} : { failureDomain }),
          taints: poolTaints(pool).map((taint) => ({ ...taint, propagation: "Always" })),
        },
      },
    },
  };
}

/** Nodes are replaced one for one within the budget; with none to spare, the new one comes first. */
function rollingUpdate(maxUnavailable: string): { maxSurge: number; maxUnavailable: number | string } {
  const amount = maxUnavailable.endsWith("%") ? maxUnavailable : Number(maxUnavailable);
  return { maxSurge: /^0+%?$/.test(maxUnavailable) ? 1 : 0, maxUnavailable: amount };
}

function annotations(pool: NodePool, { minNodes = 0 }: ClusterApiNodesSpec): Record<string, string> {
  const { gpu, nodeCpuMillis = 0, nodeMemoryBytes = 0, fixedNodes } = pool;
  // Without a size the autoscaler leaves the group alone.
  if (fixedNodes !== undefined) return {};
  const labels = Object.entries({ ...poolNodeLabel(pool), ...nvidiaNodeLabels(pool) });
  return {
    [`${GROUP_SIZE}-min-size`]: String(minNodes),
    [`${GROUP_SIZE}-max-size`]: String(mostNodes(pool)),
    [`${CAPACITY}/cpu`]: formatMilliCpu(nodeCpuMillis),
    [`${CAPACITY}/memory`]: formatBytes(nodeMemoryBytes),
    ...(gpu?.resource === undefined
      ? {}
      : { [`${CAPACITY}/gpu-type`]: gpu.resource, [`${CAPACITY}/gpu-count`]: String(gpu.countPerNode) }),
    [`${CAPACITY}/labels`]: labels.map(([key, value]) => `${key}=${value}`).join(","),
    [`${CAPACITY}/taints`]: poolTaints(pool)
      .map(({ key, value = "", effect }) => `${key}=${value}:${effect}`)
      .join(","),
  };
}

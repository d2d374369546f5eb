import { IsolationLevel } from "../../spec/index";
import type { PodSpec } from "../kubernetes";
import { POOL_TAINT_EFFECT, poolKey, poolNodeSelector } from "../../spec/node-pool/key";
import type { Cluster } from "../../spec/cluster";
import type { Tenant } from "../../spec/tenant";

/** Where a tenant's pods run: fields of the pod that decide on the node and its runtime. */
export type Placement = Pick<PodSpec, "nodeSelector" | "tolerations" | "runtimeClassName">;

/**
 * Leads a tenant's pods to its pool and nowhere else: the selector keeps them off other nodes, the toleration lets
 * them past this pool's taints only. Without a pool there is neither, so that every pool's taint keeps them out.
 */
export function planPlacement({ nodePool, isolationLevel }: Tenant, cluster: Cluster): Placement {
  const runtime = isolationLevel === IsolationLevel.sandboxed ? { runtimeClassName: cluster.sandboxRuntimeClass } : {};
  if (nodePool === undefined) return runtime;
  const key = poolKey(nodePool.backend);
  return {
    nodeSelector: poolNodeSelector(nodePool),
    tolerations: [
      { key, operator: "Equal", value: nodePool.name, effect: POOL_TAINT_EFFECT },
      ...nodePool.taints.map(({ key: other, value = "", effect }) => ({
        key: other,
        operator: "Equal",
        value,
        effect,
      })),
    ],
    ...runtime,
  };
}

import { NodePoolBackend, type NodePoolSpec } from "../../spec/index";
import { reporter, throwFaults, type Fault } from "../faults";
import type { KubernetesObject } from "../kubernetes";
import { resolveNodePool, type NodePool } from "../resolve/node-pool";
import { planComputeClass } from "./compute-class";
import { planKarpenterPool } from "./karpenter";
import { planMachineDeployment } from "./machine-deployment";

/** A node pool and the objects that make it. */
export interface NodePoolPlan {
  pool: NodePool;
  /** Empty when the nodes exist already. */
  objects: KubernetesObject[];
}

/**
 * Plans one node pool.
 *
 * @throws PlanError with every fault.
 */
export function planNodePool(spec: NodePoolSpec): NodePoolPlan {
  const faults: Fault[] = [];
  const pool = resolveNodePool(spec, reporter(faults, "node pool", spec.name));
  throwFaults(faults);
  return { pool, objects: nodePoolObjects(pool) };
}

/** The objects of a pool without faults, in the order in which they have to exist. */
export function nodePoolObjects(pool: NodePool): KubernetesObject[] {
  switch (pool.backend) {
    case NodePoolBackend.existing:
      return [];
    case NodePoolBackend.gkeComputeClass:
      return [planComputeClass(pool)];
    case NodePoolBackend.clusterApi:
      return pool.clusterApi === undefined ? [] : [planMachineDeployment(pool, pool.clusterApi)];
    default:
      return planKarpenterPool(pool);
  }
}

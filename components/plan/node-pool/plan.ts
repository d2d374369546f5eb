import { resolvePoolArguments, typedArguments } from "../../spec/arguments";
import { NodePoolBackend, type NodePoolSpec } from "../../spec/index";
import type { KubernetesObject } from "../kubernetes";
import type { NodePool } from "../../spec/node-pool/pool";
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
 * @throws DeclarationError with every fault.
 */
export function planNodePool(spec: NodePoolSpec): NodePoolPlan {
  return nodePoolPlan(resolvePoolArguments(typedArguments("nodePoolArguments", `node pool ${spec.name}`, spec)));
}

/** The plan of a pool without faults. */
export function nodePoolPlan(pool: NodePool): NodePoolPlan {
  return { pool, objects: nodePoolObjects(pool) };
}

/** The objects of a pool without faults, in the order in which they have to exist. */
function nodePoolObjects(pool: NodePool): KubernetesObject[] {
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

import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import type { NodePoolSpec } from "./spec/index";
import { planNodePool } from "./plan/node-pool/plan";
import { nodePoolOutput, type NodePoolOutput } from "./plan/output";
import { registerObjects } from "./register";

/** A pool of nodes that only the tenants it is meant for can use: tainted, labelled and limited. */
export class GpuNodePool extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:GpuNodePool";

  /** The pool as other stacks see it. */
  readonly nodePool: pulumi.Output<NodePoolOutput>;

  /**
   * @param name Logical name of the component.
   * @param args The pool.
   * @param opts Options of the component.
   * @throws RunError with every argument of a wrong shape; nothing is registered then.
   * @throws PlanError with every fault of the pool; nothing is registered then.
   */
  constructor(name: string, args: NodePoolSpec, opts?: pulumi.ComponentResourceOptions) {
    const declared = readArguments("nodePoolArguments", `${GpuNodePool.token} ${name}`, args);
    const plan = planNodePool(declared);
    super(GpuNodePool.token, name, { name: plan.pool.name }, opts);
    registerObjects(plan.objects, name, { parent: this });
    this.nodePool = pulumi.output(nodePoolOutput(plan.pool));
    this.registerOutputs({ nodePool: this.nodePool });
  }
}

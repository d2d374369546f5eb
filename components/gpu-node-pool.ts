import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import { nodePoolPlan, type NodePoolPlan } from "./plan/node-pool/plan";
import { nodePoolOutput, type NodePoolOutput } from "./plan/output";
import { registerObjects } from "./register";
import { resolvePoolArguments } from "./spec/arguments";
import type { NodePoolSpec } from "./spec/index";

/** A pool of nodes that only the tenants it is meant for can use: tainted, labelled and limited. */
export class GpuNodePool extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:GpuNodePool";

  /** The pool as other stacks see it. */
  readonly nodePool: pulumi.Output<NodePoolOutput>;

  /**
   * @param name Logical name of the component.
   * @param args The pool.
   * @param opts Options of the component.
   * @throws DeclarationError with every fault of the pool; nothing is registered then.
   */
  constructor(name: string, args: NodePoolSpec, opts?: pulumi.ComponentResourceOptions) {
    const written = readArguments("nodePoolArguments", `${GpuNodePool.token} ${name}`, args);
    const plan = nodePoolPlan(resolvePoolArguments(written));
    super(GpuNodePool.token, name, { name: plan.pool.name }, opts);
    this.nodePool = registerNodePool(this, name, plan).nodePool;
    this.registerOutputs({ nodePool: this.nodePool });
  }
}

/**
 * Registers a planned pool below its component.
 *
 * @param dependsOn What each of its objects waits for. Default: nothing.
 */
export function registerNodePool(
  parent: pulumi.ComponentResource,
  name: string,
  { pool, objects }: NodePoolPlan,
  dependsOn: pulumi.Input<pulumi.Resource>[] = [],
) {
  registerObjects(objects, name, { parent, dependsOn });
  return { nodePool: pulumi.output(nodePoolOutput(pool)) };
}

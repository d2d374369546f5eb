import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import type { PlatformSpec } from "./config/spec";
import { planPlatform } from "./plan/platform";
import { registerObject, registerObjects } from "./register";

/** Admission policies that hold in the cluster what the policy pack proves before a deployment. */
export class AdmissionGuard extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:AdmissionGuard";

  /**
   * @param name Logical name of the component.
   * @param args The environment; its `cluster.guard` names who deploys.
   * @param opts Options of the component. What depends on it waits until every policy is bound.
   * @throws RunError with every argument of a wrong shape; nothing is registered then.
   * @throws PlanError with every fault; nothing is registered then.
   * @throws Error when the environment has no guard.
   */
  constructor(name: string, args: PlatformSpec, opts?: pulumi.ComponentResourceOptions) {
    const declared = readArguments("platformArguments", `${AdmissionGuard.token} ${name}`, args);
    const { environment, guard } = planPlatform(declared);
    if (guard === undefined) {
      throw new Error(
        `environment ${environment}: cluster.guard is missing: declare it with the names of the deployers`,
      );
    }
    super(AdmissionGuard.token, name, { environment }, opts);
    const policies = registerObjects(guard.policies, name, { parent: this });
    // A binding without its policy refuses nothing, and a policy without its binding neither: the policy comes first.
    for (const binding of guard.bindings) registerObject(binding, name, { parent: this, dependsOn: policies });
    this.registerOutputs({});
  }
}

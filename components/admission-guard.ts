import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import type { GuardPlan } from "./plan/guard/guard";
import { platformPlan } from "./plan/platform";
import { registerObject, registerObjects } from "./register";
import { resolveArguments } from "./spec/arguments";
import type { PlatformSpec } from "./spec/index";

/** Admission policies that hold in the cluster what the policy pack proves before a deployment. */
export class AdmissionGuard extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:AdmissionGuard";

  /**
   * @param name Logical name of the component.
   * @param args The environment; its `cluster.guard` names who deploys.
   * @param opts Options of the component. What depends on it waits until every policy is bound.
   * @throws DeclarationError with every fault; nothing is registered then.
   * @throws Error when the environment has no guard.
   */
  constructor(name: string, args: PlatformSpec, opts?: pulumi.ComponentResourceOptions) {
    const written = readArguments("platformArguments", `${AdmissionGuard.token} ${name}`, args);
    const { environment, guard } = platformPlan(resolveArguments(written));
    if (guard === undefined) {
      throw new Error(
        `environment ${environment}: cluster.guard is missing: declare it with the names of the deployers`,
      );
    }
    super(AdmissionGuard.token, name, { environment }, opts);
    registerGuard(this, name, guard);
    this.registerOutputs({});
  }
}

/**
 * Registers a planned guard below its component.
 *
 * @returns What to wait for: when these exist, every policy is there and bound.
 */
export function registerGuard(parent: pulumi.ComponentResource, name: string, guard: GuardPlan): pulumi.Resource[] {
  const policies = registerObjects(guard.policies, name, { parent });
  // A binding without its policy refuses nothing, and a policy without its binding neither: the policy comes first.
  const policyOf = new Map(guard.policies.map(({ metadata }, index) => [metadata.name, policies[index]]));
  const others = guard.bindings.slice(0, -1).map((binding) => {
    const policy = policyOf.get((binding as { spec?: { policyName?: string } }).spec?.policyName ?? "");
    return registerObject(binding, name, { parent, dependsOn: policy ?? policies });
  });
  // The last waits for all others, so that whatever waits for the guard has one name in its state and not twenty.
  return registerObjects(guard.bindings.slice(-1), name, { parent, dependsOn: [...policies, ...others] });
}

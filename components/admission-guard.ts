import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import { type GuardProbe, inForce } from "./guard-in-force";
import { type GuardPlan, guardObjects, saysInForce } from "./plan/guard/guard";
import { platformPlan } from "./plan/platform";
import { registerInOrder, registerObjects } from "./register";
import { resolveArguments } from "./spec/arguments";
import type { PlatformSpec } from "./spec/index";

/** The last objects of guards of other programs, once these are in force. */
const lastOf = new WeakMap<AdmissionGuard, pulumi.Input<pulumi.Resource>>();

/** Admission policies that hold in the cluster what the policy pack proves before a deployment. */
export class AdmissionGuard extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:AdmissionGuard";

  /**
   * @param name Logical name of the component.
   * @param args The environment; its `cluster.guard` names who deploys.
   * @param opts Options of the component. A tenant that depends on it waits until the API server has read it.
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
    lastOf.set(this, registerGuard(this, name, guard));
    this.registerOutputs({});
  }
}

/**
 * Registers a planned guard below its component.
 *
 * @returns What to wait for: when it is there, every policy is bound and in force.
 */
export function registerGuard(
  parent: pulumi.ComponentResource,
  name: string,
  plan: GuardPlan,
  probe?: GuardProbe,
): pulumi.Output<pulumi.Resource> {
  const isOther = (object: GuardPlan["policies"][number]) => !saysInForce(object);
  const policies = registerObjects(plan.policies.filter(isOther), name, { parent });
  // A binding without its policy refuses nothing, and a policy without its binding neither: the policy comes first.
  const bindings = registerObjects(plan.bindings.filter(isOther), name, { parent, dependsOn: policies });
  const sayers = registerInOrder(guardObjects(plan).filter(saysInForce), name, { parent, dependsOn: bindings });
  return inForce(sayers[sayers.length - 1] ?? parent, plan, probe);
}

/** The guards among what a component depends on, each in force when it is there. */
export function guardsOf(given: readonly pulumi.Resource[]): pulumi.Input<pulumi.Resource>[] {
  return given.flatMap((resource) =>
    resource instanceof AdmissionGuard ? [resource, lastOf.get(resource) ?? []].flat() : [],
  );
}

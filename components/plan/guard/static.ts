/**
 * The guard as files on the control plane, which nobody can remove through the API (manifest-based admission control, KEP-5793: on from
 * Kubernetes 1.37, behind a feature gate in 1.36).
 */
import { celText } from "./cel";
import { type Concern, GUARD_PREFIX } from "./concern";
import { binding, type GuardObject, type GuardPlan, policy, saysInForce } from "./guard";
import { notByDeployersOrSystem } from "./scope";
import { GuardMode } from "../../spec/guard";

/** End of the names of policies that come from files; the API server takes no other there, and none of these by its API. */
export const STATIC_SUFFIX = ".static.k8s.io";

const GROUP = "admissionregistration.k8s.io";

/** What the guard cannot do by itself: policies of the API server's own API are asked about no policies. */
export function guardItself(deployers: readonly string[]): Concern {
  return {
    name: "guard",
    title: "The guard's own policies and bindings are made, changed and removed by the deployers only.",
    rules: ["admission/guard-present", "admission/guard-content"],
    resources: [
      {
        group: GROUP,
        resources: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
        operations: ["CREATE", "UPDATE", "DELETE"],
      },
    ],
    // The garbage collector ends what the deployers delete.
    conditions: [notByDeployersOrSystem(deployers)],
    variables: [],
    validations: [
      {
        expression: `!(request.operation == "DELETE" ? dyn(oldObject) : dyn(object)).metadata.name.startsWith(${celText(GUARD_PREFIX)})`,
        message: "policies and bindings of the platform's guard are the deployers': change cluster.guard, and deploy.",
      },
    ],
  };
}

/**
 * The objects of a guard as the control plane reads them from files: under other names, each policy with its binding, and with one more
 * that guards the guard. What tells a deployment that the guard is in force is not among them: it is about the guard of the API.
 */
export function staticGuard(plan: GuardPlan, deployers: readonly string[]): GuardObject[] {
  const mode = plan.enforced ? GuardMode.enforce : GuardMode.warn;
  const itself = guardItself(deployers);
  const objects = [
    ...plan.policies.filter((object) => !saysInForce(object)),
    policy(itself),
    ...plan.bindings.filter((object) => !saysInForce(object)),
    binding(itself, mode),
  ];
  return objects.map(({ metadata, spec, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, name: metadata.name + STATIC_SUFFIX },
    spec: typeof spec["policyName"] === "string" ? { ...spec, policyName: spec["policyName"] + STATIC_SUFFIX } : spec,
  }));
}

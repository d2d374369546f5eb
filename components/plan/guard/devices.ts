import { all, any, celList } from "./cel";
import type { Concern } from "./concern";
import type { GuardFacts } from "./facts";
import { IN_GUARDED_NAMESPACE, NEW, notByDeployersOrSystem, OLD } from "./scope";

/** Metadata by which Kubernetes removes a claim: without its finalizer a device would be given away while it is in use. */
const LIFE = ["ownerReferences", "finalizers"];
/** What says whose a device is. */
const GIVEN = ["allocation", "reservedFor"];

/** Devices of dynamic resource allocation: the platform's templates claim them, and Kubernetes makes and ends the claims. */
export function deviceClaims(facts: GuardFacts): Concern {
  return {
    name: "device-claims",
    title: "Devices of tenants are claimed by the platform's own templates only, and given out by Kubernetes only.",
    rules: ["placement/device-claims", "rbac/no-fence-editing"],
    resources: [
      {
        group: "resource.k8s.io",
        resources: ["resourceclaims", "resourceclaimtemplates"],
        operations: ["CREATE", "UPDATE", "DELETE"],
      },
      { group: "resource.k8s.io", resources: ["resourceclaims/status"], operations: ["UPDATE"] },
    ],
    conditions: [IN_GUARDED_NAMESPACE, notByDeployersOrSystem(facts.deployers)],
    variables: [
      NEW,
      OLD,
      { name: "part", expression: 'has(request.subResource) ? request.subResource : ""' },
      { name: "isTemplate", expression: 'request.resource.resource == "resourceclaimtemplates"' },
    ],
    validations: [
      {
        expression: 'request.operation != "CREATE"',
        message:
          "devices are claimed by the platform's own templates only: raise server.gpus or quota.gpus in the tenant's file.",
      },
      {
        expression: any('request.operation != "DELETE"', "!variables.isTemplate"),
        message: "this template is the platform's: only its deployers remove it.",
      },
      {
        expression: any(
          'request.operation != "UPDATE"',
          all(
            `${celList(LIFE)}.all(k, variables.after.metadata[?k] == variables.before.metadata[?k])`,
            "variables.after.?spec == variables.before.?spec",
          ),
        ),
        message: "metadata: owners and finalizers decide when a device is given to someone else.",
      },
      {
        expression: any(
          'variables.part != "status"',
          `${celList(GIVEN)}.all(k, variables.after.?status[?k] == variables.before.?status[?k])`,
        ),
        message: "status: which device is whose is the scheduler's to write.",
      },
    ],
  };
}

import { TENANT_OBJECT } from "../../spec/names";
import { all, any, celText } from "./cel";
import type { Concern } from "./concern";
import { byNamespace, type GuardFacts } from "./facts";
import { IN_GUARDED_NAMESPACE, NEW, notByDeployers, notByDeployersOrSystem, OLD } from "./scope";

const IS_AUTOSCALER = 'request.resource.resource == "horizontalpodautoscalers"';

/**
 * How many replicas a server has: between the bounds of the tenant's file, whoever scales it. None at all would switch
 * the autoscaler off; a tenant is closed by `suspended`.
 */
export function replicas(facts: GuardFacts): Concern {
  return {
    name: "replicas",
    title: "A tenant's server is scaled within the bounds that the tenant's file declares.",
    rules: ["capacity/autoscaler-target", "capacity/fits-quota"],
    resources: [
      { group: "apps", resources: ["deployments", "deployments/scale"], operations: ["UPDATE"] },
      { group: "autoscaling", resources: ["horizontalpodautoscalers"], operations: ["CREATE", "UPDATE"] },
    ],
    conditions: [
      IN_GUARDED_NAMESPACE,
      notByDeployers(facts.deployers),
      {
        name: "the-server-or-an-autoscaler",
        expression: any(IS_AUTOSCALER, `request.name == ${celText(TENANT_OBJECT.server)}`),
      },
    ],
    variables: [
      NEW,
      OLD,
      {
        name: "bounds",
        expression: byNamespace(facts, (one) => [String(one.replicas.least), String(one.replicas.most)]),
      },
      { name: "isAutoscaler", expression: IS_AUTOSCALER },
      { name: "wanted", expression: "variables.after.?spec.?replicas.orValue(0)" },
      {
        name: "wantedBefore",
        expression: 'request.operation == "UPDATE" ? variables.before.?spec.?replicas.orValue(0) : -1',
      },
    ],
    validations: [
      {
        expression: any(
          "variables.isAutoscaler",
          "variables.wanted == variables.wantedBefore",
          "variables.bounds.size() == 2 && variables.wanted >= int(variables.bounds[0]) && variables.wanted <= int(variables.bounds[1])",
        ),
        message:
          "spec.replicas has to lie within autoscaling.minReplicas and maxReplicas of the tenant's file; a tenant is closed by suspended: true.",
      },
      {
        expression: any(
          "!variables.isAutoscaler",
          'request.operation == "UPDATE" && variables.after.spec == variables.before.spec',
          all(
            "variables.bounds.size() == 2",
            "variables.after.spec.maxReplicas <= int(variables.bounds[1])",
            "variables.after.spec.?minReplicas.orValue(1) >= int(variables.bounds[0])",
          ),
        ),
        message: "spec: an autoscaler has to keep within autoscaling.minReplicas and maxReplicas of the tenant's file.",
      },
    ],
  };
}

/** What scales pods beside the server's Deployment, and what keeps pods from being moved. */
export function workloadControl(facts: GuardFacts): Concern {
  return {
    name: "workload-control",
    title: "Replica sets are their Deployments' to scale, and nobody keeps a tenant's nodes from being drained.",
    rules: ["capacity/disruption-budget"],
    resources: [
      { group: "apps", resources: ["replicasets", "replicasets/scale", "statefulsets/scale"], operations: ["UPDATE"] },
      { group: "", resources: ["replicationcontrollers/scale"], operations: ["UPDATE"] },
      { group: "policy", resources: ["poddisruptionbudgets"], operations: ["CREATE", "UPDATE"] },
    ],
    conditions: [IN_GUARDED_NAMESPACE, notByDeployersOrSystem(facts.deployers)],
    variables: [NEW, OLD, { name: "isBudget", expression: 'request.resource.resource == "poddisruptionbudgets"' }],
    validations: [
      {
        expression: any("variables.isBudget", "variables.after.?spec == variables.before.?spec"),
        message: "spec: scale the Deployment; its replica sets follow.",
      },
      {
        expression: any(
          "!variables.isBudget",
          'request.operation == "UPDATE" && variables.after.spec == variables.before.spec',
          'has(variables.after.spec.maxUnavailable) && !(string(variables.after.spec.maxUnavailable) in ["0", "0%"])',
        ),
        message: "spec: a budget without maxUnavailable of at least 1 keeps its node from ever being drained.",
      },
    ],
  };
}

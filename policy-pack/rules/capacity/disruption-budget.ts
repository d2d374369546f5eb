import type { ClusterModel, ModelObject, PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { record } from "../../model/json";
import type { LabelSelector } from "../../model/kubernetes";
import { selectorMatches } from "../../model/selectors";
import { minReplicas, share } from "../../readers/capacity";
import { nsa } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

/** Workloads whose pods a budget selects; none without a selector, all by an empty one. Running pods count through their workload. */
function selected(model: ClusterModel, budget: ModelObject): PodSource[] {
  const { selector } = record(budget.object.spec);
  if (selector === undefined) return [];
  return model
    .podsIn(budget.namespace)
    .filter((pod) => pod.source.object.metadata.ownerReferences === undefined)
    .filter((pod) => selectorMatches(selector as LabelSelector, pod.labels));
}

/** Pods that may be away at a time where only the fewest pods run; undefined where the budget does not say. */
function mayGo({ object }: ModelObject, fewest: bigint): bigint | undefined {
  const { maxUnavailable, minAvailable } = record(object.spec);
  if (maxUnavailable !== undefined) return share(maxUnavailable, fewest, "up");
  const kept = share(minAvailable, fewest, "up");
  return kept === undefined ? undefined : fewest - kept;
}

function ofAmount(model: ClusterModel, budget: ModelObject, pods: readonly PodSource[]): Finding[] {
  const { maxUnavailable, minAvailable } = record(budget.object.spec);
  const fewest = pods.reduce((sum, pod) => sum + minReplicas(model, pod), 0n);
  const free = mayGo(budget, fewest);
  // Suspended workloads have no pods that could keep a node.
  if (fewest === 0n || (free !== undefined && free > 0n)) return [];
  if (maxUnavailable === undefined && minAvailable === undefined) return [];
  const names = pods.map(({ source }) => `${source.object.kind} ${source.object.metadata.name}`);
  return [
    {
      object: budget,
      field: maxUnavailable === undefined ? "spec.minAvailable" : "spec.maxUnavailable",
      message: `is ${show(maxUnavailable ?? minAvailable)}, but ${names.join(" and ")} may have as few as ${fewest} pods: then none of them may be evicted, and their nodes cannot be drained.`,
    },
  ];
}

function check(model: ClusterModel, budgets: readonly ModelObject[]): Finding[] {
  const chosen = budgets.map((budget) => ({ budget, pods: selected(model, budget) }));
  return chosen.flatMap(({ budget, pods }): Finding[] => {
    if (pods.length === 0)
      return [
        {
          object: budget,
          field: "spec.selector",
          message: `is ${show(record(budget.object.spec).selector)} and selects no pod of the namespace, so it protects nothing.`,
          fix: "Set the selector to labels of the workload's pods.",
        },
      ];
    const twice = pods.find((pod) => chosen.some((other) => other.budget !== budget && other.pods.includes(pod)));
    const doubled: Finding[] =
      twice === undefined
        ? []
        : [
            {
              object: budget,
              field: "spec.selector",
              message: `is ${show(record(budget.object.spec).selector)} and selects pods of ${twice.source.object.kind} ${twice.source.object.metadata.name} that another budget selects too: the API server evicts no pod with two budgets.`,
              fix: "Keep one budget for each pod.",
            },
          ];
    return [...ofAmount(model, budget, pods), ...doubled];
  });
}

export const rule: Rule = {
  id: "capacity/disruption-budget",
  title: "No disruption budget of a tenant keeps a node from ever being drained, or protects nothing.",
  severity: "low",
  scope: "cluster",
  frameworks: [nsa("Resource policies")],
  remediation: "Set maxUnavailable to 1, or minAvailable below the fewest replicas.",
  check: (model) => {
    const budgets = tenantObjects(model, "PodDisruptionBudget", "policy");
    return [...new Set(budgets.map(({ namespace }) => namespace))].flatMap((namespace) =>
      check(model, model.ofIn(namespace, "PodDisruptionBudget", "policy")),
    );
  },
};

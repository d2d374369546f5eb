/**
 * Cyclonus takes `NotIn` to need the label; by the API a label that is absent satisfies it too (`labels.Requirement` of
 * Kubernetes matches "if the operator is DoesNotExist or NotIn and Labels does not have the Requirement's key"). Here
 * policies are rewritten so that both readings agree: `NotIn` becomes "absent" or "present and not in", side by side.
 */
import type { LabelSelector, NetworkPolicyPeer, NetworkPolicySpec } from "../../policy-pack/model/kubernetes";
import type { NetworkPolicySource } from "../../policy-pack/analysis/reachability/network";

/** Policies with the same effect whose every `NotIn` stands beside an `Exists` of the same label. */
export function withoutBareNotIn(policies: readonly NetworkPolicySource[]): NetworkPolicySource[] {
  return policies.flatMap(({ namespace, name, spec }) =>
    // Policies add up, so one policy per alternative selects the same pods with the same rules.
    alternatives(spec.podSelector ?? {}).map((podSelector, index) => ({
      namespace,
      name: `${name}-${index}`,
      spec: { ...spec, podSelector, ...rewrittenRules(spec) },
    })),
  );
}

/** Whether some selector uses `NotIn`, the only operator that the two read differently. */
export function usesNotIn(policies: readonly NetworkPolicySource[]): boolean {
  return JSON.stringify(policies).includes('"NotIn"');
}

function rewrittenRules(spec: NetworkPolicySpec): Partial<NetworkPolicySpec> {
  const ingress = spec.ingress?.map((rule) => ({ ...rule, from: rule.from?.flatMap(peerAlternatives) }));
  const egress = spec.egress?.map((rule) => ({ ...rule, to: rule.to?.flatMap(peerAlternatives) }));
  return { ingress, egress };
}

function peerAlternatives({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer): NetworkPolicyPeer[] {
  if (ipBlock !== undefined) return [{ ipBlock }];
  const pods = podSelector === undefined ? [undefined] : alternatives(podSelector);
  const namespaces = namespaceSelector === undefined ? [undefined] : alternatives(namespaceSelector);
  return pods.flatMap((pod) => namespaces.map((namespace) => ({ podSelector: pod, namespaceSelector: namespace })));
}

function alternatives({ matchLabels, matchExpressions = [] }: LabelSelector): LabelSelector[] {
  let lists: LabelSelector["matchExpressions"][] = [[]];
  for (const expression of matchExpressions) {
    const { key, operator } = expression;
    const options =
      operator === "NotIn"
        ? [[{ key, operator: "DoesNotExist" }], [{ key, operator: "Exists" }, expression]]
        : [[expression]];
    lists = lists.flatMap((list) => options.map((option) => [...(list ?? []), ...option]));
  }
  return lists.map((list) => ({ matchLabels, matchExpressions: list }));
}

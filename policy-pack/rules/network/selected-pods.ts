import { list, record } from "../../model/json";
import { nsa, owasp } from "../frameworks";
import { policySpec, trafficRules } from "../../readers/network";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "network/selected-pods",
  title: "Ingress from outside a tenant's namespace leads to named pods, not to every pod that there will ever be.",
  severity: "medium",
  scope: "object",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation: "Select the pods that serve by their labels in spec.podSelector.",
  check: (model) => {
    const opening = trafficRules(model).filter(
      ({ direction, peers }) =>
        direction === "ingress" &&
        list(peers).some((peer) => peer?.namespaceSelector !== undefined || peer?.ipBlock !== undefined),
    );
    return [...new Set(opening.map(({ policy }) => policy))]
      .filter((policy) => {
        const { matchLabels, matchExpressions } = record(policySpec(policy).podSelector);
        const naming = list(matchExpressions as { operator?: string }[]).some((e) => e?.operator === "In");
        return Object.keys(record(matchLabels)).length === 0 && !naming;
      })
      .map((policy) => ({
        object: policy,
        field: "spec.podSelector",
        message: "names no pods, so those outside also reach whatever pod the tenant starts later.",
      }));
  },
};

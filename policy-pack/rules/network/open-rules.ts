import { cis, nsa, owasp } from "../frameworks";
import { placedPeers, policySpec, tenantPolicies, trafficRules } from "../../readers/network";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "network/open-rules",
  title: "Every rule of a tenant's policy says whom it is for.",
  severity: "critical",
  scope: "object",
  frameworks: [cis("5.3.2"), nsa("Network separation and hardening"), owasp("K07")],
  remediation: "List the peers under from or to, or remove the rule.",
  check: (model) => [
    ...trafficRules(model)
      .filter(({ peers }) => peers === undefined)
      .map(({ policy, direction, peersPath }) => ({
        object: policy,
        field: peersPath,
        message: `is missing, empty or unknown, which means everybody: ${direction} would be open to every tenant and the internet, if only on the listed ports.`,
      })),
    ...placedPeers(model)
      .filter(
        ({ peer }) => ![peer.podSelector, peer.namespaceSelector, peer.ipBlock].some((part) => part !== undefined),
      )
      .map(({ policy, peerPath }) => ({
        object: policy,
        field: peerPath,
        message: "names neither pods, namespaces nor addresses.",
        fix: "Give the peer a podSelector, a namespaceSelector or an ipBlock, or remove it.",
      })),
    ...tenantPolicies(model).flatMap((policy) =>
      (["ingress", "egress"] as const)
        .filter((field) => policySpec(policy)[field] !== undefined && !Array.isArray(policySpec(policy)[field]))
        .map((field) => ({
          object: policy,
          field: `spec.${field}`,
          message: "is unknown until deployment, so it may open the namespace to everybody.",
          fix: "Write the rules as plain values.",
        })),
    ),
  ],
};

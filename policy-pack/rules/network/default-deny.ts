import { cis, nsa, owasp } from "../frameworks";
import type { NetworkPolicySpec } from "../../model/kubernetes";
import { policySpec, policyTypes } from "../network-rules";
import type { Rule } from "../rule";
import { list, namespaceObject } from "../select";

const directions = [
  { type: "Ingress", field: "ingress", traffic: "anybody may connect to its pods" },
  { type: "Egress", field: "egress", traffic: "its pods may connect to anybody" },
] as const;

function selectsEveryPod({ podSelector }: NetworkPolicySpec): boolean {
  if (typeof podSelector !== "object" || podSelector === null) return false;
  const { matchLabels, matchExpressions, ...rest } = podSelector;
  return [matchLabels ?? {}, matchExpressions ?? [], rest].every((part) => Object.keys(part).length === 0);
}

export const rule: Rule = {
  id: "network/default-deny",
  title: "Every tenant namespace has a policy that denies all ingress and one that denies all egress.",
  severity: "critical",
  scope: "cluster",
  frameworks: [cis("5.3.2"), nsa("Network separation and hardening"), owasp("K07")],
  remediation:
    "Add a NetworkPolicy `default-deny` with podSelector: {} and policyTypes: [Ingress, Egress] and no ingress or egress rules.",
  check: (model) =>
    model.tenantNamespaces().flatMap((namespace) => {
      const policies = model.inNamespace(namespace.name).filter((o) => o.object.kind === "NetworkPolicy" && !o.opaque);
      return directions
        .filter(
          ({ type, field }) =>
            !policies.some((policy) => {
              const spec = policySpec(policy);
              const closed =
                spec[field] === undefined || (Array.isArray(spec[field]) && list<unknown>(spec[field]).length === 0);
              return policyTypes(spec).includes(type) && closed && selectsEveryPod(spec);
            }),
        )
        .map(({ type, traffic }) => ({
          object: namespaceObject(namespace),
          field: "metadata.name",
          message: `has no default-deny policy for ${type}: for pods that no other policy selects, ${traffic}.`,
        }));
    }),
};

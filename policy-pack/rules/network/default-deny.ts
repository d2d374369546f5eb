import { cis, nsa, owasp } from "../frameworks";
import type { ModelObject } from "../../model/cluster-model";
import { list, record } from "../../model/json";
import type { NetworkPolicyPeer, NetworkPolicySpec } from "../../model/kubernetes";
import { policySpec, policyTypes } from "../../readers/network";
import type { Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

const directions = [
  { type: "Ingress", field: "ingress", peers: "from", traffic: "anybody may connect to its pods" },
  { type: "Egress", field: "egress", peers: "to", traffic: "its pods may connect to anybody" },
] as const;

/** An absent selector selects every pod, as the API server stores it. */
function selectsEveryPod({ podSelector = {} }: NetworkPolicySpec): boolean {
  if (typeof podSelector !== "object") return false;
  const { matchLabels, matchExpressions, ...rest } = podSelector;
  return [matchLabels ?? {}, matchExpressions ?? [], rest].every((part) => Object.keys(part).length === 0);
}

/** Whether the spec and its directions are known; what is unknown may leave everything open. */
function isKnown({ object: { spec } }: ModelObject): boolean {
  const { policyTypes: types } = record(spec);
  return typeof spec === "object" && (types === undefined || Array.isArray(types));
}

/** Whether the policy closes the direction but for peers that it names; other rules judge those. */
function isolates(spec: NetworkPolicySpec, { type, field, peers }: (typeof directions)[number]): boolean {
  if (!selectsEveryPod(spec) || !policyTypes(spec).includes(type)) return false;
  const rules: unknown = spec[field];
  if (rules === undefined) return true;
  return (
    Array.isArray(rules) &&
    rules.every((rule) => list(record(rule)[peers] as NetworkPolicyPeer[] | undefined).length > 0)
  );
}

export const rule: Rule = {
  id: "network/default-deny",
  title: "Every pod of a tenant namespace is isolated in both directions, whatever other policies select it.",
  severity: "critical",
  scope: "cluster",
  frameworks: [cis("5.3.2"), nsa("Network separation and hardening"), owasp("K07")],
  remediation:
    "Add a NetworkPolicy `default-deny` with podSelector: {} and policyTypes: [Ingress, Egress] and no ingress or egress rules.",
  check: (model) =>
    model.tenantNamespaces().flatMap((namespace) => {
      const policies = model.inNamespace(namespace.name).filter((o) => o.object.kind === "NetworkPolicy" && !o.opaque);
      return directions
        .filter((direction) => !policies.some((policy) => isKnown(policy) && isolates(policySpec(policy), direction)))
        .map(({ type, traffic }) => ({
          object: namespaceObject(namespace),
          field: "metadata.name",
          message: `has no policy that isolates every pod for ${type}: for pods that no other policy selects, ${traffic}.`,
        }));
    }),
};

/** Whether policies close a namespace, but for peers that they name. */
import type { ModelObject } from "../model/cluster-model";
import { list, record } from "../model/json";
import type { NetworkPolicyPeer, NetworkPolicySpec } from "../model/kubernetes";
import { policySpec, policyTypes } from "./network";

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

/** Directions in which no policy isolates every pod of the namespace that these policies are in. */
export function openDirections(policies: readonly ModelObject[]): { type: "Ingress" | "Egress"; traffic: string }[] {
  return directions.filter(
    (direction) => !policies.some((policy) => isKnown(policy) && isolates(policySpec(policy), direction)),
  );
}

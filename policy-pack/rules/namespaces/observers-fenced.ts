import { observersOf } from "../../analysis/rbac/observers";
import { bindings, serviceAccountNamespace, subjectsOf } from "../../analysis/rbac/bindings";
import type { ClusterModel, ModelObject, NamespaceInfo } from "../../model/cluster-model";
import { list, record } from "../../model/json";
import { type NetworkPolicyPeer, UNKNOWN } from "../../model/kubernetes";
import { cis, nsa, owasp } from "../frameworks";
import { openDirections } from "../../readers/isolation";
import type { Finding, Rule } from "../rule";
import { namespaceObject } from "../../readers/select";
import { show } from "../../model/fault";

const LEVEL = "pod-security.kubernetes.io/enforce";

/** Whether a peer is everybody: no namespace and no address is named. */
function isAnybody({ namespaceSelector, podSelector, ipBlock }: NetworkPolicyPeer): boolean {
  if (ipBlock !== undefined) {
    const { cidr } = record(ipBlock);
    return typeof cidr !== "string" || cidr === UNKNOWN || /\/0+$/.test(cidr);
  }
  if (namespaceSelector === undefined) return podSelector === undefined;
  const { matchLabels, matchExpressions } = record(namespaceSelector);
  return Object.keys(record(matchLabels)).length === 0 && list(matchExpressions as unknown[] | undefined).length === 0;
}

function policyFindings(model: ClusterModel, namespace: string): Finding[] {
  return model.ofIn(namespace, "NetworkPolicy", "networking.k8s.io").flatMap((policy): Finding[] => {
    const { spec } = policy.object;
    if (spec === UNKNOWN)
      return [
        {
          object: policy,
          field: "spec",
          message: "is not known before the deployment, and may let everybody through.",
        },
      ];
    const { ingress, egress } = record(spec);
    return [...openRules(policy, "spec.ingress", ingress, "from"), ...openRules(policy, "spec.egress", egress, "to")];
  });
}

function openRules(object: ModelObject, field: string, rules: unknown, peers: "from" | "to"): Finding[] {
  if (rules === undefined || rules === null) return [];
  if (!Array.isArray(rules))
    return [{ object, field, message: "is not known before the deployment, and may let everybody through." }];
  return rules.flatMap((one, index): Finding[] => {
    const named: unknown = record(one)[peers];
    const place = `${field}[${index}].${peers}`;
    if (!Array.isArray(named) || named.length === 0)
      return [{ object, field: place, message: "is missing or empty, so that everybody is meant." }];
    if (!named.some((peer) => peer === UNKNOWN || isAnybody(record(peer)))) return [];
    return [{ object, field: place, message: `is ${show(named)}, which names nobody in particular.` }];
  });
}

function fenceFindings(model: ClusterModel, namespace: NamespaceInfo): Finding[] {
  const object = namespaceObject(namespace);
  const finding = (field: string, message: string): Finding => ({ object, field, message });
  const level = namespace.labels[LEVEL];
  const policies = model.ofIn(namespace.name, "NetworkPolicy", "networking.k8s.io").filter(({ opaque }) => !opaque);
  return [
    ...(level === "restricted"
      ? []
      : [finding(`metadata.labels["${LEVEL}"]`, `is ${show(level)} where an account may look at every tenant.`)]),
    ...openDirections(policies).map(({ type, traffic }) =>
      finding("metadata.name", `has no policy that isolates every pod for ${type}: ${traffic}.`),
    ),
    ...(["ResourceQuota", "LimitRange"] as const)
      .filter((kind) => model.ofIn(namespace.name, kind, "").length === 0)
      .map((kind) => finding("metadata.name", `has no ${kind}: what runs there may take what tenants were promised.`)),
    ...policyFindings(model, namespace.name),
  ];
}

export const rule: Rule = {
  id: "namespaces/observers-fenced",
  title:
    "Where an account may look at every tenant, pods are confined, limited, and closed to everybody who is not named.",
  severity: "high",
  scope: "cluster",
  frameworks: [cis("5.3.2"), nsa("Network separation and hardening"), owasp("K07")],
  remediation:
    "Give the namespace the restricted Pod Security level, a default-deny NetworkPolicy with exceptions for named peers, a ResourceQuota and a LimitRange, as the platform's own monitor has.",
  configuredBy: ["rbac"],
  check: (model, configuration) => {
    const bound = new Set(bindings(model).flatMap((binding) => subjectsOf(binding).map(serviceAccountNamespace)));
    const names = new Set(observersOf(configuration).map(({ namespace }) => namespace));
    return [...names]
      .filter((name) => bound.has(name))
      .flatMap((name) =>
        fenceFindings(model, model.namespaces.get(name) ?? { name, labels: {}, platform: false, workspace: false }),
      );
  },
};

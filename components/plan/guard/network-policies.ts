import type { NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "../kubernetes";
import { NAMESPACE_NAME_LABEL } from "../labels";
import { all, any, celText } from "./cel";
import type { Concern } from "./concern";
import { byNamespace, type GuardFacts, type NamespaceFacts } from "./facts";
import { IN_GUARDED_NAMESPACE, NEW, notByDeployers, OLD } from "./scope";

type Direction = "ingress" | "egress";

/** A peer that a tenant's policies let through at a port. */
interface Opening {
  peer: NetworkPolicyPeer;
  port: NetworkPolicyPort;
}

/** What the platform's own policies of a namespace open in one direction, apart from the namespace itself. */
function openings({ network }: NamespaceFacts, direction: Direction): Opening[] {
  return network.flatMap((spec) =>
    rulesOf(spec, direction).flatMap(({ peers, ports }) =>
      peers
        .filter((peer) => peer.namespaceSelector !== undefined || peer.ipBlock !== undefined)
        .flatMap((peer) => ports.map((port) => ({ peer, port }))),
    ),
  );
}

function rulesOf(
  spec: NetworkPolicySpec,
  direction: Direction,
): { peers: NetworkPolicyPeer[]; ports: NetworkPolicyPort[] }[] {
  return direction === "ingress"
    ? (spec.ingress ?? []).map((rule) => ({ peers: rule.from ?? [], ports: rule.ports ?? [] }))
    : (spec.egress ?? []).map((rule) => ({ peers: rule.to ?? [], ports: rule.ports ?? [] }));
}

/**
 * One opening as a text that a peer of a new policy is turned into as well: namespace, labels and port, or range,
 * exceptions and port.
 */
function openingText({ peer, port }: Opening): string {
  const at = `${port.protocol ?? "TCP"}/${port.port}`;
  if (peer.ipBlock !== undefined)
    return `${peer.ipBlock.cidr} ${[...(peer.ipBlock.except ?? [])].sort().join(",")} ${at}`;
  const labels = Object.entries(peer.podSelector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  return `${peer.namespaceSelector?.matchLabels?.[NAMESPACE_NAME_LABEL]} ${labels.sort().join(",")} ${at}`;
}

/** Whether a rule's port is one port of a protocol, and the text of it. */
const PORT_PLAIN = "(has(p.port) && type(p.port) == int && !has(p.endPort))";
const PORT_TEXT = 'p.?protocol.orValue("TCP") + "/" + string(p.port)';
const LABELS_TEXT =
  'q.?podSelector.?matchLabels.orValue({}).map(k, k + "=" + q.podSelector.matchLabels[k]).sort().join(",")';

/** The peer is the namespace itself: without a namespace selector, or by the namespace's own name. */
const OWN = any(
  "!has(q.namespaceSelector) && !has(q.ipBlock)",
  `has(q.namespaceSelector) && q.namespaceSelector.?matchLabels.orValue({}) == {${celText(NAMESPACE_NAME_LABEL)}: request.namespace} && !has(q.namespaceSelector.matchExpressions)`,
);

/** The peer at each of the rule's ports is an opening of the platform's own policies. */
function opened(direction: Direction): string {
  const known = `variables.${direction}Openings`;
  const pods = all(
    "has(q.namespaceSelector)",
    "!has(q.namespaceSelector.matchExpressions)",
    `q.namespaceSelector.?matchLabels.orValue({}).all(k, k == ${celText(NAMESPACE_NAME_LABEL)})`,
    "!has(q.podSelector) || !has(q.podSelector.matchExpressions)",
    `r.ports.all(p, ${PORT_PLAIN} && (q.namespaceSelector.?matchLabels[?${celText(NAMESPACE_NAME_LABEL)}].orValue("*") + " " + ${LABELS_TEXT} + " " + ${PORT_TEXT}) in ${known})`,
  );
  const range = all(
    "has(q.ipBlock)",
    `r.ports.all(p, ${PORT_PLAIN} && (q.ipBlock.cidr + " " + q.ipBlock.?except.orValue([]).sort().join(",") + " " + ${PORT_TEXT}) in ${known})`,
  );
  return any(OWN, all("has(r.ports)", "r.ports.size() > 0", any(pods, range)));
}

function peersOpened(direction: Direction): string {
  const peers = direction === "ingress" ? "from" : "to";
  return `variables.after.spec.?${direction}.orValue([]).all(r, r.?${peers}.orValue([]).size() > 0 && r.${peers}.all(q, ${opened(direction)}))`;
}

/** Policies that others than the deployers add open nothing that the platform's own do not open already. */
export function networkPolicies(facts: GuardFacts): Concern {
  return {
    name: "network-policies",
    title: "Network policies that are added by hand open nothing that the platform's own do not open.",
    rules: [
      "network/no-cross-tenant-peer",
      "network/open-rules",
      "network/ip-blocks",
      "network/external-ranges",
      "network/platform-peers",
      "network/ports-named",
    ],
    resources: [{ group: "networking.k8s.io", resources: ["networkpolicies"], operations: ["CREATE", "UPDATE"] }],
    conditions: [IN_GUARDED_NAMESPACE, notByDeployers(facts.deployers)],
    variables: [
      NEW,
      OLD,
      { name: "same", expression: 'request.operation == "UPDATE" && variables.after.spec == variables.before.spec' },
      ...(["ingress", "egress"] as const).map((direction) => ({
        name: `${direction}Openings`,
        expression: byNamespace(facts, (one) => [...new Set(openings(one, direction).map(openingText))]),
      })),
    ],
    validations: (["ingress", "egress"] as const).map((direction) => ({
      expression: `variables.same || (${peersOpened(direction)})`,
      message: `spec.${direction}: peers may be the namespace's own pods, or a peer and port that the platform's own policies name; declare others under network of the tenant's file.`,
    })),
  };
}

/** Kinds of other systems that open what network policies close. */
export function overridingPolicies(facts: GuardFacts): Concern {
  const kinds: Record<string, string[]> = {
    "cilium.io": ["ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies"],
    "crd.projectcalico.org": ["networkpolicies", "globalnetworkpolicies"],
    "projectcalico.org": ["networkpolicies", "globalnetworkpolicies"],
    "policy.networking.k8s.io": ["adminnetworkpolicies", "baselineadminnetworkpolicies", "clusternetworkpolicies"],
  };
  return {
    name: "overriding-policies",
    title: "No policy of a network plug-in is put over the tenants' network policies by hand.",
    rules: ["network/overriding-policies"],
    resources: Object.entries(kinds).map(([group, resources]) => ({
      group,
      resources,
      operations: ["CREATE", "UPDATE"],
    })),
    conditions: [notByDeployers(facts.deployers)],
    variables: [NEW, OLD, { name: "reach", expression: `has(request.namespace) ? request.namespace : ""` }],
    validations: [
      {
        expression: any(
          'request.operation == "UPDATE" && variables.after.?spec == variables.before.?spec',
          `variables.reach != "" && !(${IN_GUARDED_NAMESPACE.expression})`,
        ),
        message: "policies that may override tenants' network policies are the deployers' to make.",
      },
    ],
  };
}

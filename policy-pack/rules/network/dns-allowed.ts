import type { ClusterModel, NamespaceInfo, PodSource } from "../../model/cluster-model";
import { list } from "../../model/json";
import type { PackConfiguration } from "../../settings/settings";
import type { NetworkPolicyPort } from "../../model/kubernetes";
import { selectorMatches } from "../../model/selectors";
import { maxReplicas } from "../../readers/capacity";
import { nsa } from "../frameworks";
import { namedNamespaces, peersOf, policySpec, trafficRulesIn, type PlacedPeer } from "../../readers/network";
import type { Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

function leadsToDns({ peer, direction }: PlacedPeer, { cluster }: PackConfiguration): boolean {
  if (direction !== "egress" || peer.namespaceSelector === undefined) return false;
  const names = namedNamespaces(peer.namespaceSelector) ?? [];
  return names.includes(cluster.dns.namespace) && selectorMatches(peer.podSelector, cluster.dns.podLabels);
}

function opens({ port, endPort }: NetworkPolicyPort, wanted: number): boolean {
  if (port === undefined) return true;
  return typeof port === "number" && port <= wanted && wanted <= (endPort ?? port);
}

function missingProtocols(peers: readonly PlacedPeer[], labels: Record<string, string>, dnsPort: number): string[] {
  const applying = peers.filter(({ policy }) => selectorMatches(policySpec(policy).podSelector, labels));
  return ["UDP", "TCP"].filter(
    (protocol) =>
      !applying.some(
        ({ ports }) =>
          ports === undefined || list(ports).some((p) => opens(p, dnsPort) && (p.protocol ?? "TCP") === protocol),
      ),
  );
}

function podsOf(model: ClusterModel, namespace: NamespaceInfo): readonly PodSource[] {
  // A suspended tenant keeps its Deployment at zero replicas and needs no name resolution.
  return model.podsIn(namespace.name).filter((pod) => maxReplicas(model, pod).count > 0n);
}

export const rule: Rule = {
  id: "network/dns-allowed",
  title: "Every tenant's pod may ask the cluster's DNS, over UDP and TCP.",
  severity: "medium",
  scope: "cluster",
  frameworks: [nsa("Network separation and hardening")],
  remediation:
    "Add an egress rule to the DNS pods, by namespace and labels, on its port (cluster.dns.port, 53 by default) for UDP and TCP.",
  configuredBy: ["cluster"],
  check: (model, configuration) => {
    const { namespace: dnsNamespace, port } = configuration.cluster.dns;
    return model.tenantNamespaces().flatMap((namespace) => {
      const peers = trafficRulesIn(model, namespace.name)
        .flatMap(peersOf)
        .filter((peer) => leadsToDns(peer, configuration));
      return podsOf(model, namespace).flatMap((pod) => {
        const missing = missingProtocols(peers, pod.labels, port);
        if (missing.length === 0) return [];
        return [
          {
            object: namespaceObject(namespace),
            field: "metadata.name",
            message: `has no policy that lets the pods of ${pod.source.object.kind} ${pod.source.object.metadata.name} reach DNS in ${dnsNamespace} on port ${port} over ${missing.join(" and ")}; under default-deny no name resolves, and large answers need TCP.`,
          },
        ];
      });
    });
  },
};

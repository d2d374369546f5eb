import type { ClusterModel } from "../../model/cluster-model";
import { describe } from "../../model/cluster-model";
import type { PackConfiguration } from "../../settings/settings";
import { selectorMatches } from "../../model/selectors";
import { nsa, owasp } from "../frameworks";
import { listedPeers, namedNamespaces, narrowedTo, type PlacedPeer, placedPeers } from "../../readers/network";
import type { Rule } from "../rule";

/** What the peer selects that runs in its node's network: a listed peer, or a pod of the program. */
function selectedHost(model: ClusterModel, configuration: PackConfiguration, placed: PlacedPeer): string | undefined {
  const { policy, peer, direction } = placed;
  const names =
    peer.namespaceSelector === undefined ? [policy.namespace] : (namedNamespaces(peer.namespaceSelector) ?? []);
  const listed = listedPeers(configuration, direction).find(
    (known) => known.hostNetwork === true && names.includes(known.namespace) && narrowedTo(peer, known),
  );
  if (listed !== undefined) return `the listed peer in ${listed.namespace}`;
  const pod = names
    .flatMap((name) => model.podsIn(name))
    .find(({ spec, labels }) => spec.hostNetwork === true && selectorMatches(peer.podSelector, labels));
  return pod === undefined ? undefined : describe(pod.source.object, pod.namespace);
}

export const rule: Rule = {
  id: "network/host-network-peers",
  title: "No policy of a tenant selects pods by labels that run in their node's network.",
  severity: "medium",
  scope: "cluster",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation:
    "Replace the selectors by an ipBlock of the nodes' addresses on the peer's ports, and set hostNetwork for the peer in the pack's configuration; or run its pods in the pod network.",
  configuredBy: ["cluster"],
  check: (model, configuration) =>
    placedPeers(model).flatMap((placed) => {
      const { policy, peer, peerPath } = placed;
      if (peer.ipBlock !== undefined) return [];
      const host = selectedHost(model, configuration, placed);
      if (host === undefined) return [];
      return [
        {
          object: policy,
          field: peerPath,
          message: `selects ${host}, which has hostNetwork: policies do not see the labels of such pods, only their node's address, so the rule says nothing about them.`,
        },
      ];
    }),
};

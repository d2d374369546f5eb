import { show } from "../../model/fault";
import { list } from "../../model/json";
import type { Peer } from "../../settings/settings";
import type { NetworkPolicyPort } from "../../model/kubernetes";
import { nsa, owasp } from "../frameworks";
import { listedPeers, namedNamespaces, narrowedTo, placedPeers } from "../../readers/network";
import type { Finding, Rule } from "../rule";

/** Ports of a rule that the listed peer may not use; a rule without ports is another rule's matter. */
function foreignPorts(ports: readonly NetworkPolicyPort[] | undefined, known: Peer): NetworkPolicyPort[] {
  const { ports: allowed } = known;
  if (allowed === undefined) return [];
  return list(ports).filter(({ port }) => typeof port !== "number" || !allowed.includes(port));
}

export const rule: Rule = {
  id: "network/platform-peers",
  title:
    "Peers outside tenants' namespaces are those that the pack's configuration lists, by namespace, pod labels and ports.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation:
    "Select the pods of a listed peer by namespace and podSelector, or list the peer under cluster.ingressPeers or cluster.egressPeers in the pack's configuration.",
  configuredBy: ["cluster", "tenants"],
  check: (model, configuration) =>
    placedPeers(model).flatMap(({ policy, direction, peer, peerPath, ports, path }) => {
      const names = peer.namespaceSelector === undefined ? [] : (namedNamespaces(peer.namespaceSelector) ?? []);
      return names
        .filter((name) => name !== policy.namespace && model.tenantOf(name) === undefined)
        .flatMap((name): Finding[] => {
          const way = `${direction} ${direction === "ingress" ? "from" : "to"}`;
          const known = listedPeers(configuration, direction).filter(
            (p) => p.namespace === name && narrowedTo(peer, p),
          );
          if (known.length === 0)
            return [
              {
                object: policy,
                field: peerPath,
                message: `opens ${way} pods in ${name} that the configuration does not list${peer.podSelector === undefined ? " (without podSelector: all of its pods)" : ""}.`,
              },
            ];
          const foreign = known.map((p) => foreignPorts(ports, p));
          if (foreign.some((few) => few.length === 0)) return [];
          return [
            {
              object: policy,
              field: `${path}.ports`,
              message: `opens ${way} ${name} on ${(foreign[0] ?? []).map(({ port }) => show(port)).join(", ")}; the configuration lists ${known.flatMap((p) => p.ports ?? []).join(", ")} for this peer.`,
              fix: "Leave only the listed ports, or list the port for the peer in the pack's configuration.",
            },
          ];
        });
    }),
};

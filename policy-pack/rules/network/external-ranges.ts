import { parseCidr, subtractAddresses } from "../../model/addresses";
import { show } from "../../model/fault";
import { list } from "../../model/json";
import { nsa, owasp } from "../frameworks";
import { isNodeLocalDns, placedPeers } from "../../readers/network";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "network/external-ranges",
  title: "Tenants' pods call only those address ranges outside the cluster that the pack's configuration lists.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation:
    "Narrow the cidr, or list the range under cluster.externalCidrs in the pack's configuration once someone has agreed to it.",
  configuredBy: ["cluster"],
  check: (model, configuration) => {
    const { cluster } = configuration;
    const blocks = placedPeers(model).filter(
      (placed) =>
        placed.direction === "egress" && placed.peer.ipBlock !== undefined && !isNodeLocalDns(placed, configuration),
    );
    if (blocks.length === 0 || cluster.externalCidrs.length === 0) return [];
    const listed = cluster.externalCidrs.flatMap((cidr) => parseCidr(cidr) ?? []);
    return blocks.flatMap(({ policy, peer, peerPath }) => {
      const range = parseCidr(peer.ipBlock?.cidr);
      if (range === undefined) return [];
      const holes = list(peer.ipBlock?.except).flatMap((hole) => parseCidr(hole) ?? []);
      if (subtractAddresses([range], [...holes, ...listed]).length === 0) return [];
      return [
        {
          object: policy,
          field: `${peerPath}.ipBlock.cidr`,
          message: `is ${show(peer.ipBlock?.cidr)}, of which only ${cluster.externalCidrs.join(", ")} is listed: data could leave for the rest.`,
        },
      ];
    });
  },
};

import { type AddressRange, overlaps, parseCidr, subtract } from "../../model/cidr";
import type { PackConfiguration } from "../../model/configuration";
import { nsa, owasp } from "../frameworks";
import { placedPeers } from "../network-rules";
import type { Rule } from "../rule";
import { list, show } from "../select";

/** Ranges that no tenant's policy may reach by address, each with what lies there. */
function fenced({ cluster }: PackConfiguration): { cidr: string; what: string; range: AddressRange }[] {
  const named: [string[], string][] = [
    [cluster.podCidrs, "the pod network, other tenants' pods included"],
    [cluster.serviceCidrs, "the service network, the API server included"],
    [cluster.nodeCidrs, "the nodes"],
    [cluster.metadataCidrs, "link-local addresses, where clouds hand out credentials"],
  ];
  return named.flatMap(([cidrs, what]) =>
    cidrs.flatMap((cidr) => {
      const range = parseCidr(cidr);
      return range === undefined ? [] : [{ cidr, what, range }];
    }),
  );
}

export const rule: Rule = {
  id: "network/ip-blocks",
  title: "Address ranges in a tenant's policies leave out pods, services, nodes and metadata addresses.",
  severity: "critical",
  scope: "object",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation: "Narrow the cidr, or list the range that must stay closed under except.",
  configuredBy: ["cluster"],
  check: (model, configuration) =>
    placedPeers(model).flatMap(({ policy, direction, peer, peerPath }) => {
      const block = peer.ipBlock;
      if (block === undefined) return [];
      const range = parseCidr(block.cidr);
      const field = `${peerPath}.ipBlock`;
      if (range === undefined)
        return [
          {
            object: policy,
            field: `${field}.cidr`,
            message: `is ${show(block.cidr)}, which is no address range that can be judged.`,
            fix: "Write it as address/prefix length, for example 203.0.113.0/24.",
          },
        ];
      const open = subtract(
        range,
        list(block.except).flatMap((hole) => parseCidr(hole) ?? []),
      );
      return fenced(configuration)
        .filter(({ range: closed }) => open.some((part) => overlaps(part, closed)))
        .map(({ cidr, what }) => ({
          object: policy,
          field: `${field}.cidr`,
          message: `is ${show(block.cidr)} and opens ${direction} ${direction === "ingress" ? "from" : "to"} ${cidr}: ${what}.`,
          fix: `Narrow the cidr, or add "${cidr}" to except.`,
        }));
    }),
};

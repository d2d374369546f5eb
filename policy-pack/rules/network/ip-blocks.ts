import { type AddressRange, contains, overlaps, parseCidr, subtractAddresses } from "../../model/addresses";
import { show } from "../../model/fault";
import { list } from "../../model/json";
import type { ClusterFacts, PackConfiguration, Peer } from "../../settings/settings";
import { nsa, owasp } from "../frameworks";
import { isNodeLocalDns, listedPeers, type PlacedPeer, placedPeers } from "../../readers/network";
import type { Finding, Rule } from "../rule";

/** A range that no tenant's policy may reach by address. */
interface ClosedRange {
  cidr: string;
  range: AddressRange;
  /** What lies there. */
  what: string;
  /** How else to say what a peer within the range means. */
  instead: string;
  /** Whether peers in their node's network may be admitted there. */
  nodes?: boolean;
}

function closedRanges({ podCidrs, serviceCidrs, nodeCidrs, metadataCidrs }: ClusterFacts): ClosedRange[] {
  const closed = (cidrs: string[], what: string, instead: string, nodes = false): ClosedRange[] =>
    cidrs.flatMap((cidr) => {
      const range = parseCidr(cidr);
      return range === undefined ? [] : [{ cidr, range, what, instead, nodes }];
    });
  return [
    ...closed(
      podCidrs,
      "the pod network, other tenants' pods included",
      "select the pods by their namespace and labels",
    ),
    ...closed(serviceCidrs, "the service network, the API server included", "select the pods behind the Service"),
    ...closed(
      nodeCidrs,
      "the nodes",
      "list the peer with hostNetwork in the pack's configuration if it runs in its node's network",
      true,
    ),
    ...closed(metadataCidrs, "addresses of metadata services, link-local or loopback", "nothing there is for tenants"),
  ];
}

/** Where nodes have their addresses unless they are on the internet. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"].flatMap(
  (cidr) => parseCidr(cidr) ?? [],
);

/** Whether every port of the rule is one of a listed peer that runs in its node's network. */
function isForHostNetwork(configuration: PackConfiguration, { direction, ports }: PlacedPeer): boolean {
  const admits = ({ hostNetwork, ports: allowed }: Peer): boolean =>
    hostNetwork === true &&
    (allowed === undefined ||
      (ports !== undefined &&
        ports.every(({ port, endPort }) => allowed.some((p) => p === port && (endPort ?? p) === p))));
  return listedPeers(configuration, direction).some(admits);
}

function judge(placed: PlacedPeer, closed: readonly ClosedRange[], configuration: PackConfiguration): Finding[] {
  const { policy, direction, peer, peerPath } = placed;
  const block = peer.ipBlock;
  if (block === undefined) return [];
  const field = `${peerPath}.ipBlock`;
  const range = parseCidr(block.cidr);
  const finding = (message: string, fix: string, at = "cidr"): Finding[] => [
    { object: policy, field: `${field}.${at}`, message, fix },
  ];
  if (range === undefined)
    return finding(
      `is ${show(block.cidr)}, which is no address range that can be judged.`,
      "Write it as address/prefix length, for example 203.0.113.0/24.",
    );
  const holes = list(block.except).map((text) => ({ text, hole: parseCidr(text) }));
  const open = subtractAddresses(
    [range],
    holes.flatMap(({ hole }) => hole ?? []),
  );
  const reached = closed
    .filter(({ range: other }) => open.some((part) => overlaps(part, other)))
    .filter(({ nodes }) => nodes !== true || !isForHostNetwork(configuration, placed));
  const way = `${direction} ${direction === "ingress" ? "from" : "to"}`;
  return [
    ...holes.flatMap(({ text, hole }, index) =>
      hole !== undefined && contains(range, hole) && !contains(hole, range)
        ? []
        : finding(
            `is ${show(text)}, which is not a range strictly inside ${show(block.cidr)}: the API server refuses the policy.`,
            `Remove ${show(text)}, or write a smaller range inside ${show(block.cidr)}.`,
            `except[${index}]`,
          ),
    ),
    ...reached.flatMap(({ cidr, range: other, what, instead }) =>
      finding(
        `is ${show(block.cidr)} and opens ${way} ${cidr}: ${what}.`,
        contains(other, range)
          ? `Remove the peer, all of which lies in ${cidr}; ${instead}.`
          : `Add ${cidr} to except, or narrow the cidr.`,
      ),
    ),
    ...(mayHoldNodes(placed, open, configuration.cluster)
      ? finding(
          `is ${show(block.cidr)}, and cluster.nodeCidrs is not configured: ${direction === "ingress" ? "what comes in from elsewhere may arrive with a node's address, so that the block may admit anybody" : "the nodes, their kubelets and the pods in their network may be among these addresses"}.`,
          "List the ranges of the nodes under cluster.nodeCidrs in the pack's configuration.",
        )
      : []),
  ];
}

/** Whether nodes may have addresses of the block, as far as anybody has said. */
function mayHoldNodes({ direction }: PlacedPeer, open: readonly AddressRange[], cluster: ClusterFacts): boolean {
  if (cluster.nodeCidrs.length > 0) return false;
  if (direction === "ingress") return true;
  // What is listed as outside the cluster holds no nodes.
  const outside = cluster.externalCidrs.flatMap((cidr) => parseCidr(cidr) ?? []);
  const rest = subtractAddresses(open, outside);
  return rest.some((part) => privateRanges.some((range) => overlaps(part, range)));
}

export const rule: Rule = {
  id: "network/ip-blocks",
  title: "Address ranges in a tenant's policies leave out pods, services, nodes, metadata and loopback addresses.",
  severity: "critical",
  scope: "object",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation:
    "Narrow the cidr, or list the range that must stay closed under except; a DNS cache of the nodes is listed under cluster.dns.nodeLocalAddresses in the pack's configuration, and opened on port 53 only.",
  configuredBy: ["cluster"],
  check: (model, configuration) => {
    const blocks = placedPeers(model).filter(
      (placed) => placed.peer.ipBlock !== undefined && !isNodeLocalDns(placed, configuration),
    );
    if (blocks.length === 0) return [];
    const closed = closedRanges(configuration.cluster);
    return blocks.flatMap((placed) => judge(placed, closed, configuration));
  },
};

/** Which pod classes a rule's peers may be. Results are remembered by what the peer says, so equal peers cost once. */
import { type AddressRange, everyAddress, intersectAddresses, parseCidr } from "../../model/addresses";
import { defaultConfiguration } from "../../settings/settings";
import { type Fault, reporter, show } from "../../model/fault";
import type { NamespaceView, PodClass } from "./classes";
import type { AddressRanges } from "./network";
import { type AddressPeer, type CompiledPeer, type CompiledRule, type Direction, isAddressPeer } from "./policies";
import { type CompiledSelector, matchSelector } from "../../model/selectors";

/** Resolves peers to pod classes. */
export interface PeerIndex {
  /** Classes that the peer may be. The same set object for peers that say the same. */
  classesOf(peer: CompiledPeer, rule: CompiledRule, direction: Direction): ReadonlySet<PodClass>;
}

/** The ranges of the cluster as intervals; an unset one is every address. */
export interface ParsedRanges {
  pods: readonly AddressRange[];
  services: readonly AddressRange[];
  nodes: readonly AddressRange[];
  metadata: readonly AddressRange[];
  /** Which of the first three are unset, by their names in the pack's configuration. */
  unset: ReadonlySet<RangeName>;
}

/** Ranges by their names in the pack's configuration. */
export type RangeName = "podCidrs" | "serviceCidrs" | "nodeCidrs";

export function parseRanges(ranges: AddressRanges, faults: Fault[]): ParsedRanges {
  const parse = (name: string, list: readonly string[] | undefined): readonly AddressRange[] => {
    if (list === undefined || list.length === 0) return everyAddress;
    return list.flatMap((text) => {
      const interval = parseCidr(text);
      if (interval === undefined)
        reporter(faults)(
          `Ranges of ${name}:`,
          `${show(text)} is no CIDR`,
          "Write address/prefix length, such as 10.0.0.0/8.",
        );
      return interval ?? [];
    });
  };
  return {
    pods: parse("pods", ranges.pods),
    services: parse("services", ranges.services),
    nodes: parse("nodes", ranges.nodes),
    metadata: parse("metadata", ranges.metadata?.length ? ranges.metadata : defaultConfiguration.cluster.metadataCidrs),
    unset: new Set(
      (["pods", "services", "nodes"] as const)
        .filter((name) => (ranges[name] ?? []).length === 0)
        .map((name) => `${name.slice(0, -1) as "pod" | "service" | "node"}Cidrs` as const),
    ),
  };
}

export function createPeerIndex(namespaces: ReadonlyMap<string, NamespaceView>, ranges: ParsedRanges): PeerIndex {
  const all = [...namespaces.values()];
  const byLabel = indexByLabel(all);
  const unlisted = all.filter((namespace) => namespace.source.unlisted === true);
  const namespaceResults = new Map<string, NamespaceView[]>();
  const results = new Map<string, ReadonlySet<PodClass>>();

  const remember = (key: string, compute: () => Iterable<PodClass>): ReadonlySet<PodClass> => {
    let result = results.get(key);
    if (result === undefined) results.set(key, (result = new Set(compute())));
    return result;
  };

  function namespacesOf(selector: CompiledSelector): NamespaceView[] {
    let result = namespaceResults.get(selector.key);
    if (result === undefined) {
      result = candidates(selector).filter((namespace) => matchSelector(selector, namespace.labels) !== "never");
      namespaceResults.set(selector.key, result);
    }
    return result;
  }

  /** A requirement for one of some values narrows the search to the namespaces that have them. */
  function candidates(selector: CompiledSelector): NamespaceView[] {
    const narrow = selector.requirements.find((requirement) => requirement.operator === "In");
    if (narrow === undefined) return all;
    return [...[...narrow.values].flatMap((value) => byLabel.get(`${narrow.key}=${value}`) ?? []), ...unlisted];
  }

  function matchingPods(namespace: NamespaceView, selector: CompiledSelector | undefined): PodClass[] {
    if (selector === undefined) return namespace.classes;
    return namespace.classes.filter((podClass) => matchSelector(selector, podClass.labels) !== "never");
  }

  return {
    classesOf(peer, rule, direction) {
      if (isAddressPeer(peer)) {
        return remember(`${direction} ${peer.text}`, () =>
          all.flatMap((n) => n.classes.filter((podClass) => addressesMayMatch(peer, podClass, direction, ranges))),
        );
      }
      const { namespaceSelector, podSelector } = peer;
      if (namespaceSelector === undefined) {
        const own = namespaces.get(rule.namespace);
        return remember(`in ${rule.namespace} ${podSelector?.key}`, () =>
          own === undefined ? [] : matchingPods(own, podSelector),
        );
      }
      return remember(`by ${namespaceSelector.key} ${podSelector?.key}`, () =>
        namespacesOf(namespaceSelector).flatMap((namespace) => matchingPods(namespace, podSelector)),
      );
    },
  };
}

/**
 * Whether an ipBlock may match a pod. The API leaves to the network plugin whether it compares addresses before or
 * after a Service's translation, so a pod without fixed address may be seen at any pod address, as destination also
 * at a Service's, and as source also at a node's.
 */
function addressesMayMatch(peer: AddressPeer, podClass: PodClass, direction: Direction, ranges: ParsedRanges): boolean {
  return rangesOf(podClass, direction, ranges).some(({ addresses }) => meet(peer, addresses));
}

/**
 * The range of the cluster in which alone the ipBlocks match the pod; undefined where they match in several, in none, or
 * where a peer selects pods.
 */
export function soleRange(
  peers: readonly CompiledPeer[],
  podClass: PodClass,
  direction: Direction,
  ranges: ParsedRanges,
): RangeName | undefined {
  if (!peers.every(isAddressPeer)) return undefined;
  const matching = rangesOf(podClass, direction, ranges).filter(({ addresses }) =>
    peers.some((p) => meet(p, addresses)),
  );
  return matching.length === 1 ? matching[0]?.name : undefined;
}

/** Where a pod may be seen, with the name of the range. */
function rangesOf(
  podClass: PodClass,
  direction: Direction,
  ranges: ParsedRanges,
): { name?: RangeName; addresses: readonly AddressRange[] }[] {
  if (podClass.addresses !== undefined) return [{ addresses: podClass.addresses }];
  return [
    { name: "podCidrs", addresses: ranges.pods },
    direction === "egress"
      ? { name: "serviceCidrs", addresses: ranges.services }
      : { name: "nodeCidrs", addresses: ranges.nodes },
  ];
}

function meet(peer: AddressPeer, addresses: readonly AddressRange[]): boolean {
  return intersectAddresses(peer.addresses, addresses).length > 0;
}

function indexByLabel(namespaces: readonly NamespaceView[]): Map<string, NamespaceView[]> {
  const index = new Map<string, NamespaceView[]>();
  for (const namespace of namespaces) {
    if (namespace.source.unlisted === true) continue;
    for (const [key, value] of Object.entries(namespace.labels.labels)) {
      const entry = index.get(`${key}=${value}`);
      if (entry === undefined) index.set(`${key}=${value}`, [namespace]);
      else entry.push(namespace);
    }
  }
  return index;
}

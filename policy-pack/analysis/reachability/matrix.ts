/** Questions asked pod by pod and port by port: the expected results of a traffic test, and a table for a report. */
import { type Protocol, protocols } from "./network";
import { type Endpoint, type Network, type Verdict, canReach } from "./reachability";

/** What to ask. */
export interface MatrixSelection {
  /** Sources. Default: every pod. */
  from?: readonly Endpoint[];
  /** Destinations. Default: every pod. */
  to?: readonly Endpoint[];
  /** Ports. Default: the declared ports of each destination; a range then has none. */
  ports?: readonly { protocol: Protocol; port: number }[];
}

/** One question with its answer. */
export interface MatrixRow extends Verdict {
  from: Endpoint;
  to: Endpoint;
  protocol: Protocol;
  port: number;
}

/**
 * Answers for every combination, one at a time: the number of combinations is the product of the three lists. Pairs
 * of a pod with itself are left out.
 */
export function* matrix(network: Network, selection: MatrixSelection = {}): Generator<MatrixRow> {
  const everyPod = network.classes.flatMap((podClass) => podClass.pods.map((pod) => pod.id));
  for (const from of selection.from ?? everyPod) {
    for (const to of selection.to ?? everyPod) {
      if (from === to) continue;
      for (const { protocol, port } of selection.ports ?? declaredPorts(network, to))
        yield { from, to, protocol, port, ...canReach(network, from, to, port, protocol) };
    }
  }
}

/** The ports that a destination declares, each once, by protocol and number. */
function declaredPorts(network: Network, to: Endpoint): { protocol: Protocol; port: number }[] {
  if (typeof to !== "string") return [];
  const { ports } = network.classOf(to).pod;
  return protocols.flatMap((protocol) => {
    const numbers = ports.filter((port) => (port.protocol ?? "TCP") === protocol).map(({ port }) => port);
    return [...new Set(numbers)].sort((a, b) => a - b).map((port) => ({ protocol, port }));
  });
}

/**
 * Replicas on nodes: a replica is whole on one node, so what is left over on several nodes does not add up.
 */

/** Amounts of what replicas take and nodes have. */
export interface Amounts {
  cpuMillis: number;
  memoryBytes: number;
  /** GPUs or slices. */
  gpus: number;
}

/** Replicas of one size. */
export interface ReplicaGroup {
  /** What one replica takes. */
  replica: Amounts;
  replicas: number;
}

const RESOURCES = ["cpuMillis", "memoryBytes", "gpus"] as const;

/**
 * The most replicas of one size on one node.
 *
 * @param room What pods can use on the node; Infinity where it is not known.
 * @returns A whole number, or Infinity where nothing that is known bounds it.
 */
export function replicasPerNode(replica: Amounts, room: Amounts): number {
  const fitting = RESOURCES.filter((name) => replica[name] > 0).map((name) => room[name] / replica[name]);
  return Math.floor(Math.min(...fitting));
}

/**
 * Nodes that are enough for all replicas at once, by best-fit decreasing: the larger replicas first, each on the fullest
 * node that has room. The scheduler may place worse while replicas come and go, but a placement with that many nodes
 * exists. For replicas of one size the number is the smallest possible.
 *
 * @param groups Replicas by size; those that take nothing of what is known need no such node.
 * @param room What pods can use on one node; Infinity where it is not known.
 * @param most Nodes that there can be: the search ends above it. Default: no bound.
 * @returns Number of nodes, `most + 1` when they are more; Infinity when a replica is larger than a node.
 */
export function nodesEnough(groups: readonly ReplicaGroup[], room: Amounts, most = Infinity): number {
  const shareOf = (amounts: Amounts) => RESOURCES.map((name) => amounts[name] / room[name]).filter(Number.isFinite);
  if (groups.some(({ replica, replicas }) => replicas > 0 && replicasPerNode(replica, room) < 1)) return Infinity;
  const placed = groups
    .map(({ replica, replicas }) => ({ replica, replicas, share: Math.max(0, ...shareOf(replica)) }))
    .filter(({ replicas, share }) => replicas > 0 && share > 0)
    .sort((a, b) => b.share - a.share);
  const nodes: Amounts[] = [];
  for (const { replica, replicas } of placed) {
    for (let number = 0; number < replicas; number += 1) {
      const fullest = nodes
        .filter((left) => RESOURCES.every((name) => replica[name] <= left[name]))
        .reduce<Amounts | undefined>((best, left) => (best && restOf(best) <= restOf(left) ? best : left), undefined);
      const node = fullest ?? { ...room };
      if (fullest === undefined) nodes.push(node);
      if (nodes.length > most) return nodes.length;
      for (const name of RESOURCES) node[name] -= replica[name];
    }
  }
  return nodes.length;

  /** What is left of a node, as the sum of its shares. */
  function restOf(left: Amounts): number {
    return shareOf(left).reduce((sum, share) => sum + share, 0);
  }
}

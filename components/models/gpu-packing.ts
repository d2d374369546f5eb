/**
 * Replicas on nodes: a replica's GPUs are on one node, so GPUs that are left over on several nodes do not add up.
 */

/** Replicas of one size. */
export interface ReplicaGroup {
  /** GPUs or slices of one replica. */
  gpus: number;
  replicas: number;
}

/**
 * Nodes that are enough for all replicas at once, by best-fit decreasing: the larger replicas first, each on the fullest
 * node that has room. The scheduler may place worse while replicas come and go, but a placement with that many nodes
 * exists. For replicas of one size the number is the smallest possible.
 *
 * @param groups Replicas by size; those without GPUs need no such node.
 * @param gpusPerNode GPUs or slices of one node, at least 1.
 * @returns Number of nodes; Infinity when a replica is larger than a node.
 */
export function nodesEnough(groups: ReplicaGroup[], gpusPerNode: number): number {
  const sizes = groups
    .filter(({ gpus, replicas }) => gpus > 0 && replicas > 0)
    .flatMap(({ gpus, replicas }) => Array.from({ length: replicas }, () => gpus))
    .sort((a, b) => b - a);
  if ((sizes[0] ?? 0) > gpusPerNode) return Infinity;
  // Nodes by the room that they have left: which of equal ones takes a replica makes no difference.
  const nodesWithRoom = new Array<number>(gpusPerNode + 1).fill(0);
  let nodes = 0;
  for (const size of sizes) {
    let room = nodesWithRoom.findIndex((count, left) => left >= size && count > 0);
    if (room < 0) {
      nodes += 1;
      room = gpusPerNode;
    } else {
      nodesWithRoom[room] = (nodesWithRoom[room] ?? 0) - 1;
    }
    const left = room - size;
    nodesWithRoom[left] = (nodesWithRoom[left] ?? 0) + 1;
  }
  return nodes;
}

/**
 * The most replicas of one size that a pool holds.
 *
 * @param gpus GPUs of one replica, at least 1.
 * @param pool GPUs of one node, and of the whole pool: nodes come whole, so a rest that is no node is of no use.
 */
export function mostReplicas(gpus: number, pool: { countPerNode: number; gpus: number }): number {
  return Math.floor(pool.gpus / pool.countPerNode) * Math.floor(pool.countPerNode / gpus);
}

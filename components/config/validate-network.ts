import type { ClusterSpec } from "../spec/cluster";
import { clusterRanges } from "../spec/cluster-ranges";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import type { Path } from "../spec/path";
import { faultOfPeerNamespace, type PodPeer } from "../spec/peer";

/** Checks the cluster's ranges and peers. */
export function validateNetwork({ spec: { cluster = {} } }: Declared, report: Report): void {
  clusterRanges(cluster, report);
  validateClusterPeers(cluster, report);
}

/** Peers of the cluster may live anywhere but in tenants' namespaces, where tenants could start pods with the same labels. */
function validateClusterPeers(cluster: Draft<ClusterSpec>, report: Report): void {
  const peers: { peer: Draft<PodPeer> | undefined; path: Path }[] = [
    { peer: cluster.dns, path: ["cluster", "dns"] },
    ...(["ingressControllers", "monitoring"] as const).flatMap((key) =>
      present(cluster[key]).map(({ item, index }) => ({ peer: item, path: ["cluster", key, index] })),
    ),
  ];
  for (const { peer, path } of peers) {
    const fault = peer?.namespace === undefined ? undefined : faultOfPeerNamespace(peer.namespace);
    if (fault !== undefined) report({ path: [...path, "namespace"], value: peer?.namespace, ...fault });
  }
}

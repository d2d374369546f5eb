import { parseCidr, type Cidr } from "./cidr";
import type { ClusterSpec } from "./cluster";
import { type Draft, present } from "./draft";
import type { Report } from "./fault";
import { readText } from "./read";

/** Ranges that stay closed, and what they are, in words that follow "it lies in". */
export interface ClosedRange {
  range: Cidr;
  what: string;
}

const DEFAULT_RANGES = { podCidrs: ["10.244.0.0/16"], serviceCidrs: ["10.96.0.0/16"], nodeCidrs: [] as string[] };

const NETWORKS = {
  podCidrs: "the cluster's pod network",
  serviceCidrs: "the cluster's service network",
  nodeCidrs: "the cluster's node network",
};

/**
 * Ranges of a cluster, with the defaults for those that the declaration leaves out.
 *
 * @param report Is told what is wrong with those that are malformed; they are left out.
 */
export function clusterRanges(cluster: Draft<ClusterSpec>, report: Report = () => undefined): ClosedRange[] {
  return (["podCidrs", "serviceCidrs", "nodeCidrs"] as const).flatMap((key) =>
    present(cluster[key] ?? DEFAULT_RANGES[key]).flatMap(({ item, index }) => {
      const range = readText(parseCidr, item, ["cluster", key, index], report);
      return range === undefined ? [] : [{ range, what: NETWORKS[key] }];
    }),
  );
}

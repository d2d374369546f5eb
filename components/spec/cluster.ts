import { isIP } from "node:net";
import type { CidrRange, IpFamily, ObjectName } from "./forms";
import { contains, parseCidr, type Cidr } from "./cidr";
import { present, type Draft } from "./draft";
import type { Report } from "./fault";
import { checkGuard, resolveGuard, type GuardSpec } from "./guard";
import { checkMonitor, resolveMonitor, type Monitor, type MonitorSpec } from "./monitor";
import type { Path } from "./path";
import { checkSharedLimits, resolveSharedLimits, type SharedLimits, type SharedLimitsSpec } from "./shared-limits";
import { addressRange, checkDns, resolveDns, type Dns, type DnsSpec } from "./dns";
import { refuseTenantNamespace, type ClusterPeer } from "./peer";
import { readText } from "./read";
import { checkIssuer, resolveIssuer, type ServiceAccountIssuerSpec, type TokenIssuer } from "./token-issuer";

/** Facts of the cluster. Each default fits a cluster made by kubeadm or the local cluster. */
export interface ClusterSpec {
  /**
   * Pods that answer DNS. Default: pods labelled `k8s-app: kube-dns` in `kube-system`.
   * @default { "namespace": "kube-system", "podLabels": { "k8s-app": "kube-dns" } }
   */
  dns?: DnsSpec;
  /**
   * Pods that may open connections to tenants' servers from outside: the ingress or gateway controller. With `ingress`,
   * only to servers of tenants with hosts. Default: none.
   * @default []
   * @examples [[{ "namespace": "ingress-nginx", "podLabels": { "app.kubernetes.io/name": "ingress-nginx" } }]]
   */
  ingressControllers?: ClusterPeer[];
  /**
   * Pods that may scrape metrics. Default: none.
   * @default [] @examples [[{ "namespace": "monitoring", "podLabels": { "app.kubernetes.io/name": "prometheus" } }]]
   */
  monitoring?: ClusterPeer[];
  /**
   * Pod network ranges in CIDR notation, excluded from every egress rule. Default: `10.244.0.0/16`.
   * @minItems 1 @uniqueItems @default ["10.244.0.0/16"] @examples [["10.244.0.0/16"]]
   */
  podCidrs?: CidrRange[];
  /**
   * Service network ranges in CIDR notation, excluded from every egress rule. Default: `10.96.0.0/12`.
   * @minItems 1 @uniqueItems @default ["10.96.0.0/12"] @examples [["10.96.0.0/12"]]
   */
  serviceCidrs?: CidrRange[];
  /**
   * Node network ranges in CIDR notation, excluded from every egress rule. Default: none.
   * @uniqueItems @default [] @examples [["10.0.0.0/20"]]
   */
  nodeCidrs?: CidrRange[];
  /**
   * Address families of the cluster's network, `IPv4` and `IPv6`; one that is not listed has no addresses of the
   * cluster. Default: not said, so that destinations by IPv6 are refused unless the IPv6 ranges are given.
   * @minItems 1 @uniqueItems @examples [["IPv4"]]
   */
  ipFamilies?: IpFamily[];
  /**
   * Kubernetes minor version whose Pod Security Standards are enforced, for example `v1.34`. Default: `v1.34`.
   * @pattern ^v1\.(2[5-9]|[3-9][0-9])$
   * @patternErrorMessage a Kubernetes minor version from `v1.25`, for example `v1.34`
   * @default "v1.34" @examples ["v1.34"]
   */
  podSecurityVersion?: string;
  /**
   * RuntimeClass for tenants at isolation level `sandboxed`, for example `gvisor`. No default: such tenants need it.
   * @maxLength 63
   * @patternErrorMessage the name of a RuntimeClass: lower-case letters, digits, `-` and `.`
   * @examples ["gvisor"]
   */
  sandboxRuntimeClass?: ObjectName;
  /** Who issues the cluster's ServiceAccount tokens. No default: clients that call with such tokens need it. */
  serviceAccountIssuer?: ServiceAccountIssuerSpec;
  /** Admission policies that hold in the cluster what the policy pack proves before a deployment. Default: none, which the pack reports. */
  guard?: GuardSpec;
  /** Tells when the running platform stops being what is declared. Default: none. */
  monitor?: MonitorSpec;
  /**
   * Counts that all replicas of a tenant's server share. Default: none, and each replica counts for itself: a client
   * can get up to the number of replicas times its limit.
   */
  sharedLimits?: SharedLimitsSpec;
}

/** Facts of the cluster, with every default filled in. */
export interface Cluster {
  dns: Dns;
  ingressControllers: ClusterPeer[];
  monitoring: ClusterPeer[];
  /** Node ranges, from which pods in their node's network come. */
  nodeRanges: Cidr[];
  /** Pod, service and node ranges: what no egress rule may open. */
  internalRanges: Cidr[];
  podSecurityVersion: string;
  sandboxRuntimeClass?: string;
  /** Issuer of ServiceAccount tokens; absent when no client calls with them. */
  serviceAccountIssuer?: TokenIssuer;
  /** The admission guard; absent when there is none. */
  guard?: Required<GuardSpec>;
  /** The monitor; absent when there is none. */
  monitor?: Monitor;
  /** Counts over all replicas; absent when each counts for itself. */
  sharedLimits?: SharedLimits;
}

const DEFAULTS = {
  dns: { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" } },
  podCidrs: ["10.244.0.0/16"],
  serviceCidrs: ["10.96.0.0/12"],
  nodeCidrs: [] as string[],
  podSecurityVersion: "v1.34",
};

/** Lists of ranges, each with what is in them. */
const RANGES = {
  podCidrs: "the cluster's pod network",
  serviceCidrs: "the cluster's service network",
  nodeCidrs: "the cluster's node network",
} as const;
const RANGE_LISTS = Object.keys(RANGES) as (keyof typeof RANGES)[];

/** Checks the cluster's ranges, peers and issuer. */
export function checkCluster(cluster: Draft<ClusterSpec> = {}, report: Report): void {
  for (const key of RANGE_LISTS) {
    for (const { item, index } of present(cluster[key])) {
      readText(parseCidr, item, ["cluster", key, index], report);
    }
  }
  const peers: { peer: { namespace?: string; hostNetwork?: boolean } | undefined; path: Path }[] = [
    { peer: cluster.dns, path: ["cluster", "dns"] },
    ...(["ingressControllers", "monitoring"] as const).flatMap((key) =>
      present(cluster[key]).map(({ item, index }) => ({ peer: item, path: ["cluster", key, index] })),
    ),
  ];
  for (const { peer = {}, path } of peers) {
    refuseTenantNamespace(peer, path, report);
    if (peer.hostNetwork === true) checkHostNetwork(cluster, [...path, "hostNetwork"], report);
  }
  checkDns(cluster.dns ?? {}, ["cluster", "dns"], report);
  checkCaches(cluster, report);
  checkFamilies(cluster, report);
  checkIssuer(cluster.serviceAccountIssuer, report);
  checkGuard(cluster.guard, report);
  checkMonitor(cluster.monitor, report);
  checkSharedLimits(cluster.sharedLimits, report);
}

/** Pods in their node's network come from its address: the nodes' ranges are known, and hold no other pods. */
function checkHostNetwork(cluster: Draft<ClusterSpec>, path: Path, report: Report): void {
  const rangesOf = (key: keyof typeof RANGES) => clusterRanges(cluster, [key]);
  const nodes = rangesOf("nodeCidrs");
  if (nodes.length === 0) {
    report({
      path,
      value: true,
      restsOn: [["cluster", "nodeCidrs"]],
      problem: "needs the addresses of the nodes, which such pods come from",
      allowed: "`hostNetwork: true` with `nodeCidrs`",
      fix: "add `nodeCidrs` under `cluster`, or run the controller in the pod network",
    });
  }
  const shared = rangesOf("podCidrs").find(({ range: pods }) =>
    nodes.some(({ range }) => contains(range, pods) || contains(pods, range)),
  );
  if (shared === undefined) return;
  report({
    path,
    value: true,
    restsOn: [
      ["cluster", "nodeCidrs"],
      ["cluster", "podCidrs"],
    ],
    problem: `would let in every pod: the pods' range ${shared.range.text} and the nodes' are one`,
    allowed: "node ranges that hold no pods",
    fix: "write narrower `nodeCidrs`, or run the controller in the pod network",
  });
}

/** A cache on the nodes has no address of a pod: that would open the port of whichever pod gets it, a tenant's too. */
function checkCaches(cluster: Draft<ClusterSpec>, report: Report): void {
  const pods = clusterRanges(cluster, ["podCidrs"]);
  for (const { item: address, index } of present(cluster.dns?.nodeLocalAddresses)) {
    if (isIP(address) === 0 || address.includes("%")) continue;
    const own = parseCidr(addressRange(address));
    const around = pods.find(({ range }) => contains(range, own));
    if (around === undefined) continue;
    report({
      path: ["cluster", "dns", "nodeLocalAddresses", index],
      value: address,
      restsOn: [["cluster", "podCidrs"]],
      problem: `lies in the pods' range ${around.range.text}, so that it may be the address of any tenant's pod`,
      allowed: "the address of the DNS cache, for example `169.254.20.10`",
      fix: "write the address that the cache listens on; pods that answer DNS are named by `namespace` and `podLabels`",
    });
  }
}

/** What is said of address families, against the ranges that are given. */
function checkFamilies(cluster: Draft<ClusterSpec>, report: Report): void {
  const families = present(cluster.ipFamilies).map(({ item }) => item);
  if (cluster.ipFamilies === undefined || families.length === 0) return;
  for (const key of RANGE_LISTS) {
    const ranges = clusterRanges(cluster, [key]);
    const restsOn: Path[] = [
      ["cluster", "ipFamilies"],
      ["cluster", key],
    ];
    for (const { range } of ranges.filter(({ range: { family } }) => !families.includes(FAMILY_NAMES[family]))) {
      report({
        path: ["cluster", key],
        restsOn: restsOn.slice(0, 1),
        problem: `has ${range.text}, and \`ipFamilies\` says that the cluster has no ${FAMILY_NAMES[range.family]}`,
        allowed: "ranges of the families that are listed",
        fix: `add ${FAMILY_NAMES[range.family]} to \`ipFamilies\`, or correct the ranges`,
      });
    }
    const missing = families.filter((family) => !ranges.some(({ range }) => FAMILY_NAMES[range.family] === family));
    for (const family of key === "nodeCidrs" ? [] : missing) {
      report({
        path: ["cluster", key],
        restsOn: restsOn.slice(0, 1),
        problem: `has no ${family} range, and \`ipFamilies\` lists ${family}`,
        allowed: "a range of each family that is listed",
        fix: `add the ${family} range, or remove ${family} from \`ipFamilies\``,
      });
    }
  }
}

const FAMILY_NAMES = { 4: "IPv4", 6: "IPv6" } as const;

/**
 * Lists of the cluster that say nothing of an address family, so that it is not known what a destination of it opens.
 *
 * @returns Keys below `cluster`; none when the family is said not to be the cluster's.
 */
export function unknownRanges(cluster: Draft<ClusterSpec>, family: 4 | 6): string[] {
  const families = cluster.ipFamilies;
  if (families !== undefined && !families.includes(FAMILY_NAMES[family])) return [];
  // Nodes of IPv4 have been optional always: the policy pack asks for them where a destination may hold some.
  return RANGE_LISTS.filter((key) => family === 6 || key !== "nodeCidrs").filter((key) => {
    const ranges = clusterRanges(cluster, [key]);
    // A list with an item that cannot be read is reported itself.
    const isWhole = ranges.length === present(cluster[key] ?? DEFAULTS[key]).length;
    return isWhole && !ranges.some(({ range }) => range.family === family);
  });
}

/** A range of the cluster, and what is in it. */
export interface ClusterRange {
  range: Cidr;
  what: string;
}

/** Ranges of a cluster, with the defaults for those that the declaration leaves out; what cannot be read is left out. */
export function clusterRanges(
  cluster: Draft<ClusterSpec> = {},
  lists: readonly (keyof typeof RANGES)[] = RANGE_LISTS,
): ClusterRange[] {
  return lists.flatMap((key) =>
    present(cluster[key] ?? DEFAULTS[key]).flatMap(({ item, index }) => {
      const range = readText(parseCidr, item, ["cluster", key, index], () => undefined);
      return range === undefined ? [] : [{ range, what: RANGES[key] }];
    }),
  );
}

/** Fills in the defaults. */
export function resolveCluster(spec: ClusterSpec = {}): Cluster {
  return {
    dns: resolveDns(spec.dns ?? DEFAULTS.dns),
    ingressControllers: spec.ingressControllers ?? [],
    monitoring: spec.monitoring ?? [],
    nodeRanges: clusterRanges(spec, ["nodeCidrs"]).map(({ range }) => range),
    internalRanges: clusterRanges(spec).map(({ range }) => range),
    podSecurityVersion: spec.podSecurityVersion ?? DEFAULTS.podSecurityVersion,
    sandboxRuntimeClass: spec.sandboxRuntimeClass,
    ...(spec.serviceAccountIssuer && { serviceAccountIssuer: resolveIssuer(spec.serviceAccountIssuer) }),
    ...(spec.guard && { guard: resolveGuard(spec.guard) }),
    ...(spec.monitor && { monitor: resolveMonitor(spec.monitor) }),
    ...(spec.sharedLimits && { sharedLimits: resolveSharedLimits(spec.sharedLimits) }),
  };
}

import { parseCidr, type Cidr } from "./cidr";
import { present, type Draft } from "./draft";
import type { Report } from "./fault";
import { checkGuard, resolveGuard, type GuardSpec } from "./guard";
import { checkMonitor, resolveMonitor, type Monitor, type MonitorSpec } from "./monitor";
import type { Path } from "./path";
import { refuseTenantNamespace, type PodPeer } from "./peer";
import { readText } from "./read";
import { checkIssuer, resolveIssuer, type ServiceAccountIssuerSpec, type TokenIssuer } from "./token-issuer";

/** Facts of the cluster. Each default fits a cluster made by kubeadm or the local cluster. */
export interface ClusterSpec {
  /** Pods that answer DNS. Default: pods labelled `k8s-app: kube-dns` in `kube-system`. */
  dns?: PodPeer;
  /** Pods that may open connections to tenants' servers from outside: the ingress or gateway controller. With `ingress`, only to servers of tenants with hosts. Default: none. */
  ingressControllers?: PodPeer[];
  /** Pods that may scrape metrics. Default: none. */
  monitoring?: PodPeer[];
  /** Pod network ranges in CIDR notation, excluded from every egress rule. Default: `10.244.0.0/16`. */
  podCidrs?: string[];
  /** Service network ranges in CIDR notation, excluded from every egress rule. Default: `10.96.0.0/12`. */
  serviceCidrs?: string[];
  /** Node network ranges in CIDR notation, excluded from every egress rule. Default: none. */
  nodeCidrs?: string[];
  /** Kubernetes minor version whose Pod Security Standards are enforced, for example `v1.34`. Default: `v1.34`. */
  podSecurityVersion?: string;
  /** RuntimeClass for tenants at isolation level `sandboxed`, for example `gvisor`. No default: such tenants need it. */
  sandboxRuntimeClass?: string;
  /** Who issues the cluster's ServiceAccount tokens. No default: clients that call with such tokens need it. */
  serviceAccountIssuer?: ServiceAccountIssuerSpec;
  /** Admission policies that hold in the cluster what the policy pack proves before a deployment. Default: none, which the pack reports. */
  guard?: GuardSpec;
  /** Tells when the running platform stops being what is declared. Default: none. */
  monitor?: MonitorSpec;
}

/** Facts of the cluster, with every default filled in. */
export interface Cluster {
  dns: PodPeer;
  ingressControllers: PodPeer[];
  monitoring: PodPeer[];
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
  const peers: { peer: Draft<PodPeer> | undefined; path: Path }[] = [
    { peer: cluster.dns, path: ["cluster", "dns"] },
    ...(["ingressControllers", "monitoring"] as const).flatMap((key) =>
      present(cluster[key]).map(({ item, index }) => ({ peer: item, path: ["cluster", key, index] })),
    ),
  ];
  for (const { peer = {}, path } of peers) refuseTenantNamespace(peer, path, report);
  checkIssuer(cluster.serviceAccountIssuer, report);
  checkGuard(cluster.guard, report);
  checkMonitor(cluster.monitor, report);
}

/** A range of the cluster, and what is in it. */
export interface ClusterRange {
  range: Cidr;
  what: string;
}

/** Ranges of a cluster, with the defaults for those that the declaration leaves out; what cannot be read is left out. */
export function clusterRanges(cluster: Draft<ClusterSpec> = {}): ClusterRange[] {
  return RANGE_LISTS.flatMap((key) =>
    present(cluster[key] ?? DEFAULTS[key]).flatMap(({ item, index }) => {
      const range = readText(parseCidr, item, ["cluster", key, index], () => undefined);
      return range === undefined ? [] : [{ range, what: RANGES[key] }];
    }),
  );
}

/** Fills in the defaults. */
export function resolveCluster(spec: ClusterSpec = {}): Cluster {
  return {
    dns: spec.dns ?? DEFAULTS.dns,
    ingressControllers: spec.ingressControllers ?? [],
    monitoring: spec.monitoring ?? [],
    internalRanges: clusterRanges(spec).map(({ range }) => range),
    podSecurityVersion: spec.podSecurityVersion ?? DEFAULTS.podSecurityVersion,
    sandboxRuntimeClass: spec.sandboxRuntimeClass,
    ...(spec.serviceAccountIssuer && { serviceAccountIssuer: resolveIssuer(spec.serviceAccountIssuer) }),
    ...(spec.guard && { guard: resolveGuard(spec.guard) }),
    ...(spec.monitor && { monitor: resolveMonitor(spec.monitor) }),
  };
}

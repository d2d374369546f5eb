import { contains, parseCidr, type Cidr } from "../spec/cidr";
import { PLATFORM_NAMESPACE, tenantNamespace } from "../spec/names";
import { CLOSED_RANGES } from "../plan/resolve/network";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import type { Path } from "../spec/path";
import { readText } from "../spec/read";
import type { ClusterSpec, PodPeer } from "../spec/index";

/** Namespaces of Kubernetes and of the platform: pods there act for the whole cluster. */
const systemNamespaces = ["kube-system", "kube-public", "kube-node-lease", PLATFORM_NAMESPACE];

const tenantNamespacePrefix = tenantNamespace("");

/** Checks the cluster's ranges and peers, and every exception that a tenant makes to the default-deny policies. */
export function validateNetwork({ spec: { cluster = {}, tenants } }: Declared, report: Report): void {
  const closed = [
    ...CLOSED_RANGES.map((range) => ({ range, what: `${range.text}, link-local, loopback or metadata addresses` })),
    ...clusterRanges(cluster, report),
  ];
  validateClusterPeers(cluster, report);
  for (const {
    item: { network },
    index: tenant,
  } of present(tenants)) {
    for (const { item, index } of present(network?.ingressFrom)) {
      validateTenantPeer(item, ["tenants", tenant, "network", "ingressFrom", index, "namespace"], report);
    }
    for (const { item, index } of present(network?.egressTo)) {
      validateEgress(item.cidr, ["tenants", tenant, "network", "egressTo", index, "cidr"], closed, report);
    }
  }
}

interface ClosedRange {
  range: Cidr;
  what: string;
}

/** Ranges of the cluster, with the defaults for those that the configuration leaves out. */
function clusterRanges(cluster: Draft<ClusterSpec>, report: Report): ClosedRange[] {
  const lists = [
    { key: "podCidrs", what: "the cluster's pod network", texts: cluster.podCidrs ?? ["10.244.0.0/16"] },
    { key: "serviceCidrs", what: "the cluster's service network", texts: cluster.serviceCidrs ?? ["10.96.0.0/16"] },
    { key: "nodeCidrs", what: "the cluster's node network", texts: cluster.nodeCidrs ?? [] },
  ];
  return lists.flatMap(({ key, what, texts }) =>
    present(texts).flatMap(({ item, index }) => {
      const range = readText(parseCidr, item, ["cluster", key, index], report);
      return range === undefined ? [] : [{ range, what }];
    }),
  );
}

function validateEgress(text: string | undefined, path: Path, closed: ClosedRange[], report: Report): void {
  const cidr = readText(parseCidr, text, path, report);
  if (cidr === undefined) return;
  const reason = closed.find(({ range }) => contains(range, cidr));
  if (reason === undefined) return;
  report({
    path,
    value: text,
    problem: `stays closed: it lies in ${reason.what}`,
    allowed: "a range outside the cluster, without link-local and metadata addresses",
    fix: "remove the rule; pods inside the cluster are reached by `ingressFrom` of the tenant that they belong to",
  });
}

/** Peers of the cluster may live anywhere but in tenants' namespaces, where tenants could start pods with the same labels. */
function validateClusterPeers(cluster: Draft<ClusterSpec>, report: Report): void {
  const peers: { peer: Draft<PodPeer> | undefined; path: Path }[] = [
    { peer: cluster.dns, path: ["cluster", "dns"] },
    ...(["ingressControllers", "monitoring"] as const).flatMap((key) =>
      present(cluster[key]).map(({ item, index }) => ({ peer: item, path: ["cluster", key, index] })),
    ),
  ];
  for (const { peer, path } of peers) refuseTenantNamespace(peer?.namespace, [...path, "namespace"], report);
}

function validateTenantPeer(peer: Draft<PodPeer>, path: Path, report: Report): void {
  refuseTenantNamespace(peer.namespace, path, report);
  if (peer.namespace !== undefined && systemNamespaces.includes(peer.namespace)) {
    report({
      path,
      value: peer.namespace,
      problem: "is a namespace of the cluster itself",
      allowed: "a namespace of an application",
      fix: "name the application's namespace; ingress controllers and monitoring are set for all tenants under `cluster`",
    });
  }
}

function refuseTenantNamespace(namespace: string | undefined, path: Path, report: Report): void {
  if (namespace?.startsWith(tenantNamespacePrefix) !== true) return;
  report({
    path,
    value: namespace,
    problem: "is the namespace of a tenant, and tenants do not reach each other",
    allowed: `a namespace that does not begin with \`${tenantNamespacePrefix}\``,
    fix: "name another namespace, or remove the rule",
  });
}

import { contains, parseCidr } from "../spec/cidr";
import { PLATFORM_NAMESPACE } from "../spec/names";
import { CLOSED_RANGES } from "../spec/closed-ranges";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import type { Path } from "../spec/path";
import { readText } from "../spec/read";
import { clusterRanges, type ClusterRange } from "../spec/cluster";
import { refuseTenantNamespace, type PodPeer } from "../spec/peer";

/** Namespaces of Kubernetes and of the platform: pods there act for the whole cluster. */
const systemNamespaces = ["kube-system", "kube-public", "kube-node-lease", PLATFORM_NAMESPACE];

/** Checks every exception that a tenant makes to the default-deny policies. */
export function validateNetwork({ spec: { cluster = {}, tenants } }: Declared, report: Report): void {
  const closed = [
    ...CLOSED_RANGES.map((range) => ({ range, what: `${range.text}, link-local, loopback or metadata addresses` })),
    ...clusterRanges(cluster),
  ];
  for (const {
    item: { network },
    index: tenant,
  } of present(tenants)) {
    for (const { item, index } of present(network?.ingressFrom)) {
      validateTenantPeer(item, ["tenants", tenant, "network", "ingressFrom", index], report);
    }
    for (const { item, index } of present(network?.egressTo)) {
      validateEgress(item.cidr, ["tenants", tenant, "network", "egressTo", index, "cidr"], closed, report);
    }
  }
}

function validateEgress(text: string | undefined, path: Path, closed: ClusterRange[], report: Report): void {
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

function validateTenantPeer(peer: Draft<PodPeer>, path: Path, report: Report): void {
  refuseTenantNamespace(peer, path, report);

  if (peer.namespace !== undefined && systemNamespaces.includes(peer.namespace)) {
    report({
      path: [...path, "namespace"],
      value: peer.namespace,
      problem: "is a namespace of the cluster itself",
      allowed: "a namespace of an application",
      fix: "name the application's namespace; ingress controllers and monitoring are set for all tenants under `cluster`",
    });
  }
}

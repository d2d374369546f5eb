import type { DnsLabel, LabelKey, LabelValue } from "./forms";
import type { Draft } from "./draft";
import type { Report } from "./fault";
import { tenantNamespace } from "./names";
import type { Path } from "./path";

/** Pods in another namespace, named by the namespace and either the pods' labels or all of them. */
export interface PodPeer {
  /**
   * Namespace of the pods.
   * @examples ["ingress-nginx"]
   */
  namespace: DnsLabel;
  /**
   * Labels that the pods carry; at least one. Required without `allPods`.
   * @minProperties 1 @examples [{ "app.kubernetes.io/name": "ingress-nginx" }]
   */
  podLabels?: Record<LabelKey, LabelValue>;
  /**
   * Whether every pod of the namespace is meant, in place of `podLabels`. Default: false.
   * @default false @examples [true]
   */
  allPods?: boolean;
}

/** Pods of the cluster's own programs, named by the namespace and the pods' labels. */
export interface ClusterPeer {
  /**
   * Namespace of the pods.
   * @examples ["ingress-nginx"]
   */
  namespace: DnsLabel;
  /**
   * Labels that the pods carry; at least one.
   * @minProperties 1 @examples [{ "app.kubernetes.io/name": "ingress-nginx" }]
   */
  podLabels: Record<LabelKey, LabelValue>;
  /**
   * Whether they run in their node's network, so that they come from the addresses in `nodeCidrs`. Default: false.
   * @default false @examples [true]
   */
  hostNetwork?: boolean;
}

const TENANT_NAMESPACES = tenantNamespace("");

/** Refuses a peer in a namespace of a tenant, where tenants could start pods with the same labels. */
export function refuseTenantNamespace({ namespace }: { namespace?: string }, path: Path, report: Report): void {
  if (namespace?.startsWith(TENANT_NAMESPACES) !== true) return;
  report({
    path: [...path, "namespace"],
    value: namespace,
    problem: "is the namespace of a tenant, and tenants do not reach each other",
    allowed: `a namespace that does not begin with \`${TENANT_NAMESPACES}\``,
    fix: "name another namespace, or remove the rule",
  });
}

/** Checks that a peer names either its pods' labels or all of its pods. */
export function checkSelection({ podLabels, allPods = false }: Draft<PodPeer>, path: Path, report: Report): void {
  const allowed = "exactly one of `podLabels` and `allPods: true`";
  if (podLabels === undefined && !allPods) {
    report({
      path: [...path, "podLabels"],
      restsOn: [[...path, "allPods"]],
      problem: "is missing, so that it is not known which pods are meant",
      allowed,
      fix: "add the labels of the pods, or `allPods: true` for every pod of the namespace",
    });
  } else if (podLabels !== undefined && allPods) {
    report({
      path: [...path, "allPods"],
      value: allPods,
      restsOn: [[...path, "podLabels"]],
      problem: "stands beside `podLabels`, which means some pods only",
      allowed,
      fix: "remove one of the two",
    });
  }
}

import type { Draft } from "./draft";
import type { Report } from "./fault";
import { tenantNamespace } from "./names";
import type { Path } from "./path";

/** Pods in another namespace, named by both the namespace and the pods' labels. */
export interface PodPeer {
  /** Namespace of the pods. */
  namespace: string;
  /** Labels that the pods carry; at least one. */
  podLabels: Record<string, string>;
}

const TENANT_NAMESPACES = tenantNamespace("");

/** Refuses a peer in a namespace of a tenant, where tenants could start pods with the same labels. */
export function refuseTenantNamespace({ namespace }: Draft<PodPeer>, path: Path, report: Report): void {
  if (namespace?.startsWith(TENANT_NAMESPACES) !== true) return;
  report({
    path: [...path, "namespace"],
    value: namespace,
    problem: "is the namespace of a tenant, and tenants do not reach each other",
    allowed: `a namespace that does not begin with \`${TENANT_NAMESPACES}\``,
    fix: "name another namespace, or remove the rule",
  });
}

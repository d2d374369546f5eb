import { tenantNamespace } from "./names";
import type { Problem } from "./fault";

/** Pods in another namespace, named by both the namespace and the pods' labels. */
export interface PodPeer {
  /** Namespace of the pods. */
  namespace: string;
  /** Labels that the pods carry; at least one. */
  podLabels: Record<string, string>;
}

const TENANT_NAMESPACE_PREFIX = tenantNamespace("");

/**
 * What is wrong with the namespace of pods that may reach tenants or be reached by them; undefined when nothing is.
 * Whoever may start pods in a tenant's namespace can give them the peer's labels.
 */
export function faultOfPeerNamespace(namespace: string): Problem | undefined {
  if (!namespace.startsWith(TENANT_NAMESPACE_PREFIX)) return undefined;
  return {
    problem: "is the namespace of a tenant, and tenants do not reach each other",
    allowed: `a namespace that does not begin with \`${TENANT_NAMESPACE_PREFIX}\``,
    fix: "name another namespace, or remove the peer",
  };
}

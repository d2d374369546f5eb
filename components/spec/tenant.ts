import type { AccessSpec } from "./access";
import type { AutoscalingSpec } from "./autoscaling";
import type { ModelAccessSpec } from "./model-access";
import type { NetworkSpec } from "./network";
import type { QuotaSpec } from "./quota";
import type { TenantSecretSpec } from "./secrets";
import type { ServerSpec } from "./server";
import type { TenantIngressSpec } from "./tenant-ingress";

/** How strongly a tenant's servers are separated from other tenants' on the nodes. */
export const IsolationLevel = {
  /** Namespaced isolation; nodes may be shared with other tenants. */
  shared: "shared",
  /** Servers run only on a node pool that is dedicated to the tenant. */
  dedicatedNodes: "dedicated-nodes",
  /** Dedicated nodes, and every pod runs under a sandboxing RuntimeClass. */
  sandboxed: "sandboxed",
} as const;
export type IsolationLevel = (typeof IsolationLevel)[keyof typeof IsolationLevel];

/** A tenant: one department or team with its own namespace, servers, limits and clients. */
export interface TenantSpec {
  /** Name of the tenant, a DNS label of at most 40 characters; the namespace is `tenant-` followed by it. */
  name: string;
  /** Name for people. Default: the tenant's name. */
  displayName?: string;
  /** How strongly the tenant is separated on the nodes. Default: `shared`. */
  isolationLevel?: IsolationLevel;
  /** Closes the tenant without deleting it: no replicas, no keys, no traffic. Default: false. */
  suspended?: boolean;
  /** Models that the tenant may use. */
  models: ModelAccessSpec;
  /** The tenant's Ollama server. */
  server?: ServerSpec;
  /** Bounds and target of the autoscaler. */
  autoscaling?: AutoscalingSpec;
  /** Upper limits of the namespace. Default: computed from the server and the autoscaler. */
  quota?: QuotaSpec;
  /** Who may look, operate and call. */
  access?: AccessSpec;
  /** Exceptions to the default-deny network policies. */
  network?: NetworkSpec;
  /** Secrets of the tenant's own programs; their values are in the stack's encrypted config. Default: none. */
  secrets?: TenantSecretSpec[];
  /** Hosts of the tenant outside the cluster. Default: none, the server is reached inside the cluster only. */
  ingress?: TenantIngressSpec;
}

/** A right that no tenant may hold. */

/**
 * What the right touches. `secrets`: Secrets. `identity`: who the holder is, or how much it may do. `interior`: pods from
 * within, past the gateway. `workload`: what runs. `fence`: what keeps a tenant in its place.
 */
export type RightKind = "secrets" | "identity" | "interior" | "workload" | "fence";

/** One row of the table: some verbs on one resource. */
export interface Right {
  kind: RightKind;
  /** API group; empty for the core group. */
  group: string;
  /** Plural with its subresource, such as `pods/exec`. `*` is every resource of the group, `x/*` every subresource of `x`. */
  resource: string;
  verbs: readonly string[];
  /** What the resource is to a tenant, as messages name it. */
  name: string;
  /**
   * What the closure follows it to. `pods`: writing pods of one's choice. `inside`: running pods. `everything`: all rights
   * in the cluster, for a reason that `harm` says.
   */
  leadsTo?: "pods" | "inside" | "everything";
  harm?: string;
}

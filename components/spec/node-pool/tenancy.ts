/** Who may use a node pool. */
export const NodePoolTenancy = {
  /** One tenant, named by `tenant`. */
  dedicated: "dedicated",
  /** Every tenant that names the pool; GPUs are handed out whole or as MIG slices. */
  shared: "shared",
} as const;
export type NodePoolTenancy = (typeof NodePoolTenancy)[keyof typeof NodePoolTenancy];

/** Upper limits of a tenant's namespace. Each default is computed from the server, the autoscaler and the models. */
export interface QuotaSpec {
  /** CPU requests and limits as a quantity. */
  cpu?: string;
  /** Memory requests and limits as a quantity. */
  memory?: string;
  /** Ephemeral storage requests and limits as a quantity. */
  ephemeralStorage?: string;
  /** GPUs or MIG slices. */
  gpus?: number;
  /** Storage of all claims together as a quantity. */
  storage?: string;
  /** Number of pods. */
  pods?: number;
}

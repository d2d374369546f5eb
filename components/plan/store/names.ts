/** Names of a store's objects. */
export const STORE_OBJECT = {
  /** Claim on the models, in the loader's namespace and in each tenant's. */
  claim: "models",
  /** ServiceAccount, and beginning of the names of the loader's Jobs and ConfigMaps; a hash of the content follows. */
  loader: "model-loader",
  /** Priority class of a shared store's loader. */
  priorityClass: "ollama-platform-models",
  /** NetworkPolicy that lets the loader reach the registries. */
  allowRegistries: "allow-registries",
} as const;

/** Volume of a shared store as the loader sees it. */
export const STORE_VOLUME = "ollama-platform-models";

/** Volume with a tenant's view of a shared store; cluster-scoped, so the name carries the tenant. */
export const viewVolumeName = (tenant: string): string => `${STORE_VOLUME}-${tenant}`;

/** Folder of a tenant's view inside a shared store. */
export const viewFolder = (tenant: string): string => `/views/${tenant}`;

/** Model access: default deny, and deny wins over allow. */
export interface ModelAccessSpec {
  /** Catalogue models that the tenant may use. */
  allow: string[];
  /** Catalogue models that the tenant may not use even if allowed. Default: none. */
  deny?: string[];
}

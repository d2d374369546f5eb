import type { PlatformSpec } from "./platform";
import type { Draft } from "./draft";
import type { SecretReferences } from "./secrets";

/** A declaration under check. */
export interface Declared {
  /** What is written, without the parts of a wrong type. What is not there is not at fault here. */
  spec: Draft<Omit<PlatformSpec, "secretValues">>;
  /** Whether `tenants` are all of the environment's: a component may declare one tenant, or one node pool, by itself. */
  isWhole: boolean;
  /** Names of the values that tenants' secrets may refer to; absent when they are not known yet. */
  secrets?: SecretReferences;
}

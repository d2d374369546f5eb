import type { EnvironmentSpec } from "../spec/environment";
import type { TenantSpec } from "../spec/tenant";

/** What a stack file says beside the environment itself, whose name is the stack's. */
export interface StackSettings {
  /**
   * Folder of the tenant files, relative to `Pulumi.yaml`. Default: `tenants/` followed by the name of the stack.
   * @minLength 1 @maxLength 500 @pattern ^(?!/)[^\\\p{C}]+$
   * @patternErrorMessage a folder inside the project, written with `/` and relative to `Pulumi.yaml`
   * @examples ["tenants/dev"]
   */
  tenants?: string;
}

type Settings = Omit<EnvironmentSpec, "environment"> & StackSettings;

/** Keys of the program's own configuration in a stack file. */
export type StackConfig = { [Key in keyof Settings as `ollama-platform:${Key}`]: Settings[Key] };

/** A stack file. */
export interface StackFile {
  config: StackConfig;
}

/** A tenant file. */
export interface TenantFile {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: Omit<TenantSpec, "name">;
}

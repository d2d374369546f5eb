import type { EnvironmentSpec } from "../spec/environment";
import type { TenantSpec } from "../spec/tenant";
import type { TenantStacksSpec } from "./tenant-stacks";

/** What a stack file says beside the environment itself, whose name is the stack's. */
export interface StackSettings {
  /**
   * Folder of the tenant files, relative to `Pulumi.yaml`. Default: `tenants/` followed by the name of the stack.
   * @minLength 1 @maxLength 500 @pattern ^(?!/)[^\\\p{C}]+$
   * @patternErrorMessage a folder inside the project, written with `/` and relative to `Pulumi.yaml`
   * @examples ["tenants/dev"]
   */
  tenants?: string;
  /** How tenants are spread over stacks of their own beside the platform's, for environments with many. Default: one stack holds everything. */
  tenantStacks?: TenantStacksSpec;
}

type Settings = Omit<EnvironmentSpec, "environment"> & StackSettings;

/** Keys of the program's own configuration in a stack file. */
export type StackConfig = { [Key in keyof Settings as `ollama-platform:${Key}`]: Settings[Key] };

/** Whether a key says where a declaration is or how it is spread over stacks, which arguments of components do not. */
export const isOfStacksOnly = (key: string): boolean =>
  key === "ollama-platform:tenants" || key === "ollama-platform:tenantStacks";

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

import type {
  ClusterSpec,
  ImagesSpec,
  IngressSpec,
  ModelSpec,
  ModelStoreSpec,
  NodePoolSpec,
  TenantSpec,
} from "../spec/index";
import type { TenantStacksSpec } from "./tenant-stacks";

/** Keys of the program's own configuration in a stack file. */
export interface StackConfig {
  "ollama-platform:cluster": ClusterSpec;
  "ollama-platform:images": ImagesSpec;
  "ollama-platform:nodePools": NodePoolSpec[];
  "ollama-platform:models": ModelSpec[];
  "ollama-platform:modelStore": ModelStoreSpec;
  "ollama-platform:ingress": IngressSpec;
  "ollama-platform:tenantStacks": TenantStacksSpec;
  "ollama-platform:tenants": string;
}

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

import type {
  ClusterSpec,
  ImagesSpec,
  IngressSpec,
  ModelSpec,
  ModelStoreSpec,
  NodePoolSpec,
  TenantSpec,
} from "../spec/index";

/** Keys of the program's own configuration in a stack file. */
export interface StackConfig {
  "ollama-platform:cluster": ClusterSpec;
  "ollama-platform:images": ImagesSpec;
  "ollama-platform:nodePools": NodePoolSpec[];
  "ollama-platform:models": ModelSpec[];
  "ollama-platform:modelStore": ModelStoreSpec;
  "ollama-platform:ingress": IngressSpec;
  "ollama-platform:tenants": string;
}

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

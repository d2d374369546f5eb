export * from "./spec/index";
export { DeclarationError, type LocatedFault } from "./spec/fault";
export { GpuNodePool } from "./gpu-node-pool";
export { ModelStore } from "./model-store";
export { OllamaPlatform } from "./platform";
export { OllamaServer } from "./ollama-server";
export { Tenant } from "./tenant";
export { platformOutputs, type PlatformOutputs } from "./outputs";
export type { NodePoolOutput, PlatformOutput, TenantOutput } from "./plan/output";

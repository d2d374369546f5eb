import type { Input } from "@pulumi/pulumi";
import type { ModelSpec } from "../models/catalogue";
import type { EnvironmentSpec } from "./environment";
import type { NodePoolSpec } from "./node-pool/pool";
import type { TenantSpec } from "./tenant";

/** One environment: the cluster it runs on, its node pools, its model catalogue and its tenants. */
export interface PlatformSpec extends EnvironmentSpec {
  /** Values of tenants' secrets, each under the tenant's name, a dot and the name of the value; secret. Default: none. */
  secretValues?: Record<string, Input<string>>;
  /** Tenants, one per department or team. */
  tenants: TenantSpec[];
}

/** One tenant with everything that it refers to: the arguments of a tenant that is declared by itself. */
export interface TenantArgs extends EnvironmentSpec {
  /** Node pools of the environment: the tenant's own, and those whose GPUs its quota has to forbid. */
  nodePools?: NodePoolSpec[];
  /** Model catalogue: at least the models that the tenant names. */
  models: ModelSpec[];
  /** Values of tenants' secrets, each under the tenant's name, a dot and the name of the value; secret. Default: none. */
  secretValues?: Record<string, Input<string>>;
  /** The tenant. */
  tenant: TenantSpec;
}

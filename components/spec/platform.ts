import type { Input } from "@pulumi/pulumi";
import type { ClusterSpec } from "./cluster";
import type { ImagesSpec } from "./images";
import type { IngressSpec } from "./ingress";
import type { ModelSpec } from "../models/catalogue";
import type { ModelStoreSpec } from "./model-store";
import type { NodePoolSpec } from "./node-pool/pool";
import type { TenantSpec } from "./tenant";

/** One environment: the cluster it runs on, its node pools, its model catalogue and its tenants. */
export interface PlatformSpec {
  /** Name of the environment, for labels and outputs, for example `dev`. */
  environment: string;
  /** Facts of the cluster that the network policies and pods depend on. */
  cluster?: ClusterSpec;
  /** Container images of the platform. */
  images?: ImagesSpec;
  /** GPU and CPU node pools. */
  nodePools?: NodePoolSpec[];
  /** Model catalogue: every model that any tenant may be given. */
  models: ModelSpec[];
  /** Where models are kept and which registries they come from. Default: servers have no models. */
  modelStore?: ModelStoreSpec;
  /** How hosts of tenants are served outside the cluster. Default: servers are reached inside the cluster only. */
  ingress?: IngressSpec;
  /** Values of tenants' secrets, each under the tenant's name, a dot and the name of the value; secret. Default: none. */
  secretValues?: Record<string, Input<string>>;
  /** Tenants, one per department or team. */
  tenants: TenantSpec[];
}

/** One tenant with everything that it refers to: the arguments of a tenant that is declared by itself. */
export interface TenantArgs {
  /** Name of the environment, for labels and outputs, for example `dev`. */
  environment: string;
  /** Facts of the cluster that the network policies and pods depend on. */
  cluster?: ClusterSpec;
  /** Container images of the platform. */
  images?: ImagesSpec;
  /** Node pools of the environment: the tenant's own, and those whose GPUs its quota has to forbid. */
  nodePools?: NodePoolSpec[];
  /** Model catalogue: at least the models that the tenant names. */
  models: ModelSpec[];
  /** Where models are kept and which registries they come from. Default: servers have no models. */
  modelStore?: ModelStoreSpec;
  /** How hosts of tenants are served outside the cluster. Default: servers are reached inside the cluster only. */
  ingress?: IngressSpec;
  /** Values of tenants' secrets, each under the tenant's name, a dot and the name of the value; secret. Default: none. */
  secretValues?: Record<string, Input<string>>;
  /** The tenant. */
  tenant: TenantSpec;
}

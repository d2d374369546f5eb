import type { IsolationLevel, NodePoolBackend, NodePoolTenancy } from "../spec/index";
import type { NodePool } from "../spec/node-pool/pool";
import type { Tenant } from "../spec/tenant";
import { externalUrl } from "./server/ingress";
import { serviceUrl } from "./server/service";

/** Version of `PlatformOutput`. Additions keep it; anything that breaks a reader raises it. */
export const OUTPUT_SCHEMA_VERSION = 1;

/** What a platform tells other stacks. It holds no secret. */
export interface PlatformOutput {
  /** Version of this form, 1. Additions do not change it. */
  schemaVersion: number;
  /** Name of the environment. */
  environment: string;
  /** Tenants by name. */
  tenants: Record<string, TenantOutput>;
  /** Node pools by name. */
  nodePools: Record<string, NodePoolOutput>;
}

/** A tenant as other stacks see it. */
export interface TenantOutput {
  /** Name for people. */
  displayName: string;
  /** Namespace of the tenant. */
  namespace: string;
  /** URL of the tenant's servers inside the cluster, for `OLLAMA_HOST`. */
  url: string;
  /** URL of the tenant's host outside the cluster, the first by name, for `OLLAMA_HOST`; absent without hosts. */
  externalUrl?: string;
  /** Canonical names of the models that the tenant may use, sorted. */
  models: string[];
  /** Names of the clients that have keys, sorted. */
  clients: string[];
  /** Most replicas of the server. Each counts the clients' limits by itself, so a client may reach so many times its limit. */
  maxReplicas: number;
  /** Audience of the ServiceAccount tokens that the servers accept; absent when no client calls with tokens. */
  tokenAudience?: string;
  /** How strongly the tenant is separated on the nodes. */
  isolationLevel: IsolationLevel;
  /** Whether the tenant is closed. */
  suspended: boolean;
  /** Node pool that the servers run on; absent for nodes without a pool. */
  nodePool?: string;
}

/** A node pool as other stacks see it. */
export interface NodePoolOutput {
  /** Controller that provides the nodes. */
  backend: NodePoolBackend;
  /** Who may use the pool. */
  tenancy: NodePoolTenancy;
  /** Owner of a dedicated pool. */
  tenant?: string;
  /** Extended resource of the pool's GPUs; absent without GPUs, and where pods claim devices. */
  gpuResource?: string;
  /** DeviceClass of the pool's GPUs; absent where a device plugin gives them out. */
  gpuDeviceClass?: string;
  /** GPUs or slices of all nodes together. */
  gpus: number;
}

/** The output of a tenant. */
export function tenantOutput(tenant: Tenant): TenantOutput {
  const outside = externalUrl(tenant);
  return {
    displayName: tenant.displayName,
    namespace: tenant.namespace,
    url: serviceUrl(tenant),
    ...(outside === undefined ? {} : { externalUrl: outside }),
    models: tenant.models.allow,
    clients: tenant.access.clients.filter(({ serviceAccount }) => serviceAccount === undefined).map(({ name }) => name),
    maxReplicas: tenant.autoscaling.maxReplicas,
    ...(tenant.access.tokens === undefined ? {} : { tokenAudience: tenant.access.tokens.audience }),
    isolationLevel: tenant.isolationLevel,
    suspended: tenant.suspended,
    ...(tenant.nodePool === undefined ? {} : { nodePool: tenant.nodePool.name }),
  };
}

/** The output of a node pool. */
export function nodePoolOutput({ backend, tenancy, tenant, gpu, limits }: NodePool): NodePoolOutput {
  return {
    backend,
    tenancy,
    ...(tenant === undefined ? {} : { tenant }),
    ...(gpu?.resource === undefined ? {} : { gpuResource: gpu.resource }),
    ...(gpu?.deviceClass === undefined ? {} : { gpuDeviceClass: gpu.deviceClass }),
    gpus: limits.gpus,
  };
}

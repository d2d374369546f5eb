import { IsolationLevel, ModelStoreMode, NodePoolTenancy, type TenantSpec } from "../../spec/index";
import { reporter, type Fault, type Report } from "../faults";
import { MAX_NAME_LENGTH, tenantNamespace } from "../../spec/names";
import { checkName, checkOneOf } from "../read";
import { resolveAccess, type Access } from "./access";
import { resolveAutoscaling, type Autoscaling } from "./autoscaling";
import type { Environment } from "../../spec/environment";
import { resolveTenantIngress, type TenantIngress } from "./ingress";
import { resolveModelAccess, type ModelAccess } from "./model-access";
import { resolveNetwork, type TenantNetwork } from "./network";
import type { NodePool } from "../../spec/node-pool/pool";
import { resolveQuota, type Quota } from "./quota";
import { resolveSecrets, type TenantSecret } from "./secrets";
import { resolveServer, type Server } from "./server";

/** A tenant with every default filled in. */
export interface Tenant {
  name: string;
  displayName: string;
  namespace: string;
  isolationLevel: IsolationLevel;
  suspended: boolean;
  /** Pool that the server runs on; absent for nodes without a pool. */
  nodePool?: NodePool;
  models: ModelAccess;
  server: Server;
  autoscaling: Autoscaling;
  quota: Quota;
  access: Access;
  network: TenantNetwork;
  ingress: TenantIngress;
  /** Whether a model loader runs in the namespace beside the servers. */
  ownLoader: boolean;
  /** Sorted by name. */
  secrets: TenantSecret[];
}

/** Fills in the defaults of a tenant and appends its faults to `faults`. */
export function resolveTenant(spec: TenantSpec, environment: Environment, faults: Fault[]): Tenant {
  const report = reporter(faults, "tenant", spec.name);
  checkName(report, "name", spec.name, MAX_NAME_LENGTH);
  const isolationLevel = spec.isolationLevel ?? IsolationLevel.shared;
  checkOneOf(report, "isolationLevel", isolationLevel, IsolationLevel);
  const nodePool = resolveTenantPool(spec, environment, report);
  checkIsolation(isolationLevel, nodePool, environment, report);
  const models = resolveModelAccess(spec.models, environment, report);
  const server = resolveServer(spec.server ?? {}, { models, nodePool }, report);
  const autoscaling = resolveAutoscaling(spec.autoscaling ?? {}, server, report);
  const ingress = resolveTenantIngress(spec.ingress, environment, report);
  if (server.certificateSecret !== undefined && ingress.hosts.length > 0 && environment.ingress?.gateway) {
    report(
      "server.tls",
      "is not spoken by an HTTPRoute, so no call from outside would be answered: serve hosts with an ingress class, or remove tls or the hosts",
    );
  }
  return {
    name: spec.name,
    displayName: spec.displayName ?? spec.name,
    namespace: tenantNamespace(spec.name),
    isolationLevel,
    suspended: spec.suspended ?? false,
    nodePool,
    models,
    server,
    autoscaling,
    quota: resolveQuota(spec.quota ?? {}, { models, nodePool, server, autoscaling }, report),
    access: resolveAccess(
      spec.access ?? {},
      { models, namespace: tenantNamespace(spec.name), issuer: environment.cluster.serviceAccountIssuer },
      report,
    ),
    network: resolveNetwork(spec.network ?? {}, environment.cluster, report),
    ownLoader: environment.modelStore?.mode === ModelStoreMode.dedicated,
    secrets: resolveSecrets(spec.secrets ?? [], report),
    ingress,
  };
}

function resolveTenantPool(spec: TenantSpec, environment: Environment, report: Report): NodePool | undefined {
  const name = spec.server?.nodePool;
  if (name === undefined) return undefined;
  const pool = environment.nodePools.get(name);
  if (pool === undefined) {
    const known = [...environment.nodePools.keys()].join(", ");
    report(
      "server.nodePool",
      `${JSON.stringify(name)} is not a node pool: ${known === "" ? "declare it under nodePools" : `write one of ${known}, or declare it under nodePools`}`,
    );
  } else if (pool.tenancy === NodePoolTenancy.dedicated && pool.tenant !== spec.name) {
    report(
      "server.nodePool",
      `${JSON.stringify(name)} is dedicated to tenant ${pool.tenant ?? "?"}: name a shared pool or one of your own`,
    );
  }
  return pool;
}

function checkIsolation(
  level: IsolationLevel,
  pool: NodePool | undefined,
  { cluster }: Environment,
  report: Report,
): void {
  if (level !== IsolationLevel.shared && pool?.tenancy !== NodePoolTenancy.dedicated) {
    report(
      "isolationLevel",
      `${level} needs nodes of the tenant's own: name a node pool with tenancy dedicated under server.nodePool, or choose ${IsolationLevel.shared}`,
    );
  }
  if (level === IsolationLevel.sandboxed && cluster.sandboxRuntimeClass === undefined) {
    report(
      "isolationLevel",
      `${level} needs a RuntimeClass: name it under cluster.sandboxRuntimeClass, or choose ${IsolationLevel.dedicatedNodes}`,
    );
  }
}

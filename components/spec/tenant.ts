import type { AnnotationValue, LabelKey, LabelValue, Name } from "./forms";
import { tenantNamespace, workspaceNamespace } from "./names";
import type { Environment, EnvironmentSpec } from "./environment";
import type { NodePool } from "./node-pool/pool";
import { type Access, type AccessSpec, checkAccess, checkGroupsUnique, resolveAccess } from "./access";
import {
  type Autoscaling,
  type AutoscalingSpec,
  checkAutoscaling,
  mostDeclaredReplicas,
  resolveAutoscaling,
} from "./autoscaling";
import { checkClients } from "./clients";
import type { ClusterRange } from "./cluster";
import { type Draft, present } from "./draft";
import type { Report } from "./fault";
import { checkModelAccess, type ModelAccess, type ModelAccessSpec, resolveModelAccess } from "./model-access";
import { checkStoreReach, ModelStoreMode, StoreAccessMode } from "./model-store";
import { checkNamespaceMetadata } from "./namespace-metadata";
import { checkNetwork, closedRanges, type NetworkSpec, resolveNetwork, type TenantNetwork } from "./network";
import { checkBodies } from "./request-bodies";
import { below } from "./path";
import { checkPlacement, IsolationLevel } from "./placement";
import { checkQuota, type Quota, type QuotaSpec, resolveQuota } from "./quota";
import {
  checkReferences,
  checkSecrets,
  resolveSecrets,
  type SecretReferences,
  type TenantSecret,
  type TenantSecretSpec,
} from "./secrets";
import { checkServer, checkServerSuitsModels, checkTls, resolveServer, type Server, type ServerSpec } from "./server";
import { checkAccounts } from "./service-accounts";
import {
  checkControllers,
  checkHostsUnique,
  checkTenantIngress,
  resolveTenantIngress,
  type TenantIngress,
  type TenantIngressSpec,
} from "./tenant-ingress";
import {
  checkWorkspace,
  draftQuota,
  resolveWorkspace,
  type Workspace,
  workspaceClients,
  type WorkspaceSpec,
} from "./workspace";
import { checkImagesUnique } from "./workspace-images";

/** A tenant: one department or team with its own namespace, servers, limits and clients. */
export interface TenantSpec {
  /**
   * Name of the tenant, a DNS label of at most 40 characters; the namespace is `tenant-` followed by it. A tenant's file has the same name.
   * @examples ["finance"]
   */
  name: Name;
  /**
   * Name for people. Default: the tenant's name.
   * @minLength 1 @maxLength 100 @pattern ^[^\p{C}]+$
   * @patternErrorMessage text on one line, without control characters
   * @examples ["Finance department"]
   */
  displayName?: string;
  /**
   * Further labels of the tenant's namespace, for example its cost centre; none that decides how it is isolated. Default: none.
   * @maxProperties 50 @default {} @examples [{ "example.com/cost-centre": "4711" }]
   */
  namespaceLabels?: Record<LabelKey, LabelValue>;
  /**
   * Further annotations of the tenant's namespace; none that decides how it is isolated. Default: none.
   * @maxProperties 50 @default {} @examples [{ "example.com/contact": "hr-it@example.com" }]
   */
  namespaceAnnotations?: Record<LabelKey, AnnotationValue>;
  /**
   * How strongly the tenant is separated on the nodes. Default: `shared`.
   * @default "shared" @examples ["dedicated-nodes"]
   */
  isolationLevel?: IsolationLevel;
  /**
   * Closes the tenant without deleting it: no replicas, no keys, no traffic. Default: false.
   * @default false @examples [true]
   */
  suspended?: boolean;
  /** Models that the tenant may use. */
  models: ModelAccessSpec;
  /** The tenant's Ollama server. */
  server?: ServerSpec;
  /** Bounds and target of the autoscaler. */
  autoscaling?: AutoscalingSpec;
  /**
   * Upper limits of the namespace. Default: computed from the server and the autoscaler; in files, `auto` says so in words.
   * @examples ["auto"]
   */
  quota?: QuotaSpec;
  /** Who may look, operate and call. */
  access?: AccessSpec;
  /** Exceptions to the default-deny network policies. */
  network?: NetworkSpec;
  /**
   * Secrets of the tenant's own programs; their values are in the stack's encrypted config. Default: none.
   * @maxItems 8 @default [] @examples [[{ "name": "ledger-database", "data": { "password": "database-password" } }]]
   */
  secrets?: TenantSecretSpec[];
  /** Hosts of the tenant outside the cluster. Default: none, the server is reached inside the cluster only. */
  ingress?: TenantIngressSpec;
  /** A second namespace for the tenant's own programs, which its developers deploy. Default: none. */
  workspace?: WorkspaceSpec;
}

/** A tenant with every default filled in. */
export interface Tenant {
  name: string;
  displayName: string;
  namespace: string;
  namespaceLabels: Record<string, string>;
  namespaceAnnotations: Record<string, string>;
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
  /** Whether the models are on a volume that one node alone can mount, so that a new replica waits for the old one. */
  onOneNode: boolean;
  /** Sorted by name. */
  secrets: TenantSecret[];
  /** Namespace of the tenant's own programs; absent when it has none. */
  workspace?: Workspace;
}

/** Tenants under check, with the environment that they refer to. */
type TenantsDraft = Draft<EnvironmentSpec & { tenants: TenantSpec[] }>;

/** What the checks of one tenant depend on. */
interface TenantContext {
  spec: TenantsDraft;
  /** Ranges that stay closed. */
  closed: readonly ClusterRange[];
  references: SecretReferences | undefined;
}

/**
 * Checks every tenant by itself, and what no two of them may share.
 *
 * @param references Values that tenants' Secrets may refer to; undefined when they are not known yet.
 */
export function checkTenants(spec: TenantsDraft, references: SecretReferences | undefined, report: Report): void {
  const closed = closedRanges(spec.cluster ?? {});
  for (const { item, index } of present(spec.tenants)) {
    checkTenant(item, index, { spec, closed, references }, report);
  }
  checkGroupsUnique(spec.tenants ?? [], report);
  checkHostsUnique(spec.tenants ?? [], report);
  checkControllers(spec.tenants ?? [], spec.cluster ?? {}, report);
  checkWorkspaceNames(spec.tenants ?? [], report);
  checkImagesUnique(spec.tenants ?? [], report);
}

/** Refuses a tenant whose namespace is the workspace of another. */
function checkWorkspaceNames(tenants: NonNullable<TenantsDraft["tenants"]>, report: Report): void {
  const workspaces = new Map(
    present(tenants).flatMap(({ item: { name, workspace }, index }) =>
      name === undefined || workspace === undefined ? [] : [[workspaceNamespace(name), index]],
    ),
  );
  for (const { item, index } of present(tenants)) {
    const other = item.name === undefined ? undefined : workspaces.get(tenantNamespace(item.name));
    if (other === undefined) continue;
    report({
      path: below("tenants", index)("name"),
      value: item.name,
      restsOn: [below("tenants", other)("workspace")],
      problem: "gives the tenant a namespace that is the workspace of another tenant",
      allowed: "a name that does not end in `-apps` after the name of a tenant with a workspace",
      fix: "rename the tenant, or remove the other's `workspace`",
    });
  }
}

function checkTenant(
  tenant: Draft<TenantSpec>,
  index: number,
  { spec, closed, references }: TenantContext,
  report: Report,
): void {
  const at = below("tenants", index);
  const { name, server = {}, access = {}, models = {} } = tenant;
  const cluster = spec.cluster ?? {};
  const gpus = server.gpus ?? 0;
  checkPlacement(
    { tenant: name, isolationLevel: tenant.isolationLevel, nodePool: server.nodePool, gpus },
    { pools: present(spec.nodePools), cluster },
    at,
    report,
  );
  checkNamespaceMetadata(tenant, at, report);
  checkModelAccess(models, spec.models ?? [], at, report);
  const workspace = tenant.workspace && draftQuota(tenant.workspace);
  checkQuota(tenant.quota ?? {}, { ...checkServer(server, at, report), gpus, workspace }, at, report);
  const { isolationLevel } = tenant;
  checkWorkspace(
    tenant.workspace,
    { cluster, isolationLevel, tenant: name, clients: access.clients ?? [] },
    at,
    report,
  );
  checkAutoscaling(tenant.autoscaling ?? {}, gpus, at, report);
  checkStoreReach(
    spec.modelStore,
    { nodePool: server.nodePool, maxReplicas: mostDeclaredReplicas(tenant.autoscaling ?? {}) },
    at,
    report,
  );
  checkAccess(access, at, report);
  checkClients(access.clients ?? [], models, at, report);
  checkNetwork(tenant.network ?? {}, { closed, cluster }, at, report);
  checkTenantIngress(tenant.ingress, spec.ingress, at, report);
  checkTls(server, spec.ingress?.gateway !== undefined && present(tenant.ingress?.hosts).length > 0, at, report);
  checkSecrets(tenant.secrets ?? [], at, report);
  if (name === undefined) return;
  const { serviceAccounts = [] } = tenant.workspace ?? {};
  const accounts = {
    namespace: tenantNamespace(name),
    ...(tenant.workspace && { workspace: { namespace: workspaceNamespace(name), serviceAccounts } }),
    hasIssuer: cluster.serviceAccountIssuer !== undefined,
  };
  checkAccounts(access.clients ?? [], accounts, at, report);
  if (references !== undefined) checkReferences(name, tenant.secrets ?? [], references, at, report);
}

/**
 * Checks what only the size of a tenant's models tells.
 *
 * @param index Place of the tenant in the declaration.
 */
export function checkTenantSuitsModels(spec: TenantSpec, tenant: Tenant, index: number, report: Report): void {
  const context = { models: tenant.models, gpu: tenant.nodePool?.gpu };
  checkServerSuitsModels(spec.server ?? {}, tenant.server, context, below("tenants", index), report);
  checkBodies(tenant.server, spec.access?.clients ?? [], below("tenants", index), report);
}

/** Fills in the defaults of a tenant without faults. */
export function resolveTenant(spec: TenantSpec, environment: Environment): Tenant {
  const namespace = tenantNamespace(spec.name);
  const nodePool = environment.nodePools.get(spec.server?.nodePool ?? "");
  const models = resolveModelAccess(spec.models, environment.models);
  const server = resolveServer(spec.server ?? {}, models, nodePool?.gpu);
  const workspace = spec.workspace && resolveWorkspace(spec.workspace, spec.name);
  const autoscaling = resolveAutoscaling(spec.autoscaling ?? {}, server.parallelRequests);
  return {
    name: spec.name,
    displayName: spec.displayName ?? spec.name,
    namespace,
    namespaceLabels: spec.namespaceLabels ?? {},
    namespaceAnnotations: spec.namespaceAnnotations ?? {},
    isolationLevel: spec.isolationLevel ?? IsolationLevel.shared,
    suspended: spec.suspended ?? false,
    nodePool,
    models,
    server,
    autoscaling,
    quota: resolveQuota(spec.quota ?? {}, { models, nodePool, server, autoscaling, workspace: workspace?.quota }),
    access: resolveAccess(
      spec.access ?? {},
      {
        models,
        namespace,
        issuer: environment.cluster.serviceAccountIssuer,
        sharedLimits: environment.cluster.sharedLimits,
      },
      (declared) => (workspace === undefined ? [] : workspaceClients(workspace, declared)),
    ),
    network: resolveNetwork(spec.network ?? {}, environment.cluster.internalRanges),
    ownLoader: environment.modelStore?.mode === ModelStoreMode.dedicated,
    onOneNode: environment.modelStore?.accessMode === StoreAccessMode.readWriteOnce,
    secrets: resolveSecrets(spec.secrets),
    ingress: resolveTenantIngress(spec.ingress),
    ...(workspace && { workspace }),
  };
}

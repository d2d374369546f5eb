import type { Group, Integer, Name, Quantity, Repository } from "./forms";
import { checkGroupNames } from "./access";
import { readTotalBytes, readTotalCpu } from "./amounts";
import type { Client, ClientSpec } from "./clients";
import type { ClusterSpec } from "./cluster";
import { type Draft, present } from "./draft";
import type { Report } from "./fault";
import { GuardMode } from "./guard";
import { isDnsLabel, workspaceNamespace } from "./names";
import type { At } from "./path";
import { IsolationLevel } from "./placement";
import { readText } from "./read";
import { checkWorkspaceImages } from "./workspace-images";

/** A second namespace of a tenant, for its developers' own programs beside the servers. */
export interface WorkspaceSpec {
  /**
   * Groups that may deploy and debug the tenant's own programs in the workspace; at least one.
   * @minItems 1 @uniqueItems @examples [["hr-developers"]]
   */
  developers: Group[];
  /**
   * Registries or repositories whose images may run in the workspace, for example `registry.example.com/hr`; at least one.
   * @minItems 1 @uniqueItems @examples [["registry.example.com/hr"]]
   */
  images: Repository[];
  /**
   * ServiceAccounts of the tenant's own programs, each a client of the servers that calls with its token and without a key. Default: none.
   * @uniqueItems @default [] @examples [["helpdesk"]]
   */
  serviceAccounts?: Name[];
  /** The workspace's part of the tenant's quota. */
  quota?: WorkspaceQuotaSpec;
}

/** The workspace's part of the tenant's quota; what is left is the servers'. */
export interface WorkspaceQuotaSpec {
  /**
   * CPU requests and limits as a quantity. Default: `2`.
   * @default "2" @examples ["4"]
   */
  cpu?: Quantity;
  /**
   * Memory requests and limits as a quantity. Default: `4Gi`.
   * @default "4Gi" @examples ["8Gi"]
   */
  memory?: Quantity;
  /**
   * Ephemeral storage requests and limits as a quantity. Default: `4Gi`.
   * @default "4Gi" @examples ["8Gi"]
   */
  ephemeralStorage?: Quantity;
  /**
   * Storage of all claims together as a quantity. Default: `10Gi`.
   * @default "10Gi" @examples ["20Gi"]
   */
  storage?: Quantity;
  /**
   * Number of pods. Default: 10.
   * @minimum 1 @maximum 1000 @default 10 @examples [20]
   */
  pods?: Integer;
}

/** Amounts of a workspace. */
export interface WorkspaceQuota {
  cpuMillis: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  storageBytes: number;
  pods: number;
}

/** A workspace with every default filled in. Lists are sorted, each item once. */
export interface Workspace {
  namespace: string;
  developers: string[];
  images: string[];
  serviceAccounts: string[];
  quota: WorkspaceQuota;
}

const QUOTA: Required<WorkspaceQuotaSpec> = {
  cpu: "2",
  memory: "4Gi",
  ephemeralStorage: "4Gi",
  storage: "10Gi",
  pods: 10,
};

/** Name of the account that Kubernetes itself makes in every namespace, which is everybody's there. */
const EVERYBODYS_ACCOUNT = "default";

/** What a workspace depends on. */
export interface WorkspaceContext {
  cluster: Draft<ClusterSpec>;
  isolationLevel: IsolationLevel | undefined;
  /** Name of the tenant. */
  tenant: string | undefined;
  /** Clients that the tenant's file names. */
  clients: readonly (Draft<ClientSpec> | undefined)[];
}

/**
 * Checks a tenant's workspace: its people may run programs there, which only the guard keeps from other tenants' nodes,
 * images and names.
 *
 * @param at Leads to what is below the tenant.
 */
export function checkWorkspace(
  workspace: Draft<WorkspaceSpec> | undefined,
  context: WorkspaceContext,
  at: At,
  report: Report,
): void {
  if (workspace === undefined) return;
  checkGround(context, at, report);
  checkGroupNames(workspace.developers, (index) => at("workspace", "developers", index), report);
  checkWorkspaceImages(workspace.images, at, report);
  checkWorkspaceAccounts(workspace, context, at, report);
  const { quota = {} } = workspace;
  readText(readTotalCpu, quota.cpu, at("workspace", "quota", "cpu"), report);
  for (const key of ["memory", "ephemeralStorage", "storage"] as const)
    readText(readTotalBytes, quota[key], at("workspace", "quota", key), report);
}

/** What has to be there before people may run programs of their own. */
function checkGround({ cluster, isolationLevel }: WorkspaceContext, at: At, report: Report): void {
  const { guard } = cluster;
  if (guard === undefined || guard.mode === GuardMode.warn) {
    report({
      path: at("workspace"),
      restsOn: [["cluster", "guard"]],
      problem:
        guard === undefined
          ? "needs the admission guard, and the environment has none: nothing else keeps the developers' pods from other tenants' nodes"
          : "needs the admission guard, which is on trial: it lets pass what it would refuse",
      allowed: "a workspace in an environment whose guard has the mode `enforce`",
      fix: "declare `guard` under `cluster` of the environment with the mode `enforce`, or remove `workspace`",
    });
  }
  if (isolationLevel !== undefined && isolationLevel !== IsolationLevel.shared) {
    report({
      path: at("workspace"),
      restsOn: [at("isolationLevel")],
      problem: `runs on nodes without a pool, and the isolation level ${isolationLevel} keeps the tenant's pods off those`,
      allowed: `a workspace of a tenant with the isolation level \`${IsolationLevel.shared}\``,
      fix: "remove `workspace`, and run the programs in a namespace of no tenant; or give the tenant another isolation level",
    });
  }
}

function checkWorkspaceAccounts(
  workspace: Draft<WorkspaceSpec>,
  { cluster, tenant, clients }: WorkspaceContext,
  at: At,
  report: Report,
): void {
  const accounts = present(workspace.serviceAccounts);
  for (const { item, index } of accounts) {
    const path = at("workspace", "serviceAccounts", index);
    if (!isDnsLabel(item, 40) || item === EVERYBODYS_ACCOUNT) {
      report({
        path,
        value: item,
        problem:
          item === EVERYBODYS_ACCOUNT ? "is the account of every pod that names none" : "is not the name of an account",
        allowed: "a DNS label of at most 40 characters other than `default`",
        fix: "name the account after the program that runs as it",
      });
    }
    const named = present(clients).find(({ item: client }) => client.name === item)?.item;
    const { namespace, name } = named?.serviceAccount ?? {};
    const isItsOwn = tenant !== undefined && namespace === workspaceNamespace(tenant) && name === item;
    if (named !== undefined && !isItsOwn) {
      report({
        path,
        value: item,
        restsOn: [at("access", "clients")],
        problem: "is the name of another client of the tenant, and the account would be a client of that name",
        allowed: "a name that no other client of the tenant has",
        fix: "rename one of the two",
      });
    }
  }
  if (accounts.length > 0 && cluster.serviceAccountIssuer === undefined) {
    report({
      path: at("workspace", "serviceAccounts"),
      restsOn: [["cluster", "serviceAccountIssuer"]],
      problem: "needs the issuer of the cluster's tokens, and the environment names none",
      allowed: "no account, and clients with keys under `access.clients`",
      fix: "declare `serviceAccountIssuer` under `cluster` of the environment, or remove `serviceAccounts`",
    });
  }
}

/** Amounts of a workspace that can be read; undefined ones cannot, and are reported elsewhere. */
export function draftQuota({ quota = {} }: Draft<WorkspaceSpec>): { [Key in keyof WorkspaceQuotaSpec]?: number } {
  const ignore: Report = () => undefined;
  const { cpu, memory, ephemeralStorage, storage, pods } = { ...QUOTA, ...quota };
  return {
    cpu: readText(readTotalCpu, cpu, [], ignore),
    memory: readText(readTotalBytes, memory, [], ignore),
    ephemeralStorage: readText(readTotalBytes, ephemeralStorage, [], ignore),
    storage: readText(readTotalBytes, storage, [], ignore),
    pods,
  };
}

/** Fills in the defaults of a tenant's workspace. */
export function resolveWorkspace(spec: WorkspaceSpec, tenant: string): Workspace {
  const quota = { ...QUOTA, ...spec.quota };
  return {
    namespace: workspaceNamespace(tenant),
    developers: sorted(spec.developers),
    images: sorted(spec.images),
    serviceAccounts: sorted(spec.serviceAccounts ?? []),
    quota: {
      cpuMillis: readTotalCpu(quota.cpu),
      memoryBytes: readTotalBytes(quota.memory),
      ephemeralStorageBytes: readTotalBytes(quota.ephemeralStorage),
      storageBytes: readTotalBytes(quota.storage),
      pods: quota.pods,
    },
  };
}

function sorted(items: string[]): string[] {
  return [...new Set(items)].sort();
}

/** The clients that a workspace's accounts are; those that the tenant's file names itself are not among them. */
export function workspaceClients({ namespace, serviceAccounts }: Workspace, declared: Client[]): Client[] {
  const named = new Set(
    declared.flatMap(({ serviceAccount: account }) => (account?.namespace === namespace ? account.name : [])),
  );
  return serviceAccounts
    .filter((name) => !named.has(name))
    .map((name) => ({ name, serviceAccount: { namespace, name }, keyGenerations: [] }));
}

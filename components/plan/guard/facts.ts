import { PLATFORM_NAMESPACE, tenantPriorityClass } from "../../spec/names";
import { planDeviceClaims } from "../device-claims";
import { planNetworkPolicies } from "../tenant/network";
import { planPlacement } from "../server/placement";
import type { Environment } from "../../spec/environment";
import type { Tenant } from "../../spec/tenant";
import { STORE_OBJECT, STORE_VOLUME, viewVolumeName } from "../store/names";
import { planTenantRegistryEgress } from "../store/tenant";
import type { NetworkPolicySpec, PodSpec } from "../kubernetes";
import { planWorkspaceNetwork, workspaceAudiences } from "../tenant/workspace";
import type { NodePoolPlan } from "../node-pool/plan";
import { celList, celMap } from "./cel";

/** What the guard knows of one namespace. */
export interface NamespaceFacts {
  namespace: string;
  priorityClass: string;
  runtimeClass: string;
  /** Node labels by which its pods may choose nodes. */
  nodeSelector: Record<string, string>;
  tolerations: NonNullable<PodSpec["tolerations"]>;
  /** GPU resource that its pods may request; absent when none. */
  gpuResource?: string;
  /** Templates from which its pods may claim devices. */
  claimTemplates: string[];
  /** Fewest and most replicas of the server; 0 in a suspended tenant, and where there is no server. */
  replicas: { least: number; most: number };
  /** Tenant that owns it; absent for the platform's own. */
  tenant?: string;
  /** What is only in a workspace; absent in every other namespace. */
  workspace?: WorkspaceFacts;
  /** Hosts outside the cluster. */
  hosts: string[];
  viewers: string[];
  operators: string[];
  /** Volumes that its claims may name. */
  volumes: string[];
  /** What its network policies allow. */
  network: NetworkPolicySpec[];
}

/** What the guard knows of a namespace of a tenant's own programs. */
export interface WorkspaceFacts {
  /** Beginnings of the images that may run, up to a `/`, `:` or `@`, so that no longer name has them too. */
  images: string[];
  /** ServiceAccounts that the platform makes. */
  accounts: string[];
  /** Audiences that tokens in its pods may have. */
  audiences: string[];
  /** Groups that deploy there. */
  developers: string[];
}

/** What the guard is made from. */
export interface GuardFacts {
  /** User names that deploy the platform. */
  deployers: string[];
  images: string[];
  namespaces: NamespaceFacts[];
  /** Objects that make node pools, by kind and name. */
  pools: NodePoolPlan[];
}

/** Collects what the guard has to know. Tenants are in the order of their names. */
export function guardFacts(
  deployers: readonly string[],
  environment: Environment,
  tenants: readonly Tenant[],
  pools: NodePoolPlan[],
): GuardFacts {
  return {
    deployers: [...deployers].sort(),
    images: [...new Set(Object.values(environment.images))].sort(),
    namespaces: [
      platformFacts(),
      ...tenants.flatMap((tenant) => [tenantFacts(tenant, environment), ...workspaceFacts(tenant, environment)]),
    ],
    pools,
  };
}

/** The namespace of a shared store's loader: nobody but the deployers has a place there. */
function platformFacts(): NamespaceFacts {
  return {
    namespace: PLATFORM_NAMESPACE,
    priorityClass: STORE_OBJECT.priorityClass,
    runtimeClass: "",
    nodeSelector: {},
    tolerations: [],
    claimTemplates: [],
    replicas: { least: 0, most: 0 },
    hosts: [],
    viewers: [],
    operators: [],
    volumes: [STORE_VOLUME],
    network: [],
  };
}

function tenantFacts(tenant: Tenant, environment: Environment): NamespaceFacts {
  const { minReplicas, maxReplicas } = tenant.autoscaling;
  const { nodeSelector = {}, tolerations = [], runtimeClassName = "" } = planPlacement(tenant, environment.cluster);
  const { viewers, operators } = tenant.access;
  const policies = [...planNetworkPolicies(tenant, environment), ...planTenantRegistryEgress(tenant, environment)];
  return {
    namespace: tenant.namespace,
    priorityClass: tenantPriorityClass(tenant.name),
    runtimeClass: runtimeClassName,
    nodeSelector,
    tolerations,
    tenant: tenant.name,
    gpuResource: tenant.quota.gpus > 0 ? tenant.nodePool?.gpu?.resource : undefined,
    claimTemplates: planDeviceClaims(tenant).map(({ metadata }) => metadata.name),
    replicas: tenant.suspended ? { least: 0, most: 0 } : { least: minReplicas, most: maxReplicas },
    hosts: tenant.suspended ? [] : tenant.ingress.hosts,
    viewers: [...new Set([...viewers, ...operators])].sort(),
    operators: tenant.suspended ? [] : operators,
    volumes: [viewVolumeName(tenant.name)],
    network: policies.map(({ spec }) => spec),
  };
}

/** The tenant's own programs: any number of replicas within the quota, and no class, pool, volume or host of the platform's. */
function workspaceFacts(tenant: Tenant, environment: Environment): NamespaceFacts[] {
  const { workspace } = tenant;
  if (workspace === undefined) return [];
  const { namespace, images, serviceAccounts, developers, quota } = workspace;
  return [
    {
      namespace,
      tenant: tenant.name,
      priorityClass: "",
      runtimeClass: "",
      nodeSelector: {},
      tolerations: [],
      claimTemplates: [],
      replicas: tenant.suspended ? { least: 0, most: 0 } : { least: 1, most: quota.pods },
      hosts: [],
      viewers: [],
      operators: [],
      volumes: [],
      network: planWorkspaceNetwork(tenant, workspace, environment).map(({ spec }) => spec),
      workspace: {
        images: images.flatMap(beginnings),
        accounts: serviceAccounts,
        audiences: workspaceAudiences(tenant),
        developers: tenant.suspended ? [] : developers,
      },
    },
  ];
}

/** How images of a registry or repository begin. After the name of a registry a colon would mean another port. */
function beginnings(place: string): string[] {
  return (place.includes("/") ? ["/", ":", "@"] : ["/"]).map((next) => place + next);
}

/** Names of the namespaces of tenants' own programs, as a CEL list. */
export function workspaces(facts: GuardFacts): string {
  return celList(facts.namespaces.flatMap(({ namespace, workspace }) => (workspace === undefined ? [] : [namespace])));
}

/** A list of texts for each workspace, as CEL; every other namespace has none. */
export function byWorkspace(facts: GuardFacts, of: (workspace: WorkspaceFacts) => readonly string[]): string {
  const entries = facts.namespaces.flatMap(({ namespace, workspace }) =>
    workspace === undefined ? [] : [[namespace, celList(of(workspace))] as const],
  );
  return `${celMap(entries)}[?request.namespace].orValue([])`;
}

/** A list of texts for each namespace, as CEL; a namespace that is not in the map has none. */
export function byNamespace(facts: GuardFacts, of: (namespace: NamespaceFacts) => readonly string[]): string {
  const entries = facts.namespaces.map((one) => [one.namespace, celList(of(one))] as const);
  return `${celMap(entries)}[?request.namespace].orValue([])`;
}

import { ModelStoreMode } from "../../spec/index";
import type { KubernetesObject, NetworkPolicy, PodSpec, Volume } from "../kubernetes";
import { serverSelector, tenantLabels } from "../labels";
import { tenantPriorityClass } from "../../spec/names";
import { planPlacement } from "../server/placement";
import { imagePullSecrets } from "../tenant/pull-secret";
import type { Environment } from "../../spec/environment";
import type { Tenant } from "../../spec/tenant";
import { planRegistryEgress } from "./fences";
import { planLoader } from "./loader";
import { STORE_OBJECT } from "./names";
import { dedicatedRequest } from "./request";
import type { ModelStore } from "../../spec/model-store";
import { planDedicatedClaim, planViewVolume } from "./volumes";

/** A tenant's models, in the order in which the parts have to exist. */
export interface TenantModels {
  /** Volumes of the cluster that belong to the tenant. */
  volumes: KubernetesObject[];
  /** The claim in the tenant's namespace. */
  claims: KubernetesObject[];
  /** Whether an up may not delete the claim: it holds the models of a dedicated store. */
  protect: boolean;
  /** The loader of a dedicated store; its Job comes last. */
  loader: KubernetesObject[];
}

/** What makes a tenant's models readable for its servers. Without a store there is nothing. */
export function planTenantModels(tenant: Tenant, environment: Environment): TenantModels {
  const { modelStore } = environment;
  if (modelStore === undefined) return { volumes: [], claims: [], protect: false, loader: [] };
  if (modelStore.mode === ModelStoreMode.shared) {
    const [volume, claim] = planViewVolume(tenant, modelStore);
    return { volumes: [volume], claims: [claim], protect: false, loader: [] };
  }
  const store = ownStore(tenant, modelStore);
  // The pods of a suspended tenant may reach nothing: its loader would wait for ever.
  const loader = tenant.suspended ? [] : planDedicatedLoader(tenant, store, environment);
  return { volumes: [], claims: [planDedicatedClaim(tenant, store)], protect: store.protect, loader };
}

/** The exception for the loader of a dedicated store. */
export function planTenantRegistryEgress(tenant: Tenant, { modelStore }: Environment): NetworkPolicy[] {
  if (modelStore?.mode !== ModelStoreMode.dedicated || tenant.suspended) return [];
  return planRegistryEgress(modelStore, tenant.namespace, tenantLabels(tenant, "network"));
}

/** The volume with the models as a server mounts it; undefined without a store. */
export function modelsVolume(name: string, { modelStore }: Environment): Volume | undefined {
  return modelStore && { name, persistentVolumeClaim: { claimName: STORE_OBJECT.claim, readOnly: true } };
}

/** A tenant's own store may fill the tenant's storage quota. */
function ownStore({ quota }: Tenant, store: ModelStore): ModelStore {
  return { ...store, bytes: quota.storageBytes };
}

/** A volume that one node mounts is where the server is: the loader goes there, and anywhere while there is no server. */
function besideServer(tenant: Tenant): Pick<PodSpec, "affinity"> {
  if (!tenant.onOneNode) return {};
  const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: serverSelector(tenant) } };
  return {
    affinity: {
      podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] },
    },
  };
}

function planDedicatedLoader(tenant: Tenant, store: ModelStore, environment: Environment): KubernetesObject[] {
  const { cluster, images } = environment;
  return planLoader({
    namespace: tenant.namespace,
    labels: tenantLabels(tenant, "models"),
    image: images.modelLoader,
    request: dedicatedRequest(tenant, store),
    store,
    pod: {
      priorityClassName: tenantPriorityClass(tenant.name),
      ...imagePullSecrets(environment),
      ...planPlacement(tenant, cluster),
      ...besideServer(tenant),
    },
  });
}

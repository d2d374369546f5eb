/** Reads from a cluster what a stack file wants to know. It asks only, and goes on without what it may not see. */
import { isSuccess, refusalOf, type ClusterApi } from "../../verifier/cluster-api";

/** An object as the API server has it. */
export interface Live {
  metadata: { name: string; namespace?: string; uid?: string; labels?: Record<string, string> };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  data?: Record<string, string>;
  [field: string]: unknown;
}

/** What a cluster said. */
export interface Observed {
  version: { gitVersion?: string };
  lists: Record<ListName, Live[]>;
  /** What could not be read, each with the reason. */
  unread: string[];
}

const LISTS = {
  nodes: "/api/v1/nodes",
  services: "/api/v1/services",
  systemPods: "/api/v1/namespaces/kube-system/pods",
  systemConfigMaps: "/api/v1/namespaces/kube-system/configmaps",
  namespaces: "/api/v1/namespaces",
  deployments: "/apis/apps/v1/deployments",
  daemonSets: "/apis/apps/v1/daemonsets",
  statefulSets: "/apis/apps/v1/statefulsets",
  ingressClasses: "/apis/networking.k8s.io/v1/ingressclasses",
  serviceCidrs: "/apis/networking.k8s.io/v1/servicecidrs",
  storageClasses: "/apis/storage.k8s.io/v1/storageclasses",
  runtimeClasses: "/apis/node.k8s.io/v1/runtimeclasses",
  definitions: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  deviceClasses: "/apis/resource.k8s.io/v1/deviceclasses",
  deviceSlices: "/apis/resource.k8s.io/v1/resourceslices",
  networks: "/apis/config.openshift.io/v1/networks",
  addressPools: "/apis/crd.projectcalico.org/v1/ippools",
} as const;
type ListName = keyof typeof LISTS;

/** Kinds that only some clusters have: their absence is nothing to tell. */
const OF_SOME: readonly ListName[] = ["serviceCidrs", "deviceClasses", "deviceSlices", "networks", "addressPools"];

/**
 * Asks a cluster.
 *
 * @throws Error when it does not even tell its version.
 */
export async function observe(api: ClusterApi): Promise<Observed> {
  const version = await api.request({ path: "/version" });
  if (!isSuccess(version)) throw new Error(`${api.server} does not tell its version: ${refusalOf(version)}`);
  const unread: string[] = [];
  const read = async (name: ListName): Promise<[ListName, Live[]]> => {
    const reply = await api.request({ path: LISTS[name] });
    if (isSuccess(reply)) return [name, (reply.body as { items?: Live[] }).items ?? []];
    if (!(reply.status === 404 && OF_SOME.includes(name))) unread.push(`${LISTS[name]}: ${refusalOf(reply)}`);
    return [name, []];
  };
  const entries = await Promise.all((Object.keys(LISTS) as ListName[]).map(read));
  return {
    version: version.body as Observed["version"],
    lists: Object.fromEntries(entries) as Observed["lists"],
    unread: unread.sort(),
  };
}

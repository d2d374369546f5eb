/** Reads what lives in a cluster, as far as rules look at it. Values of Secrets are never asked for. */
import { isSuccess, refusalOf, type ApiReply, type ClusterApi } from "./cluster-api";
import { record } from "../policy-pack/model/json";
import type { KubernetesObject } from "../policy-pack/model/kubernetes";
import { normalize } from "../policy-pack/model/normalize";
import { withManagedFields } from "./managed-fields";
import { sharing } from "./share";

/** A resource that the API server serves. */
export interface Resource {
  /** API group; empty for the core group. */
  group: string;
  version: string;
  /** Name in plural, as in paths. */
  resource: string;
  kind: string;
  namespaced: boolean;
  verbs: readonly string[];
  /** Names of its subresources, for example `log`. */
  subresources: readonly string[];
}

/** What was read. */
export interface LiveObjects {
  /** All objects, in the one form in which rules read them. Their managed fields can be read, and are in no copy. */
  objects: KubernetesObject[];
  /** Everything that the API server serves. */
  resources: Resource[];
  /** What could not be read: rules that look at it decide nothing. */
  unreadable: { what: string; why: string }[];
}

/** Resources that no rule looks at: they change all the time, are computed when they are asked for, or only tell what someone found. */
const IGNORED = [
  "events",
  "events.events.k8s.io",
  "leases.coordination.k8s.io",
  "leasecandidates.coordination.k8s.io",
  "componentstatuses",
  "controllerrevisions.apps",
  "storageversions.internal.apiserver.k8s.io",
  "policyreports.wgpolicyk8s.io",
  "clusterpolicyreports.wgpolicyk8s.io",
  "reports.openreports.io",
  "clusterreports.openreports.io",
];

/** Groups of measurements that other servers answer for. */
const IGNORED_GROUPS = /(^|\.)metrics\.k8s\.io$/;

const DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
/** The columns that `kubectl get` prints: of a Secret its type, and never a value. */
const TABLE = "application/json;g=meta.k8s.io;v=v1;as=Table";
/** Objects of a page: gateways' files are large, and a page is held in memory twice while it is read. */
const PAGE = 100;
const READERS = 8;

/** `deployments.apps`, the way the API server's own messages name a resource. */
export function resourceName({ group, resource }: Pick<Resource, "group" | "resource">): string {
  return group === "" ? resource : `${resource}.${group}`;
}

/**
 * Reads all objects of all resources that rules may look at. What cannot be read is told, and nothing is left out
 * silently.
 *
 * @throws Error when the API server does not tell what it serves.
 */
export async function readLiveObjects(api: ClusterApi): Promise<LiveObjects> {
  const unreadable: LiveObjects["unreadable"] = [];
  const resources = await discoverResources(api, unreadable);
  const wanted = resources.filter(isLookedAt);
  const share = sharing();
  const lists = await inParallel(wanted, READERS, async (resource) => {
    try {
      return await listObjects(api, resource, share);
    } catch (error) {
      unreadable.push({ what: resourceName(resource), why: (error as Error).message });
      return [];
    }
  });
  return { objects: lists.flat(), resources, unreadable };
}

/**
 * Reads all objects of some resources.
 *
 * @throws Error when one cannot be read.
 */
export async function readObjects(api: ClusterApi, resources: readonly Resource[]): Promise<KubernetesObject[]> {
  const share = sharing();
  return (await inParallel(resources, READERS, (resource) => listObjects(api, resource, share))).flat();
}

/**
 * Why not all objects of some resources are known; undefined when they are. What is not seen there may be there all the same.
 *
 * @param names For example `deployments.apps`.
 */
export function whyUnseen(
  { unreadable }: Pick<LiveObjects, "unreadable">,
  names: readonly string[],
): string | undefined {
  const groups = names.map((name) => name.slice(name.indexOf(".") + 1));
  const unseen = unreadable.filter(({ what }) => names.includes(what) || groups.includes(what.split("/")[0] ?? ""));
  return unseen.length === 0 ? undefined : unseen.map(({ what, why }) => `${what} (${why})`).join("; ");
}

/** Whether rules may look at objects of the resource. */
export function isLookedAt(resource: Resource): boolean {
  const { verbs, group } = resource;
  return verbs.includes("list") && !IGNORED.includes(resourceName(resource)) && !IGNORED_GROUPS.test(group);
}

/** Path of all objects of a resource, in every namespace. */
export function collectionPath({ group, version, resource }: Resource): string {
  return `${group === "" ? `/api/${version}` : `/apis/${group}/${version}`}/${resource}`;
}

/** `apiVersion` of the objects of a resource. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === "" ? version : `${group}/${version}`;
}

/** Runs a function on every item, `width` at a time; results in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}

interface DiscoveredResource {
  resource?: string;
  responseKind?: { kind?: string };
  scope?: string;
  verbs?: string[];
  subresources?: { subresource?: string }[];
}

interface DiscoveredGroup {
  metadata?: { name?: string };
  versions?: { version?: string; freshness?: string; resources?: DiscoveredResource[] }[];
}

/**
 * Everything that the API server serves. Groups whose server is away are added to `unreadable`.
 *
 * @throws Error when it does not tell.
 */
export async function discoverResources(api: ClusterApi, unreadable: LiveObjects["unreadable"]): Promise<Resource[]> {
  const answers = await Promise.all(
    ["/api", "/apis"].map(async (path) => {
      const reply = await api.request({ path, accept: DISCOVERY });
      const { kind, items } = reply.body as { kind?: string; items?: DiscoveredGroup[] };
      if (isSuccess(reply) && kind === "APIGroupDiscoveryList") return items ?? [];
      throw new Error(
        isSuccess(reply)
          ? `${api.server} does not serve aggregated discovery: Kubernetes 1.30 or later is needed`
          : `what ${api.server} serves cannot be asked: ${refusalOf(reply)}`,
      );
    }),
  );
  return answers.flat().flatMap((group) => resourcesOf(group, unreadable));
}

/** Resources of a group, each in the version that the server prefers. */
function resourcesOf({ metadata, versions = [] }: DiscoveredGroup, unreadable: LiveObjects["unreadable"]): Resource[] {
  const group = metadata?.name ?? "";
  const found = new Map<string, Resource>();
  for (const { version = "", freshness, resources = [] } of versions) {
    if (freshness === "Stale" && !IGNORED_GROUPS.test(group))
      unreadable.push({ what: `${group}/${version}`, why: "the server behind this API group does not answer" });
    for (const { resource = "", responseKind, scope, verbs = [], subresources = [] } of resources) {
      if (found.has(resource)) continue;
      found.set(resource, {
        group,
        version,
        resource,
        kind: responseKind?.kind ?? "",
        namespaced: scope === "Namespaced",
        verbs,
        subresources: subresources.flatMap(({ subresource }) => subresource ?? []),
      });
    }
  }
  return [...found.values()];
}

async function listObjects(
  api: ClusterApi,
  resource: Resource,
  share: ReturnType<typeof sharing>,
): Promise<KubernetesObject[]> {
  const { group, kind } = resource;
  const apiVersion = apiVersionOf(resource);
  const isSecret = group === "" && kind === "Secret";
  const objects: KubernetesObject[] = [];
  for await (const page of pagesOf(api, collectionPath(resource), isSecret ? { accept: TABLE } : {})) {
    const items = isSecret ? secretsOf(page) : itemsOf(page);
    for (const item of items) {
      const { managedFields, ...metadata } = record(item["metadata"]);
      objects.push(withManagedFields(normalize({ ...share({ ...item, metadata }), apiVersion, kind }), managedFields));
    }
  }
  return objects;
}

/**
 * The pages of a list, one after the other.
 *
 * @param path Of the collection.
 * @throws Error with the API server's refusal of a page.
 */
export async function* pagesOf(
  api: ClusterApi,
  path: string,
  { accept, labelSelector }: { accept?: string; labelSelector?: string } = {},
): AsyncGenerator<ApiReply> {
  let token = "";
  do {
    const query = new URLSearchParams({
      ...(labelSelector === undefined ? {} : { labelSelector }),
      limit: `${PAGE}`,
      ...(token === "" ? {} : { continue: token }),
    });
    const reply = await api.request({ path: `${path}?${query}`, ...(accept !== undefined && { accept }) });
    if (!isSuccess(reply)) throw new Error(refusalOf(reply));
    yield reply;
    token = (reply.body as { metadata?: { continue?: string } }).metadata?.continue ?? "";
  } while (token !== "");
}

/** The objects of a list. */
export function itemsOf({ body }: ApiReply): Record<string, unknown>[] {
  const { items } = body as { items?: Record<string, unknown>[] };
  if (!Array.isArray(items)) throw new Error("the answer is no list");
  return items;
}

interface Table {
  kind?: string;
  columnDefinitions?: { name: string }[];
  rows?: { cells: unknown[]; object?: { metadata?: object } }[];
}

function secretsOf({ body }: ApiReply): Record<string, unknown>[] {
  const { kind, columnDefinitions = [], rows = [] } = body as Table;
  const column = columnDefinitions.findIndex(({ name }) => name === "Type");
  if (kind !== "Table" || column < 0) throw new Error("the API server does not list Secrets without their values");
  return rows.map(({ cells, object }) => ({ metadata: object?.metadata ?? {}, type: cells[column] }));
}

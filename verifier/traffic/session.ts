/** Makes probe pods, waits for what they say, and removes them whatever happens. */
import { setTimeout as sleep } from "node:timers/promises";
import { record } from "../../policy-pack/model/json";
import { isSuccess, refusalOf, type ClusterApi } from "../cluster-api";
import { messageOf } from "../result";
import { ALIVE_ANNOTATION, namespaceObjects } from "./objects";
import { CONTROL_NAMESPACE, PROBE_LABEL } from "./places";
import { addressesIn } from "./targets";

/** How often a run says that it is at work, and how long it may be silent until the next one takes it for dead. */
const ALIVE_MILLISECONDS = 4000;
const SILENT_MILLISECONDS = 15_000;
/** Namespaces, and pods on a busy cluster, take their time. */
const PATIENCE_MILLISECONDS = 120_000;

/** A pod as far as a run looks at it. */
export interface ProbePod {
  namespace: string;
  name: string;
  phase: string;
  ready: boolean;
  /** Its addresses, the first first: two where the cluster has both families. */
  addresses: string[];
  node?: string;
  /** Why it does not run, as Kubernetes says. */
  why: string;
}

/** The UID of an object that was created, or why it was not. */
export type Created = { uid: string; refused?: undefined } | { uid?: undefined; refused: string };

/** Objects of a run. */
export interface Session {
  /** Creates an object. */
  create(object: object): Promise<Created>;
  /**
   * Waits until the pods of these names (`namespace/name`) satisfy a condition, have failed, or time is up; then says
   * how they are.
   */
  pods(names: readonly string[], isDone: (pod: ProbePod) => boolean): Promise<Map<string, ProbePod>>;
  /** What a pod has printed. Throws when that cannot be read. */
  log(namespace: string, name: string): Promise<string>;
}

/** Another run is at work in the cluster. */
export class AnotherRun extends Error {
  override readonly name = "AnotherRun";
}

/**
 * Removes what a run that was killed has left: namespaces of the verifier's own, and probes in tenants' namespaces.
 *
 * @throws AnotherRun when that run is still at work.
 */
export async function removeLeftovers(api: ClusterApi, silentFor = SILENT_MILLISECONDS): Promise<void> {
  if (!(await hasLeftovers(api))) return;
  const before = await aliveMark(api);
  await sleep(silentFor);
  if ((await aliveMark(api)) !== before)
    throw new AnotherRun("another run of the verifier sends traffic in this cluster; wait for its end");
  await removeProbes(api);
}

/**
 * Opens a session, lets `work` use it, and removes everything that was made, also when `signal` ends the work early.
 *
 * @throws Error when the verifier's own namespaces cannot be made.
 */
export async function withSession<T>(
  api: ClusterApi,
  signal: AbortSignal | undefined,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => void sayAlive(api).catch(() => undefined), ALIVE_MILLISECONDS);
  try {
    for (const namespace of namespaceObjects()) {
      const { refused } = await create(api, namespace);
      if (refused !== undefined) throw new Error(`the verifier's own namespace cannot be made: ${refused}`);
    }
    await sayAlive(api);
    return await work(sessionOf(api, signal));
  } finally {
    clearInterval(timer);
    await removeProbes(api);
  }
}

function sessionOf(api: ClusterApi, signal: AbortSignal | undefined): Session {
  return {
    create: async (object) => {
      signal?.throwIfAborted();
      return create(api, object);
    },
    pods: async (names, isDone) => {
      const wanted = new Set(names);
      for (const end = Date.now() + PATIENCE_MILLISECONDS; ; await sleep(500, undefined, { signal })) {
        const all = await probePods(api);
        const found = new Map([...all].filter(([name]) => wanted.has(name)));
        const settled = [...found.values()].filter((pod) => isDone(pod) || pod.phase === "Failed");
        if (settled.length === wanted.size || Date.now() > end) return found;
      }
    },
    log: async (namespace, name) => {
      const reply = await api.request({
        path: `/api/v1/namespaces/${namespace}/pods/${name}/log`,
        accept: "*/*",
      });
      if (!isSuccess(reply)) throw new Error(refusalOf(reply));
      return String(reply.body);
    },
  };
}

/** Creates an object; a namespace that is new has its account only after a moment. */
async function create(api: ClusterApi, object: object): Promise<Created> {
  for (const end = Date.now() + 20_000; ; await sleep(300)) {
    const reply = await api.request({ method: "POST", path: collectionOf(object), body: object });
    if (isSuccess(reply)) return { uid: String(record(record(reply.body).metadata).uid) };
    const refused = refusalOf(reply);
    if (!/serviceaccount .* not found/.test(refused) || Date.now() > end) return { refused };
  }
}

const COLLECTIONS: Record<string, string> = {
  Pod: "pods",
  Service: "services",
  Secret: "secrets",
  NetworkPolicy: "networkpolicies",
};

function collectionOf(object: object): string {
  const { apiVersion, kind, metadata } = object as {
    apiVersion: string;
    kind: string;
    metadata: { namespace?: string };
  };
  if (kind === "Namespace") return "/api/v1/namespaces";
  const group = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  return `${group}/namespaces/${metadata.namespace ?? ""}/${COLLECTIONS[kind] ?? ""}`;
}

const SELECTOR = `labelSelector=${encodeURIComponent(PROBE_LABEL)}`;

async function listed(api: ClusterApi, resource: string): Promise<Record<string, unknown>[]> {
  const reply = await api.request({ path: `/api/v1/${resource}?${SELECTOR}` });
  if (!isSuccess(reply)) throw new Error(refusalOf(reply));
  return (record(reply.body).items ?? []) as Record<string, unknown>[];
}

async function probePods(api: ClusterApi): Promise<Map<string, ProbePod>> {
  const pods = (await listed(api, "pods")).map(podOf);
  return new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
}

interface Condition {
  type?: string;
  status?: string;
  message?: string;
}

function podOf(object: Record<string, unknown>): ProbePod {
  const { name, namespace } = object["metadata"] as { name: string; namespace: string };
  const status = record(object["status"]);
  const conditions = (status.conditions ?? []) as Condition[];
  const waiting = ((status.containerStatuses ?? []) as { state?: { waiting?: Condition & { reason?: string } } }[])
    .flatMap(({ state }) => state?.waiting ?? [])
    .flatMap(({ reason, message }) => [reason, message]);
  const why = [...waiting, status.message, ...conditions.map(({ message }) => message)];
  return {
    name,
    namespace,
    phase: String(status.phase ?? "Pending"),
    ready: conditions.some(({ type, status: value }) => type === "Ready" && value === "True"),
    addresses: [...new Set([status.podIP as string | undefined, ...addressesIn(status.podIPs)])].flatMap(
      (address) => address ?? [],
    ),
    node: record(object["spec"]).nodeName as string | undefined,
    why: [...new Set(why.filter((text) => typeof text === "string" && text !== ""))].join("; "),
  };
}

async function sayAlive(api: ClusterApi): Promise<void> {
  await api.request({
    method: "PATCH",
    path: `/api/v1/namespaces/${CONTROL_NAMESPACE}`,
    contentType: "application/merge-patch+json",
    body: { metadata: { annotations: { [ALIVE_ANNOTATION]: new Date().toISOString() } } },
  });
}

async function aliveMark(api: ClusterApi): Promise<unknown> {
  const { body } = await api.request({ path: `/api/v1/namespaces/${CONTROL_NAMESPACE}` });
  return record(record(record(body).metadata).annotations)[ALIVE_ANNOTATION];
}

async function hasLeftovers(api: ClusterApi): Promise<boolean> {
  const names = await Promise.all(["namespaces", "pods"].map((resource) => listed(api, resource)));
  return names.flat().length > 0;
}

/** Removes everything that has the label of probes, and waits until it is gone. Keys go with their pods. */
async function removeProbes(api: ClusterApi): Promise<void> {
  let trouble = "they are still there";
  for (const end = Date.now() + PATIENCE_MILLISECONDS; Date.now() < end; await sleep(500)) {
    try {
      if (await removeOnce(api)) return;
    } catch (error) {
      trouble = messageOf(error);
    }
  }
  throw new Error(`probes could not be removed (\`kubectl delete namespaces,pods -A -l ${PROBE_LABEL}\`): ${trouble}`);
}

/** Asks for the removal of what is there. Returns whether nothing is. */
async function removeOnce(api: ClusterApi): Promise<boolean> {
  const [namespaces, pods] = await Promise.all([listed(api, "namespaces"), listed(api, "pods")]);
  const names = (objects: Record<string, unknown>[]) => objects.map(({ metadata }) => record(metadata));
  const paths = [
    ...names(pods).map(({ namespace, name }) => `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=1`),
    ...names(namespaces).map(({ name }) => `/api/v1/namespaces/${name}`),
  ];
  for (const path of paths) {
    const reply = await api.request({ method: "DELETE", path });
    // 404: gone meanwhile. 409: being removed.
    if (!isSuccess(reply) && ![404, 409].includes(reply.status)) throw new Error(refusalOf(reply));
  }
  return paths.length === 0;
}

/** Quotas, autoscalers and what pods take of them, for the rules under `capacity/`. All amounts are in thousandths. */
import type { ClusterModel, ModelObject, PodSource } from "../model/cluster-model";
import { list, record } from "../model/json";
import type { Container, Resources } from "../model/kubernetes";
import { parseMilli } from "../model/quantity";
import { runtimeClassOf } from "./select";

/** Amounts by quota key, for example `requests.cpu`. */
export type Amounts = Record<string, bigint>;

/** Short quota keys and the full ones they stand for. */
const aliases: Record<string, string> = {
  cpu: "requests.cpu",
  memory: "requests.memory",
  "ephemeral-storage": "requests.ephemeral-storage",
  "count/pods": "pods",
  "count/persistentvolumeclaims": "persistentvolumeclaims",
  "count/replicationcontrollers": "replicationcontrollers",
  "count/resourcequotas": "resourcequotas",
  "count/services": "services",
  "count/secrets": "secrets",
  "count/configmaps": "configmaps",
};

/** A quota key in its full form. */
export function quotaKey(key: string): string {
  return aliases[key] ?? key;
}

/** Quotas of a namespace that hold for all its objects, whatever their scope. */
export function unscopedQuotas(model: ClusterModel, namespace: string): readonly ModelObject[] {
  return model.inNamespace(namespace).filter(({ object, opaque }) => {
    if (object.kind !== "ResourceQuota" || opaque !== undefined) return false;
    const spec = record(object.spec);
    return spec.scopeSelector === undefined && list(spec.scopes as string[]).length === 0;
  });
}

/** The least that any unscoped quota of the namespace allows, by full key. Unreadable amounts are left out. */
export function quotaLimits(model: ClusterModel, namespace: string): Amounts {
  const limits: Amounts = {};
  for (const quota of unscopedQuotas(model, namespace))
    for (const [key, value] of Object.entries(record(record(quota.object.spec).hard))) {
      const amount = parseMilli(value);
      const full = quotaKey(key);
      const known = limits[full];
      if (amount !== undefined && (known === undefined || amount < known)) limits[full] = amount;
    }
  return limits;
}

/** Items of one type of the namespace's LimitRanges. */
export function limitRangeItems(
  model: ClusterModel,
  namespace: string,
  type: "Container" | "Pod" | "PersistentVolumeClaim",
): { object: ModelObject; item: Record<string, unknown> }[] {
  return model.inNamespace(namespace).flatMap((object) =>
    object.object.kind === "LimitRange" && object.opaque === undefined
      ? list(record(object.object.spec).limits as unknown[])
          .map(record)
          .filter((item) => item.type === type)
          .map((item) => ({ object, item }))
      : [],
  );
}

/** What a namespace gives to containers that name no amounts. */
export type Defaults = Required<Pick<Resources, "requests" | "limits">>;

/**
 * Defaults that the namespace's LimitRanges give containers, by resource. As the API server completes a LimitRange: a
 * limit defaults to the maximum; a request to the limit, and where there is none to the minimum. The first item wins.
 */
export function containerDefaults(model: ClusterModel, namespace: string): Defaults {
  const defaults: Defaults = { requests: {}, limits: {} };
  for (const { item } of limitRangeItems(model, namespace, "Container")) {
    const limits = { ...record(item.max), ...record(item.default) } as Defaults["limits"];
    const requests = { ...record(item.min), ...limits, ...record(item.defaultRequest) } as Defaults["requests"];
    defaults.limits = { ...limits, ...defaults.limits };
    defaults.requests = { ...requests, ...defaults.requests };
  }
  return defaults;
}

/**
 * Amounts with which a container runs, in the order of the API server: a request that is missing equals the container's
 * own limit, and only then come the LimitRange's defaults.
 */
export function effectiveResources({ resources }: Container, defaults: Defaults): Defaults {
  return {
    limits: { ...defaults.limits, ...record(resources?.limits) } as Defaults["limits"],
    requests: {
      ...defaults.requests,
      ...record(resources?.limits),
      ...record(resources?.requests),
    } as Defaults["requests"],
  };
}

/**
 * What one pod takes of its namespace's quota. As the scheduler counts it (KEP-753): the sum of containers and
 * sidecars, or the largest init container with the sidecars before it, whichever is more; instead of it what the pod
 * as a whole asks for, where it does (KEP-2837); plus the overhead of its runtime.
 */
export function podAmounts(model: ClusterModel, pod: PodSource, defaults: Defaults): Amounts {
  const running: Amounts = {};
  const sidecars: Amounts = {};
  const peak: Amounts = {};
  for (const { role, container } of pod.containers) {
    const own = containerAmounts(container, defaults);
    if (role === "init") raise(peak, sum(own, sidecars));
    else {
      add(running, own);
      if (role === "sidecar") add(sidecars, own);
    }
  }
  raise(running, peak);
  const taken = { ...running, ...wholePodAmounts(pod, running) };
  for (const [resource, value] of Object.entries(overheadOf(model, pod))) {
    const amount = parseMilli(value) ?? 0n;
    add(taken, { [`requests.${resource}`]: amount, [`limits.${resource}`]: amount });
  }
  return { ...taken, pods: 1000n };
}

/** What the pod asks for as a whole; a request that is missing there is the containers', and without one the pod's own limit. */
function wholePodAmounts({ spec }: PodSource, ofContainers: Amounts): Amounts {
  const amounts: Amounts = {};
  const { limits, requests } = record(spec.resources);
  for (const [resource, value] of Object.entries(record(limits))) {
    const limit = parseMilli(value) ?? 0n;
    amounts[`limits.${resource}`] = limit;
    amounts[`requests.${resource}`] = ofContainers[`requests.${resource}`] ?? limit;
  }
  for (const [resource, value] of Object.entries(record(requests)))
    amounts[`requests.${resource}`] = parseMilli(value) ?? 0n;
  return amounts;
}

/** The pod's overhead: its RuntimeClass's, which the API server writes into the pod, where the pod says none. */
function overheadOf(model: ClusterModel, pod: PodSource): Record<string, unknown> {
  if (pod.spec.overhead !== undefined) return record(pod.spec.overhead);
  return record(record(runtimeClassOf(model, pod)?.object.overhead).podFixed);
}

function containerAmounts(container: Container, defaults: Defaults): Amounts {
  const { limits, requests } = effectiveResources(container, defaults);
  const amounts: Amounts = {};
  for (const [prefix, values] of [
    ["limits", limits],
    ["requests", requests],
  ] as const)
    for (const [resource, value] of Object.entries(values)) amounts[`${prefix}.${resource}`] = parseMilli(value) ?? 0n;
  return amounts;
}

/** How many pods an object makes at most. */
export interface Replicas {
  count: bigint;
  /** Object and field that say so. */
  object: ModelObject;
  field: string;
  /** False when the number is a guess, because the field holds none. */
  certain: boolean;
  /** What the field holds. */
  written: unknown;
}

/** Most pods of a controller: the maximum of its autoscaler, else its own replicas or parallelism, else one. */
export function maxReplicas(model: ClusterModel, pod: PodSource): Replicas {
  const { source } = pod;
  const autoscaler = autoscalersOf(model, source)[0];
  if (autoscaler !== undefined)
    return count(autoscaler, "spec.maxReplicas", record(autoscaler.object.spec).maxReplicas);
  const spec = record(source.object.spec);
  if (source.object.kind === "Job") return count(source, "spec.parallelism", spec.parallelism ?? 1);
  if (source.object.kind === "CronJob")
    return count(source, "spec.jobTemplate.spec.parallelism", record(record(spec.jobTemplate).spec).parallelism ?? 1);
  if (source.object.kind === "Pod") return count(source, "kind", 1);
  return count(source, "spec.replicas", spec.replicas ?? 1);
}

function count(object: ModelObject, field: string, value: unknown): Replicas {
  const certain = typeof value === "number" && Number.isInteger(value) && value >= 0;
  return { count: certain ? BigInt(value) : 1n, object, field, certain, written: value };
}

/** Fewest pods of a controller that runs at all: the minimum of its autoscaler, else its own number; a guess where none is known. */
export function minReplicas(model: ClusterModel, pod: PodSource): bigint {
  const autoscaler = autoscalersOf(model, pod.source)[0];
  if (autoscaler === undefined) return maxReplicas(model, pod).count;
  const { minReplicas: least = 1 } = record(autoscaler.object.spec);
  return typeof least === "number" && Number.isInteger(least) && least > 0 ? BigInt(least) : 1n;
}

/**
 * How many pods a roll-out needs beyond `replicas` to get on at all: one where a new pod must be there before an old one may
 * go. Defaults: 25 % more, rounded up, and 25 % fewer, rounded down.
 */
export function rolloutSurge({ source }: PodSource, replicas: bigint): bigint {
  if (source.object.kind !== "Deployment" || replicas <= 0n) return 0n;
  const { type = "RollingUpdate", rollingUpdate } = record(record(source.object.spec).strategy);
  if (type === "Recreate") return 0n;
  const { maxSurge = "25%", maxUnavailable = "25%" } = record(rollingUpdate);
  const surge = share(maxSurge, replicas, "up");
  // Where both are nothing, the controller lets one pod go first. An amount that nobody can read may be nothing.
  if (surge === 0n) return 0n;
  return (share(maxUnavailable, replicas, "down") ?? 0n) > 0n ? 0n : 1n;
}

/** A number of pods, or a percentage of them; undefined for anything else. */
export function share(amount: unknown, of: bigint, round: "up" | "down"): bigint | undefined {
  if (typeof amount === "number" && Number.isInteger(amount)) return BigInt(amount);
  const percent = /^(\d+)%$/.exec(String(amount))?.[1];
  if (percent === undefined) return undefined;
  return (BigInt(percent) * of + (round === "up" ? 99n : 0n)) / 100n;
}

/** Autoscalers whose target is the object. */
export function autoscalersOf(model: ClusterModel, target: ModelObject): readonly ModelObject[] {
  return model.ofIn(target.namespace, "HorizontalPodAutoscaler", "autoscaling").filter((autoscaler) => {
    const ref = record(record(autoscaler.object.spec).scaleTargetRef);
    return ref.kind === target.object.kind && ref.name === target.object.metadata.name;
  });
}

/** Adds amounts to a total, in place. */
export function add(total: Amounts, amounts: Amounts, times = 1n): void {
  for (const [key, amount] of Object.entries(amounts)) total[key] = (total[key] ?? 0n) + amount * times;
}

function sum(a: Amounts, b: Amounts): Amounts {
  const total = { ...a };
  add(total, b);
  return total;
}

function raise(total: Amounts, amounts: Amounts): void {
  for (const [key, amount] of Object.entries(amounts)) if (amount > (total[key] ?? 0n)) total[key] = amount;
}

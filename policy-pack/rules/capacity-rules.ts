/** Quotas, autoscalers and what pods take of them, for the rules under `capacity/`. All amounts are in thousandths. */
import type { ClusterModel, ModelObject, PodSource } from "../model/cluster-model";
import type { Container, Resources } from "../model/kubernetes";
import { record } from "../model/pods";
import { parseMilli } from "../model/quantity";
import { list, runtimeClassOf } from "./select";

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

/** Defaults that the namespace's LimitRanges give containers, by resource. */
export function containerDefaults(model: ClusterModel, namespace: string): Resources {
  const defaults: Required<Pick<Resources, "requests" | "limits">> = { requests: {}, limits: {} };
  for (const { object } of model.inNamespace(namespace).filter((o) => o.object.kind === "LimitRange")) {
    for (const item of list(record(object.spec).limits as Record<string, unknown>[]).map(record)) {
      if (item.type !== "Container") continue;
      Object.assign(defaults.limits, record(item.default));
      Object.assign(defaults.requests, record(item.default), record(item.defaultRequest));
    }
  }
  return defaults;
}

/**
 * What one pod takes of its namespace's quota. As the scheduler counts it (KEP-753): the sum of containers and
 * sidecars, or the largest init container with the sidecars before it, whichever is more; instead of it what the pod
 * as a whole asks for, where it does (KEP-2837); plus the overhead of its runtime.
 */
export function podAmounts(model: ClusterModel, pod: PodSource, defaults: Resources): Amounts {
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

function containerAmounts({ resources }: Container, defaults: Resources): Amounts {
  const limits = { ...record(defaults.limits), ...record(resources?.limits) };
  // A request that is missing equals the container's own limit, and only then the LimitRange's default.
  const requests = { ...record(defaults.requests), ...record(resources?.limits), ...record(resources?.requests) };
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

/** Node pools, and the pools that a tenant's pod leads to, for the rules under `placement/` and `capacity/`. */
import type { ClusterModel, ModelObject, PodSource } from "../model/cluster-model";
import { list, record } from "../model/json";
import type { PackConfiguration } from "../settings/settings";
import type { LabelSelectorRequirement } from "../model/kubernetes";
import { parseMilli } from "../model/quantity";
import { runtimeClassOf } from "./select";

/** A pool of nodes: declared by an object, or listed in the configuration as existing. */
export interface Pool {
  /** Value of the pool's node label. */
  name: string;
  /** Tenant that the pool is dedicated to; undefined when tenants share it or its owner is not said. */
  tenant?: string;
  /** Whether the configuration lists the pool as shared. */
  shared: boolean;
  /** The object that declares the pool; undefined for pools of the configuration. */
  object?: ModelObject;
  /** Labels that the pool's nodes get. */
  labels: Record<string, string>;
  /** Taints that the pool's nodes get. */
  taints: { key?: string; value?: string; effect?: string }[];
  /** Path of the taints in the object. */
  taintsPath: string;
  /** Most that the pool grows to, by resource name; undefined where the object cannot say. */
  limits?: Record<string, unknown>;
}

/** Annotation with what one node counts against the limits, as `cpu=16,memory=64Gi`; where a pool's maker says it. */
const NODE_WHOLE = "ollama-platform.io/node-amounts";
/** Annotation with what tenants' pods can use of it. */
const NODE_ROOM = "ollama-platform.io/node-room";

/** Amounts of an annotation, in thousandths. */
function annotated({ object }: Pool, key: string): Record<string, bigint> {
  const text = record(object?.object.metadata.annotations)[key];
  const pairs = typeof text === "string" ? text.split(",").map((pair) => pair.split("=")) : [];
  return Object.fromEntries(
    pairs.flatMap(([name = "", amount]) => {
      const milli = parseMilli(amount);
      return milli === undefined || milli <= 0n ? [] : [[name, milli]];
    }),
  );
}

/** Most whole nodes within every limit of the pool, as far as it says what one node has; undefined where nothing bounds them. */
function mostNodes(pool: Pool): bigint | undefined {
  const { replicas } = record(pool.object?.object.spec);
  const counted = [parseMilli(pool.limits?.nodes), typeof replicas === "number" ? parseMilli(replicas) : undefined];
  const bounds = [
    ...counted.flatMap((milli) => (milli === undefined ? [] : [milli / 1000n])),
    ...Object.entries(annotated(pool, NODE_WHOLE)).flatMap(([resource, perNode]) => {
      const limit = parseMilli(pool.limits?.[resource]);
      return limit === undefined ? [] : [limit / perNode];
    }),
  ];
  return bounds.reduce<bigint | undefined>(
    (least, bound) => (least === undefined || bound < least ? bound : least),
    undefined,
  );
}

/**
 * What pods can use of a resource of the whole pool, in thousandths: its limit, and no more than its whole nodes have. What is left over on several
 * nodes makes no node. Undefined where nothing says.
 */
export function roomOfPool(pool: Pool, resource: string): bigint | undefined {
  const limit = parseMilli(pool.limits?.[resource]);
  const perNode = annotated(pool, NODE_ROOM)[resource];
  const nodes = perNode === undefined ? undefined : mostNodes(pool);
  if (perNode === undefined || nodes === undefined) return limit;
  const room = nodes * perNode;
  return limit === undefined || room < limit ? room : limit;
}

/** Pools that objects declare and pools of the configuration. */
export function pools(model: ClusterModel, configuration: PackConfiguration): Pool[] {
  const { dedicated, shared } = configuration.pools;
  const declared = [
    ...model.of("NodePool", "karpenter.sh").map((object) => {
      const spec = record(object.object.spec);
      const template = record(spec.template);
      const limits = record(spec.limits);
      return declaredPool(object, configuration, {
        labels: record(template.metadata).labels,
        taints: record(template.spec).taints,
        taintsPath: "spec.template.spec.taints",
        limits,
      });
    }),
    ...model.of("ComputeClass", "cloud.google.com").map((object) => {
      const config = record(record(object.object.spec).nodePoolConfig);
      return declaredPool(object, configuration, {
        labels: config.nodeLabels,
        taints: config.taints,
        taintsPath: "spec.nodePoolConfig.taints",
      });
    }),
    ...["MachineDeployment", "MachinePool"].flatMap((kind) =>
      model.of(kind, "cluster.x-k8s.io").map((object) => {
        const template = record(record(object.object.spec).template);
        return declaredPool(object, configuration, {
          labels: record(template.metadata).labels,
          taints: record(template.spec).taints,
          taintsPath: "spec.template.spec.taints",
        });
      }),
    ),
  ];
  const names = new Set(declared.map((pool) => pool.name));
  const existing = [...Object.keys(dedicated), ...shared]
    .filter((name) => !names.has(name))
    .map((name): Pool => ({
      name,
      tenant: dedicated[name],
      shared: shared.includes(name),
      labels: {},
      taints: [],
      taintsPath: "",
    }));
  return [...declared, ...existing];
}

function declaredPool(
  object: ModelObject,
  { pools: facts }: PackConfiguration,
  parts: { labels: unknown; taints: unknown; taintsPath: string; limits?: Record<string, unknown> },
): Pool {
  const labels = record(parts.labels) as Record<string, string>;
  const key = facts.keys.find((k) => typeof labels[k] === "string");
  const name = key === undefined ? object.object.metadata.name : (labels[key] ?? "");
  return {
    name,
    tenant: (record(object.object.metadata.labels)[facts.tenantLabel] as string | undefined) ?? facts.dedicated[name],
    shared: facts.shared.includes(name),
    object,
    labels,
    taints: Array.isArray(parts.taints) ? parts.taints.map((t) => record(t)) : [],
    taintsPath: parts.taintsPath,
    limits: parts.limits,
  };
}

/** Whether a pool has a fixed number of nodes. */
export function isStatic({ object }: Pool): boolean {
  return record(object?.object.spec).replicas !== undefined;
}

/** Whether a number of nodes bounds a pool: its fixed one, or the limit to which it grows. */
export function isBoundByNodes({ object, limits }: Pool): boolean {
  const { replicas } = record(object?.object.spec);
  if (replicas !== undefined) return typeof replicas === "number" && Number.isInteger(replicas) && replicas >= 0;
  return parseMilli(limits?.nodes) !== undefined;
}

/** Names of the pools that a tenant may use: its own and those without an owner. */
export function permittedPools(all: readonly Pool[], tenant: string | undefined): Set<string> {
  const permitted = all.filter((pool) => pool.tenant === tenant || pool.tenant === undefined);
  return new Set(permitted.map((pool) => pool.name));
}

/** A place that says where a pod runs, and mentions pools by the pool key. */
export interface PoolMention {
  object: ModelObject;
  path: string;
  /** Pools named; undefined when the place stands for pools that it does not name (`Exists`, `NotIn`). */
  names: readonly string[] | undefined;
}

/** Every place where the pod's node selector, its RuntimeClass's or its required node affinity mentions a pool key. */
export function poolMentions(model: ClusterModel, pod: PodSource, keys: readonly string[]): PoolMention[] {
  const inSelector = (object: ModelObject, path: string, selector: Record<string, unknown>): PoolMention[] =>
    keys
      .filter((key) => Object.hasOwn(selector, key))
      .map((key) => ({ object, path: `${path}["${key}"]`, names: [String(selector[key])] }));
  const bySelector = inSelector(pod.source, `${pod.path}.nodeSelector`, record(pod.spec.nodeSelector));
  const runtimeClass = runtimeClassOf(model, pod);
  const byRuntimeClass =
    runtimeClass === undefined
      ? []
      : inSelector(
          runtimeClass,
          "scheduling.nodeSelector",
          record(record(runtimeClass.object.scheduling).nodeSelector),
        );
  const byAffinity = requiredTerms(pod).flatMap(({ expressions, path }) =>
    expressions
      .map((expression, index) => ({ expression, path: `${path}.matchExpressions[${index}]` }))
      .filter(({ expression }) => keys.includes(expression.key ?? ""))
      .map(({ expression, path: expressionPath }) => ({
        object: pod.source,
        path: expressionPath,
        names: expression.operator === "In" ? list(expression.values) : undefined,
      })),
  );
  return [...bySelector, ...byRuntimeClass, ...byAffinity];
}

/**
 * Pools whose nodes alone the pod can run on; undefined when it may also run elsewhere. Node selector terms are
 * alternatives, so each of them must name a pool.
 */
export function boundPools(pod: PodSource, keys: readonly string[]): string[] | undefined {
  const selector = record(pod.spec.nodeSelector);
  const key = keys.find((k) => typeof selector[k] === "string");
  if (key !== undefined) return [String(selector[key])];
  const terms = requiredTerms(pod);
  const named = terms.map(({ expressions }) =>
    expressions.find((e) => keys.includes(e.key ?? "") && e.operator === "In" && Array.isArray(e.values)),
  );
  if (terms.length === 0 || named.some((e) => e === undefined)) return undefined;
  return [...new Set(named.flatMap((e) => e?.values ?? []))];
}

function requiredTerms(pod: PodSource): { expressions: readonly LabelSelectorRequirement[]; path: string }[] {
  const path = `${pod.path}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return list(terms).map((term, index) => ({
    expressions: list(term?.matchExpressions),
    path: `${path}[${index}]`,
  }));
}

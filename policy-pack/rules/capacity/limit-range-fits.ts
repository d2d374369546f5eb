import { type ClusterModel, groupBy, type NamespaceInfo, type PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { formatMilli, parseMilli } from "../../model/quantity";
import {
  containerDefaults,
  type Defaults,
  effectiveResources,
  limitRangeItems,
  podAmounts,
} from "../../readers/capacity";
import { type ClaimSource, tenantClaims } from "../../readers/storage";
import { nsa } from "../frameworks";
import type { Finding, Rule } from "../rule";

/** Amounts of a container or a pod, and where messages find them. */
interface Subject {
  pod: PodSource;
  /** What has the amounts: `the container "envoy"`. */
  name: string;
  request(resource: string): bigint | undefined;
  limit(resource: string): bigint | undefined;
  field(kind: "requests" | "limits", resource: string): string;
}

const quantity = (values: Record<string, unknown>, resource: string): bigint | undefined =>
  Object.hasOwn(values, resource) ? parseMilli(values[resource]) : undefined;

function containersOf(pod: PodSource, defaults: Defaults): Subject[] {
  return pod.containers
    .filter(({ role }) => role !== "ephemeral")
    .map(({ container, path }) => {
      const { requests, limits } = effectiveResources(container, defaults);
      return {
        pod,
        name: `the container ${show(container.name)}`,
        request: (resource) => quantity(requests, resource),
        limit: (resource) => quantity(limits, resource),
        field: (kind, resource) => `${path}.resources.${kind}${key(resource)}`,
      };
    });
}

function whole(model: ClusterModel, pod: PodSource, defaults: Defaults): Subject {
  const amounts = podAmounts(model, pod, defaults);
  return {
    pod,
    name: "the pod",
    request: (resource) => amounts[`requests.${resource}`],
    limit: (resource) => amounts[`limits.${resource}`],
    field: () => `${pod.path}.containers`,
  };
}

const key = (resource: string): string => (/^\w+$/.test(resource) ? `.${resource}` : `["${resource}"]`);

/** Requests above the limit that holds in the end. */
function aboveLimit(subject: Subject, resources: readonly string[], own: Defaults["limits"]): Finding[] {
  return resources.flatMap((resource) => {
    const [request, limit] = [subject.request(resource), subject.limit(resource)];
    if (request === undefined || limit === undefined || request <= limit) return [];
    const origin = Object.hasOwn(own, resource) ? "its limit" : "the limit that the LimitRange gives it";
    return [
      {
        object: subject.pod.source,
        field: subject.field("requests", resource),
        message: `is ${formatMilli(request)}, above ${origin}, ${formatMilli(limit)}: the API server refuses every such pod.`,
        fix: `Set resources.limits${key(resource)} to at least ${formatMilli(request)}.`,
      },
    ];
  });
}

/** What an item of a LimitRange refuses. */
function outside(subject: Subject, item: Record<string, unknown>, range: string): Finding[] {
  const finding = (
    kind: "requests" | "limits",
    resource: string,
    found: bigint | undefined,
    what: string,
  ): Finding => ({
    object: subject.pod.source,
    field: subject.field(kind, resource),
    message: `makes ${found === undefined ? `no amount (it is not set)` : formatMilli(found)} of ${resource} for ${subject.name}, but ${range} ${what}: the API server refuses every such pod.`,
    fix: "Raise or lower the amount to what the LimitRange allows, or change the LimitRange.",
  });
  const each = (part: unknown, judge: (resource: string, bound: bigint) => Finding[]): Finding[] =>
    Object.entries(record(part)).flatMap(([resource, value]) => {
      const bound = parseMilli(value);
      return bound === undefined ? [] : judge(resource, bound);
    });
  return [
    ...each(item.max, (resource, most) => {
      const limit = subject.limit(resource);
      if (limit !== undefined && limit <= most) return [];
      return [finding("limits", resource, limit, `allows at most ${formatMilli(most)}`)];
    }),
    ...each(item.min, (resource, least) => {
      const request = subject.request(resource);
      if (request !== undefined && request >= least) return [];
      return [finding("requests", resource, request, `asks for at least ${formatMilli(least)}`)];
    }),
    ...each(item.maxLimitRequestRatio, (resource, ratio) => {
      const [request, limit] = [subject.request(resource) ?? 0n, subject.limit(resource)];
      if (limit !== undefined && request > 0n && limit * 1000n <= request * ratio) return [];
      return [finding("limits", resource, limit, `allows at most ${formatMilli(ratio)} times the request`)];
    }),
  ];
}

/** What the items for claims refuse. */
function ofClaims(model: ClusterModel, claims: readonly ClaimSource[], namespace: string): Finding[] {
  return limitRangeItems(model, namespace, "PersistentVolumeClaim").flatMap(({ object, item }) =>
    claims.flatMap((claim): Finding[] => {
      const given = record(record(claim.spec.resources).requests).storage;
      const [size, most, least] = [given, record(item.max).storage, record(item.min).storage].map(parseMilli);
      if (size === undefined) return [];
      const above = most !== undefined && size > most;
      if (!above && (least === undefined || size >= least)) return [];
      const what = above ? `allows at most ${formatMilli(most)}` : `asks for at least ${formatMilli(least ?? 0n)}`;
      return [
        {
          object: claim.object,
          field: `${claim.path}.resources.requests.storage`,
          message: `is ${show(given)}, but LimitRange ${object.object.metadata.name} ${what}: the API server refuses every such claim.`,
          fix: "Raise or lower the size to what the LimitRange allows, or change the LimitRange.",
        },
      ];
    }),
  );
}

function check(model: ClusterModel, { name }: NamespaceInfo): Finding[] {
  const defaults = containerDefaults(model, name);
  const ofContainers = limitRangeItems(model, name, "Container");
  const ofPods = limitRangeItems(model, name, "Pod");
  const range = (object: { object: { metadata: { name: string } } }) => `LimitRange ${object.object.metadata.name}`;
  // A live pod of a controller is judged through the controller.
  const pods = model.podsIn(name).filter((pod) => pod.source.object.metadata.ownerReferences === undefined);
  return pods.flatMap((pod) => {
    const subjects = containersOf(pod, defaults);
    const sized = pod.containers.filter(({ role }) => role !== "ephemeral");
    return [
      ...subjects.flatMap((subject, index) => {
        const { requests, limits } = record(sized[index]?.container.resources);
        const named = [...new Set([...Object.keys(record(requests)), ...Object.keys(defaults.requests)])];
        return aboveLimit(subject, named, record(limits) as Defaults["limits"]);
      }),
      ...ofContainers.flatMap(({ object, item }) =>
        subjects.flatMap((subject) => outside(subject, item, range(object))),
      ),
      ...list(ofPods).flatMap(({ object, item }) => outside(whole(model, pod, defaults), item, range(object))),
    ];
  });
}

export const rule: Rule = {
  id: "capacity/limit-range-fits",
  title: "The containers and claims of a tenant stay below their limits and within the LimitRanges of their namespace.",
  severity: "medium",
  scope: "cluster",
  frameworks: [nsa("Resource policies")],
  remediation: "Set requests at or below the limits, and both within the LimitRange.",
  check: (model) => {
    const claims = groupBy(tenantClaims(model), ({ namespace }) => namespace);
    return model
      .tenantNamespaces()
      .flatMap((namespace) => [
        ...check(model, namespace),
        ...ofClaims(model, claims.get(namespace.name) ?? [], namespace.name),
      ]);
  },
};

import * as assert from "node:assert/strict";
import fc from "fast-check";
import type { PlatformSpec } from "../../../components/spec/index";
import { milliCpu, parseBytes } from "../../../components/models/quantity";
import type {
  CustomObject,
  Deployment,
  HorizontalPodAutoscaler,
  KubernetesObject,
  NetworkPolicy,
  PodDisruptionBudget,
  ResourceQuota,
  Service,
} from "../../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { GATEWAY_RESOURCES } from "../../../components/spec/replica";
import { anyPlatform, fittingPlatform } from "./arbitrary";
import { faultsOf, objectsOf } from "./fixture";

type Labels = Record<string, string>;

function ofKind<T extends KubernetesObject>(objects: KubernetesObject[], kind: T["kind"]): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}

describe("Names of random tenants", () => {
  it("are unique and of legal form and length", () => {
    fc.assert(
      fc.property(fittingPlatform, (spec) => {
        const objects = objectsOf(spec);
        const keys = objects.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`);
        assert.equal(new Set(keys).size, keys.length);
        for (const { kind, metadata } of objects) {
          const longest = kind === "Namespace" || kind === "Service" ? 63 : 253;
          assert.ok(metadata.name.length <= longest);
          assert.match(metadata.name, /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
          assert.ok((metadata.namespace ?? "").length <= 63);
          for (const value of Object.values(metadata.labels))
            assert.match(value, /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("Selectors of random tenants", () => {
  function selectorsOf(objects: KubernetesObject[]): { namespace?: string; selector: Labels }[] {
    const deployments = ofKind<Deployment>(objects, "Deployment");
    return [
      ...deployments.map(({ metadata, spec }) => ({ ...metadata, selector: spec.selector.matchLabels })),
      ...deployments.flatMap(({ metadata, spec }) =>
        (spec.template.spec?.topologySpreadConstraints ?? []).map(({ labelSelector }) => ({
          ...metadata,
          selector: labelSelector?.matchLabels,
        })),
      ),
      ...ofKind<Service>(objects, "Service").map(({ metadata, spec }) => ({ ...metadata, selector: spec.selector })),
      ...ofKind<PodDisruptionBudget>(objects, "PodDisruptionBudget").map(({ metadata, spec }) => ({
        ...metadata,
        selector: spec.selector?.matchLabels,
      })),
      ...ofKind<NetworkPolicy>(objects, "NetworkPolicy")
        .filter(({ spec }) => spec.podSelector?.matchLabels !== undefined)
        .map(({ metadata, spec }) => ({ ...metadata, selector: spec.podSelector?.matchLabels })),
    ].map(({ namespace, selector }) => ({ namespace, selector: selector ?? {} }));
  }

  it("match the pods of their own tenant and of no other", () => {
    fc.assert(
      fc.property(fittingPlatform, (spec) => {
        const objects = objectsOf(spec);
        const pods = ofKind<Deployment>(objects, "Deployment").map(({ metadata, spec: { template } }) => ({
          namespace: metadata.namespace,
          labels: (template.metadata?.labels ?? {}) as Labels,
        }));
        for (const { namespace, selector } of selectorsOf(objects)) {
          const matched = pods.filter(({ labels }) =>
            Object.entries(selector).every(([key, value]) => labels[key] === value),
          );
          assert.deepEqual(
            matched.map((pod) => pod.namespace),
            [namespace],
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it("reach into another namespace only by the name that the API server sets", () => {
    fc.assert(
      fc.property(fittingPlatform, (spec) => {
        const policies = ofKind<NetworkPolicy>(objectsOf(spec), "NetworkPolicy");
        const peers = policies.flatMap(({ spec: { ingress = [], egress = [] } }) => [
          ...ingress.flatMap(({ from = [] }) => from),
          ...egress.flatMap(({ to = [] }) => to),
        ]);
        for (const { namespaceSelector } of peers) {
          if (namespaceSelector === undefined) continue;
          assert.deepEqual(Object.keys(namespaceSelector.matchLabels ?? {}), ["kubernetes.io/metadata.name"]);
          assert.equal(namespaceSelector.matchExpressions, undefined);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe("Plans of random environments", () => {
  it("do not depend on the order of the declarations", () => {
    const shuffled = fittingPlatform.chain((spec) =>
      fc.tuple(
        fc.constant(spec),
        fc.shuffledSubarray(spec.tenants, { minLength: spec.tenants.length }),
        fc.shuffledSubarray(spec.models, { minLength: spec.models.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([spec, tenants, models]) => {
        assert.deepEqual(planPlatform({ ...spec, tenants, models }), planPlatform(spec));
      }),
      { numRuns: 50 },
    );
  });

  it("change only the tenant that was added", () => {
    fc.assert(
      fc.property(fittingPlatform, (spec) => {
        const before = new Set(platformObjects(planPlatform(spec)).map((object) => JSON.stringify(object)));
        const fewer = { ...spec, tenants: spec.tenants.slice(1) };
        if (fewer.tenants.length === 0) return;
        assert.ok(objectsOf(fewer).every((object) => before.has(JSON.stringify(object))));
      }),
      { numRuns: 30 },
    );
  });
});

/** Amounts of a resource list in base units: thousandths of a core, bytes, counts. */
function amount(resource: string, text: string): number {
  return /(^|\.)cpu$/.test(resource) ? milliCpu(text) : parseBytes(text);
}

/** What all replicas of a tenant request at the autoscaler's maximum, plus those that an update starts first. */
function demand(objects: KubernetesObject[], namespace: string): Map<string, number> {
  const inNamespace = objects.filter(({ metadata }) => metadata.namespace === namespace);
  const [deployment] = ofKind<Deployment>(inNamespace, "Deployment");
  const [autoscaler] = ofKind<HorizontalPodAutoscaler>(inNamespace, "HorizontalPodAutoscaler");
  const surge = Number(deployment?.spec.strategy?.rollingUpdate?.maxSurge ?? 0);
  // A suspended tenant has no autoscaler and asks for nothing.
  const replicas = autoscaler === undefined ? 0 : autoscaler.spec.maxReplicas + surge;
  const { containers = [], initContainers = [] } = deployment?.spec.template.spec ?? {};
  const total = new Map([["pods", replicas]]);
  for (const { resources } of [...initContainers, ...containers]) {
    for (const [resource, text] of Object.entries(resources?.requests ?? {})) {
      total.set(resource, (total.get(resource) ?? 0) + replicas * amount(resource, text));
    }
  }
  return total;
}

/** Whether what was planned fits, computed from the objects alone. */
function assertFits(spec: PlatformSpec): void {
  const objects = objectsOf(spec);
  for (const { metadata, spec: quota } of ofKind<ResourceQuota>(objects, "ResourceQuota")) {
    if (metadata.name !== "quota") continue;
    for (const [resource, needed] of demand(objects, metadata.namespace ?? "")) {
      const key = resource === "pods" ? "pods" : `requests.${resource}`;
      const limit = quota.hard?.[key];
      assert.ok(
        limit !== undefined && needed <= amount(resource, limit),
        `${metadata.namespace}: ${needed} ${resource} in ${limit}`,
      );
    }
  }
  for (const pool of ofKind<CustomObject>(objects, "NodePool")) assertPoolHolds(pool, spec, objects);
}

function assertPoolHolds(pool: CustomObject, spec: PlatformSpec, objects: KubernetesObject[]): void {
  const limits = pool.spec["limits"] as Record<string, string>;
  const users = spec.tenants.filter(({ server }) => server?.nodePool === pool.metadata.name);
  const gpuResource = spec.nodePools?.find(({ name }) => name === pool.metadata.name)?.gpu?.resource;
  for (const [resource, limit] of Object.entries(limits)) {
    // Of divided GPUs the whole ones are limited too, for the cloud's bill; pods request slices.
    if (resource.includes("/") && resource !== (gpuResource ?? "nvidia.com/gpu")) continue;
    // Updates that start replicas first are bounded by each tenant's quota, and wait when the pool is full.
    const needs = users.map(({ suspended, autoscaling, server }) =>
      suspended
        ? 0
        : resource.includes("/")
          ? (autoscaling?.maxReplicas ?? 1) * (server?.gpus ?? 0)
          : (autoscaling?.maxReplicas ?? 1) *
            (resource === "cpu"
              ? amount(resource, server?.cpu ?? "") + GATEWAY_RESOURCES.cpuMillis
              : amount(resource, server?.memory ?? "") + GATEWAY_RESOURCES.memoryBytes),
    );
    const sum = needs.reduce((total, need) => total + need, 0);
    assert.ok(sum <= amount(resource, limit), `${pool.metadata.name}: ${sum} ${resource} in ${limit}`);
    if (!resource.includes("/")) continue;
    const quotas = users.map(({ name }) => quotaOf(objects, name)[`requests.${resource}`] ?? "0").map(Number);
    assert.ok(quotas.reduce((total, quota) => total + quota, 0) <= Number(limit));
  }
}

function quotaOf(objects: KubernetesObject[], tenant: string): Record<string, string> {
  const quotas = ofKind<ResourceQuota>(objects, "ResourceQuota");
  return (
    quotas.find(({ metadata }) => metadata.name === "quota" && metadata.namespace === `tenant-${tenant}`)?.spec.hard ??
    {}
  );
}

describe("Capacity of random environments", () => {
  it("is never accepted when it does not fit", () => {
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(anyPlatform, (spec) => {
        if (faultsOf(spec).length > 0) {
          refused += 1;
          return;
        }
        accepted += 1;
        assertFits(spec);
      }),
      { numRuns: 250 },
    );
    // The property says nothing when one of the two never happens.
    assert.ok(accepted > 20 && refused > 20, `${accepted} accepted, ${refused} refused`);
  });

  it("names the most replicas that fit: they are accepted, and one more is not", () => {
    let named = 0;
    fc.assert(
      fc.property(anyPlatform, (spec) => {
        for (const tenant of spec.tenants) {
          const alone = { ...spec, tenants: [tenant] };
          const faults = faultsOf(alone);
          const largest = Number(
            /^tenant \S+: autoscaling\.maxReplicas: .*: at most (\d+):/.exec(faults.join("\n"))?.[1],
          );
          if (faults.length !== 1 || Number.isNaN(largest)) continue;
          named += 1;
          const withMaximum = (maxReplicas: number) => ({
            ...alone,
            tenants: [{ ...tenant, autoscaling: { minReplicas: 1, maxReplicas } }],
          });
          assert.deepEqual(faultsOf(withMaximum(largest)), []);
          assert.match(faultsOf(withMaximum(largest + 1)).join(), /autoscaling\.maxReplicas/);
        }
      }),
      { numRuns: 250 },
    );
    assert.ok(named > 20, `${named} refusals named a number`);
  });
});

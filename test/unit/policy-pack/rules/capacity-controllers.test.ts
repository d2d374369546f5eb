/** What controllers do with pods: roll-outs, evictions, autoscaling and defaults. */
import assert from "node:assert/strict";
import { loadSettings } from "../../../../policy-pack/settings/load";
import { describeRule, type Break } from "../breaks";
import { compliantObjects, find, hrPod, type Loose, ruleIds, settings, violationsOf } from "../fixture";

const HR = "Deployment tenant-hr/ollama";
const HPA = "HorizontalPodAutoscaler tenant-hr/ollama";
const PDB = "PodDisruptionBudget tenant-hr/ollama";
const deployment = (o: Loose[]) => find(o, "Deployment", "ollama", "tenant-hr").spec;
const autoscaler = (o: Loose[]) => find(o, "HorizontalPodAutoscaler", "ollama", "tenant-hr").spec;
const quota = (o: Loose[]) => find(o, "ResourceQuota", "quota", "tenant-hr").spec.hard;
const limitRange = (o: Loose[]) => find(o, "LimitRange", "limits", "tenant-hr").spec.limits;
const remove = (o: Loose[], kind: string, name: string) => o.splice(o.indexOf(find(o, kind, name, "tenant-hr")), 1);

/** Two pods of hr's Deployment without autoscaler, and a quota of exactly as many times their pod as told. */
const fixed = (replicas: number, pods: number, strategy?: Loose) => (o: Loose[]) => {
  remove(o, "HorizontalPodAutoscaler", "ollama");
  Object.assign(deployment(o), { replicas, strategy });
  quota(o).pods = String(pods);
  for (const key of Object.keys(quota(o)))
    if (/^(requests|limits)\.(cpu|memory|ephemeral-storage)$/.test(key)) quota(o)[key] = "10Ti";
};
const rolling = (maxSurge: unknown, maxUnavailable: unknown) => ({
  type: "RollingUpdate",
  rollingUpdate: { maxSurge, maxUnavailable },
});
const stuck = (title: string, apply: Break["apply"]): Break => ({
  title,
  apply,
  object: HR,
  field: "spec.strategy.rollingUpdate",
});
describeRule(
  "capacity/fits-quota",
  [
    stuck("a roll-out of two pods with room for two", fixed(2, 2)),
    stuck("a roll-out of one pod with room for one", fixed(1, 1)),
    stuck("a roll-out of three pods with room for three", fixed(3, 3)),
    stuck("a surge that is asked for", fixed(4, 4, rolling(1, 0))),
    stuck("a part of the pods that is less than one", fixed(4, 4, rolling("10%", "10%"))),
    stuck("a strategy that nobody can read", fixed(2, 2, rolling("?", "?"))),
    stuck("a roll-out at the autoscaler's maximum", (o) => (quota(o).pods = "2")),
    stuck("processors for two pods only", (o) => Object.assign(quota(o), { "requests.cpu": "4200m" })),
  ],
  [
    { title: "room for one pod more", apply: fixed(2, 3) },
    { title: "no surge", apply: fixed(2, 2, rolling(0, 1)) },
    { title: "no surge by percentage", apply: fixed(2, 2, rolling("0%", "50%")) },
    { title: "pods that all end first", apply: fixed(2, 2, { type: "Recreate" }) },
    { title: "four pods, of which one may go first", apply: fixed(4, 4) },
    { title: "neither surge nor absence, of which the controller allows one", apply: fixed(2, 2, rolling(0, 0)) },
    { title: "a workload that is suspended", apply: fixed(0, 0) },
    {
      title: "a StatefulSet, whose pods end first",
      apply: (o) => {
        fixed(2, 2)(o);
        find(o, "Deployment", "ollama", "tenant-hr").kind = "StatefulSet";
      },
    },
  ],
);

const budget = (o: Loose[], bound: Loose, minReplicas = 1, maxReplicas = 4) => {
  Object.assign(autoscaler(o), { minReplicas, maxReplicas });
  const spec = find(o, "PodDisruptionBudget", "ollama", "tenant-hr").spec;
  delete spec.maxUnavailable;
  Object.assign(spec, bound);
};
const second = (o: Loose[], selector: Loose | undefined) =>
  o.push({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "second", namespace: "tenant-hr" },
    spec: { maxUnavailable: 1, selector },
  });
const blocking = (title: string, bound: Loose, minReplicas = 1): Break => ({
  title,
  apply: (o) => budget(o, bound, minReplicas),
  object: PDB,
});
describeRule(
  "capacity/disruption-budget",
  [
    blocking("one that must stay where there may be one", { minAvailable: 1 }),
    blocking("half of the pods where there may be one", { minAvailable: "50%" }),
    blocking("two that must stay where there may be two", { minAvailable: 2 }, 2),
    blocking("nearly all of two", { minAvailable: "51%" }, 2),
    blocking("nobody at all", { maxUnavailable: "0%" }),
    blocking("an amount that nobody can read", { minAvailable: "?" }),
    { title: "two budgets of one pod", apply: (o) => second(o, {}), object: PDB, field: "spec.selector" },
    {
      title: "a selector of no pod",
      apply: (o) => second(o, { matchLabels: { app: "ghost" } }),
      object: "PodDisruptionBudget tenant-hr/second",
      field: "spec.selector",
    },
    {
      title: "no selector, which is that of no pod",
      apply: (o) => second(o, undefined),
      object: "PodDisruptionBudget tenant-hr/second",
    },
  ],
  [
    { title: "one of two that must stay", apply: (o) => budget(o, { minAvailable: 1 }, 2) },
    { title: "half of two", apply: (o) => budget(o, { minAvailable: "50%" }, 2) },
    { title: "a percentage that one pod rounds up to", apply: (o) => budget(o, { maxUnavailable: "1%" }) },
    {
      title: "a workload that is suspended",
      apply: (o) => {
        remove(o, "HorizontalPodAutoscaler", "ollama");
        deployment(o).replicas = 0;
        Object.assign(find(o, "PodDisruptionBudget", "ollama", "tenant-hr").spec, { maxUnavailable: 0 });
      },
    },
    {
      title: "running pods, which count through their workload",
      apply: (o) => {
        const metadata = {
          name: "p",
          namespace: "tenant-hr",
          labels: { app: "ollama" },
          ownerReferences: [{ kind: "ReplicaSet" }],
        };
        o.push({ apiVersion: "v1", kind: "Pod", metadata, spec: hrPod(o) });
      },
    },
  ],
);

const container = (o: Loose[]) => hrPod(o).containers[0];
const CONTAINER = "spec.template.spec.containers[0].resources";
const amounts = (title: string, apply: Break["apply"], field: string): Break => ({
  title,
  apply,
  object: HR,
  field: `${CONTAINER}.${field}`,
});
describeRule(
  "capacity/limit-range-fits",
  [
    amounts(
      "a request above the limit",
      (o) => (container(o).resources = { requests: { memory: "2Gi" }, limits: { memory: "1Gi" } }),
      "requests.memory",
    ),
    amounts(
      "a request above the limit that the LimitRange gives",
      (o) => (container(o).resources = { requests: { memory: "2Gi" } }),
      "requests.memory",
    ),
    amounts(
      "a request above the maximum, which is the limit then",
      (o) => {
        limitRange(o)[0] = { type: "Container", max: { "ephemeral-storage": "64Mi" } };
      },
      'limits["ephemeral-storage"]',
    ),
    ...(["max", "min"] as const).map((bound): Break => ({
      title: `a claim beyond the ${bound}imum of claims`,
      apply: (o) =>
        limitRange(o).push({ type: "PersistentVolumeClaim", [bound]: { storage: bound === "max" ? "9Gi" : "11Gi" } }),
      object: "PersistentVolumeClaim tenant-hr/models",
      field: "spec.resources.requests.storage",
    })),
    amounts(
      "a limit above the maximum",
      (o) => {
        limitRange(o)[0].max = { memory: "64Mi" };
      },
      "limits.memory",
    ),
    amounts("a request below the minimum", (o) => (limitRange(o)[0].min = { cpu: "500m" }), "requests.cpu"),
    amounts(
      "a limit too many times the request",
      (o) => {
        limitRange(o)[0].maxLimitRequestRatio = { memory: "2" };
        container(o).resources = { requests: { memory: "100Mi" }, limits: { memory: "300Mi" } };
      },
      "limits.memory",
    ),
    {
      title: "a pod above the maximum of pods",
      apply: (o) => limitRange(o).push({ type: "Pod", max: { memory: "4Gi" } }),
      object: HR,
      field: "spec.template.spec.containers",
    },
    {
      title: "an init container above its limit",
      apply: (o) => (hrPod(o).initContainers[1].resources = { requests: { cpu: 2 }, limits: { cpu: 1 } }),
      object: HR,
      field: "spec.template.spec.initContainers[1].resources.requests.cpu",
    },
  ],
  [
    {
      title: "a limit alone, which is the request too",
      apply: (o) => (container(o).resources = { limits: { memory: "2Gi" } }),
    },
    { title: "nothing, where the LimitRange gives both", apply: (o) => delete container(o).resources },
    {
      title: "a limit the allowed times the request",
      apply: (o) => {
        limitRange(o)[0].maxLimitRequestRatio = { memory: "3" };
        container(o).resources = { requests: { memory: "100Mi" }, limits: { memory: "300Mi" } };
      },
    },
    {
      title: "a pod within the maximum of pods",
      apply: (o) => limitRange(o).push({ type: "Pod", max: { memory: "9Gi" } }),
    },
  ],
);

const withoutDefaults = (apply: (resources: Loose) => unknown) => (o: Loose[]) => {
  remove(o, "LimitRange", "limits");
  apply(container(o).resources);
};
describeRule(
  "capacity/container-resources",
  [
    amounts(
      "no request of CPU where nothing gives one",
      withoutDefaults((r) => (delete r.requests.cpu, delete r.limits.cpu)),
      "requests.cpu",
    ),
    amounts(
      "no limit of memory where nothing gives one",
      withoutDefaults((r) => delete r.limits.memory),
      "limits.memory",
    ),
    amounts("a request of nothing", (o) => (container(o).resources.requests.cpu = "0"), "requests.cpu"),
  ],
  [
    { title: "a limit without request, which is the request too", apply: withoutDefaults((r) => delete r.requests) },
    { title: "nothing, where the LimitRange gives it", apply: (o) => delete container(o).resources },
    {
      title: "nothing, where the LimitRange has a maximum",
      apply: (o) => {
        limitRange(o)[0] = { type: "Container", max: { cpu: "4", memory: "16Gi" } };
        delete container(o).resources;
      },
    },
  ],
);

const metric = (o: Loose[], value: Loose) => (autoscaler(o).metrics = [value]);
const cpu = (type: string, name = "cpu") => ({
  type: "Resource",
  resource: { name, target: { type, averageUtilization: 80 } },
});
const ofContainer = (name: string, resource = "cpu") => ({
  type: "ContainerResource",
  containerResource: { name: resource, container: name, target: { type: "Utilization", averageUtilization: 80 } },
});
const external = { type: "External", external: { metric: { name: "queue" }, target: { type: "Value", value: "1" } } };
const zero = { ...settings, ...loadSettings({ capacity: { scaleToZero: true } }, ruleIds) };
const scaled = (title: string, apply: Break["apply"], field: string, used = settings): Break => ({
  title,
  apply,
  object: HPA,
  field: `spec.${field}`,
  settings: used,
});
describeRule(
  "capacity/autoscaler-metrics",
  [
    scaled(
      "a container that is not there",
      (o) => metric(o, ofContainer("ghost")),
      "metrics[0].containerResource.container",
    ),
    scaled(
      "an init container, which has ended",
      (o) => metric(o, ofContainer("check")),
      "metrics[0].containerResource.container",
    ),
    scaled(
      "a resource that a container does not request",
      (o) => metric(o, cpu("Utilization", "example.com/unit")),
      "metrics[0].resource.name",
    ),
    scaled(
      "a container's resource that it does not request",
      (o) => metric(o, ofContainer("envoy", "example.com/unit")),
      "metrics[0].containerResource.name",
    ),
    scaled("no pods where the feature is off", (o) => (autoscaler(o).minReplicas = 0), "minReplicas"),
    scaled("no pods without a metric from outside", (o) => (autoscaler(o).minReplicas = 0), "minReplicas", zero),
  ],
  [
    { title: "CPU of all containers", apply: (o) => metric(o, cpu("Utilization")) },
    { title: "CPU of the sidecar", apply: (o) => metric(o, ofContainer("ollama")) },
    { title: "an amount, which needs no request", apply: (o) => metric(o, cpu("AverageValue", "example.com/unit")) },
    {
      title: "no pods where the feature is on, by a metric from outside",
      apply: (o) => {
        autoscaler(o).minReplicas = 0;
        metric(o, external);
      },
      settings: zero,
    },
  ],
);

describe("capacity/limit-range", () => {
  it("says truly what the API server does with pods that name no amount", () => {
    const objects = compliantObjects();
    remove(objects, "LimitRange", "limits");
    const messages = violationsOf(objects, "capacity/limit-range").map(({ field, message }) => `${field} ${message}`);
    for (const text of messages)
      assert.match(text, /ephemeral-storage/.test(text) ? /let in and count as nothing/ : /would be refused/);
    assert.equal(messages.length, 6);
  });
});

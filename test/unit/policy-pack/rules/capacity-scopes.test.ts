import { describeRule, type Break } from "../breaks";
import { financePod, find, type Loose, settings } from "../fixture";

const quota = (objects: Loose[], name: string) => find(objects, "ResourceQuota", name, "tenant-hr");
const remove = (objects: Loose[], object: Loose) => objects.splice(objects.indexOf(object), 1);
const condition = (objects: Loose[], name: string) => quota(objects, name).spec.scopeSelector.matchExpressions[0];
const HR = "Namespace tenant-hr";

/** What takes the force from a quota that forbids the pods of one scope. */
const blunted = (name: string): Break[] => [
  { title: "no such quota", apply: (o) => remove(o, quota(o, name)), object: HR },
  { title: "one that allows pods", apply: (o) => (quota(o, name).spec.hard.pods = "1"), object: HR },
  { title: "one without a number", apply: (o) => (quota(o, name).spec.hard = {}), object: HR },
  { title: "one that no longer has a scope", apply: (o) => delete quota(o, name).spec.scopeSelector, object: HR },
  { title: "one with a second scope", apply: (o) => (quota(o, name).spec.scopes = ["BestEffort"]), object: HR },
  { title: "one of another scope", apply: (o) => (condition(o, name).scopeName = "Terminating"), object: HR },
  { title: "one with another operator", apply: (o) => (condition(o, name).operator = "DoesNotExist"), object: HR },
];

describeRule(
  "capacity/priority-scope",
  [
    ...blunted("quota-priority"),
    {
      title: "a class of the system among the permitted ones",
      apply: (o) => condition(o, "quota-priority").values.push("system-node-critical"),
      object: HR,
    },
    {
      title: "a permitted class that pushes out others",
      apply: (o) => (find(o, "PriorityClass", "tenant-hr").preemptionPolicy = "PreemptLowerPriority"),
      object: HR,
    },
  ],
  [{ title: "no permitted class at all", apply: (o) => (condition(o, "quota-priority").values = []) }],
);

describeRule("capacity/affinity-scope", blunted("quota-affinity"));

const withCeiling = {
  ...settings,
  configuration: {
    ...settings.configuration,
    capacity: { ...settings.configuration.capacity, ceilings: { "requests.cpu": "10", pods: "8" } },
  },
};

describeRule(
  "capacity/quota-ceiling",
  [
    {
      title: "more processors than any tenant may have",
      apply: (o) => (quota(o, "quota").spec.hard["requests.cpu"] = "10001m"),
      object: "ResourceQuota tenant-hr/quota",
      field: 'spec.hard["requests.cpu"]',
      settings: withCeiling,
    },
    {
      title: "more, under the key's short name",
      apply: (o) => {
        delete quota(o, "quota").spec.hard["requests.cpu"];
        quota(o, "quota").spec.hard.cpu = "11";
      },
      object: "ResourceQuota tenant-hr/quota",
      settings: withCeiling,
    },
  ],
  [
    {
      title: "as much as the ceiling",
      apply: (o) => (quota(o, "quota").spec.hard.pods = "8"),
      settings: withCeiling,
    },
    { title: "any amount without a ceiling", apply: (o) => (quota(o, "quota").spec.hard["requests.cpu"] = "1000") },
  ],
);

describeRule("capacity/gpu-resources-limited", [
  {
    title: "a kind of GPU that only another tenant's pod asks for",
    apply: (o) => (financePod(o).initContainers[0].resources.limits["nvidia.com/mig-1g.10gb"] = "1"),
    object: "ResourceQuota tenant-hr/quota",
    field: 'spec.hard["requests.nvidia.com/mig-1g.10gb"]',
  },
  {
    title: "a kind of GPU that only a pool offers",
    apply: (o) => (find(o, "NodePool", "finance-gpu").spec.limits["amd.com/gpu"] = "4"),
    object: "ResourceQuota tenant-hr/quota",
    field: 'spec.hard["requests.amd.com/gpu"]',
  },
  {
    title: "a kind of GPU that only another tenant's quota limits",
    apply: (o) => (find(o, "ResourceQuota", "quota", "tenant-finance").spec.hard["requests.gpu.intel.com/i915"] = "1"),
    object: "ResourceQuota tenant-hr/quota",
    field: 'spec.hard["requests.gpu.intel.com/i915"]',
  },
]);

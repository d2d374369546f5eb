import { describeRule, type Break } from "../breaks";
import { financePod, find, hrPod, type Loose } from "../fixture";

const HR = "Deployment tenant-hr/ollama";
const quota = (objects: Loose[]) => find(objects, "ResourceQuota", "quota", "tenant-hr").spec;
const autoscaler = (objects: Loose[]) => find(objects, "HorizontalPodAutoscaler", "ollama", "tenant-hr").spec;
const HPA = "HorizontalPodAutoscaler tenant-hr/ollama";
const QUOTA = "ResourceQuota tenant-hr/quota";

const requiredKeys = [
  "requests.cpu",
  "limits.cpu",
  "requests.memory",
  "limits.memory",
  "requests.ephemeral-storage",
  "limits.ephemeral-storage",
  "requests.storage",
  "requests.nvidia.com/gpu",
  "pods",
  "persistentvolumeclaims",
];

describeRule(
  "capacity/quota",
  [
    ...requiredKeys.map((key): Break => ({
      title: `no limit of ${key}`,
      apply: (o) => delete quota(o).hard[key],
      object: QUOTA,
      field: `spec.hard["${key}"]`,
    })),
    ...["services.nodeports", "services.loadbalancers"].flatMap((key): Break[] => [
      {
        title: `no limit of ${key}`,
        apply: (o) => delete quota(o).hard[key],
        object: QUOTA,
        field: `spec.hard["${key}"]`,
      },
      {
        title: `${key} above zero`,
        apply: (o) => (quota(o).hard[key] = "1"),
        object: QUOTA,
        field: `spec.hard["${key}"]`,
      },
    ]),
    { title: "an amount that is no quantity", apply: (o) => (quota(o).hard.pods = "many"), object: QUOTA },
    {
      title: "only a scoped quota",
      apply: (o) => (quota(o).scopes = ["NotTerminating"]),
      object: "Namespace tenant-hr",
    },
    {
      title: "no quota",
      apply: (o) => o.splice(o.indexOf(find(o, "ResourceQuota", "quota", "tenant-hr")), 1),
      object: "Namespace tenant-hr",
    },
  ],
  [
    {
      title: "the short names of keys",
      apply: (o) => {
        const { hard } = quota(o);
        hard.cpu = hard["requests.cpu"];
        delete hard["requests.cpu"];
      },
    },
  ],
);

describeRule("capacity/limit-range", [
  {
    title: "its absence",
    apply: (o) => o.splice(o.indexOf(find(o, "LimitRange", "limits", "tenant-hr")), 1),
    object: "Namespace tenant-hr",
  },
  ...["cpu", "memory", "ephemeral-storage"].flatMap((resource) =>
    (["default", "defaultRequest"] as const).map((kind): Break => ({
      title: `no ${kind} of ${resource}`,
      apply: (o) => {
        const [item] = find(o, "LimitRange", "limits", "tenant-hr").spec.limits;
        delete item[kind][resource];
        // A missing request falls back to the default limit, so that both are taken away.
        if (kind === "defaultRequest") delete item.default[resource];
      },
      object: "LimitRange tenant-hr/limits",
    })),
  ),
]);

describeRule(
  "capacity/fits-quota",
  [
    {
      title: "one replica too many",
      apply: (o) => (autoscaler(o).maxReplicas = 4),
      object: HPA,
      field: "spec.maxReplicas",
    },
    { title: "pods beyond the count", apply: (o) => (quota(o).hard.pods = "1"), object: HPA },
    {
      title: "more GPUs than promised",
      apply: (o) => (find(o, "HorizontalPodAutoscaler", "ollama", "tenant-finance").spec.maxReplicas = 3),
      object: "HorizontalPodAutoscaler tenant-finance/ollama",
    },
    {
      title: "fixed replicas without autoscaler",
      apply: (o) => {
        o.splice(o.indexOf(find(o, "HorizontalPodAutoscaler", "ollama", "tenant-hr")), 1);
        find(o, "Deployment", "ollama", "tenant-hr").spec.replicas = 9;
      },
      object: HR,
      field: "spec.replicas",
    },
    {
      title: "a large init container",
      apply: (o) => (hrPod(o).initContainers[1].resources.requests.cpu = "20"),
      object: HPA,
    },
    { title: "overhead of the runtime", apply: (o) => (hrPod(o).overhead = { cpu: "4" }), object: HPA },
    {
      title: "overhead that the RuntimeClass adds",
      apply: (o) => {
        hrPod(o).runtimeClassName = "gvisor";
        o.push({
          apiVersion: "node.k8s.io/v1",
          kind: "RuntimeClass",
          metadata: { name: "gvisor" },
          handler: "runsc",
          overhead: { podFixed: { cpu: "4" } },
        });
      },
      object: HPA,
    },
    {
      title: "what the pod asks for as a whole",
      apply: (o) => (hrPod(o).resources = { requests: { cpu: "20" }, limits: { cpu: "20" } }),
      object: HPA,
    },
    {
      title: "a limit of the pod as a whole, which is its request too",
      apply: (o) => {
        for (const container of [...hrPod(o).initContainers, ...hrPod(o).containers]) delete container.resources;
        find(o, "LimitRange", "limits", "tenant-hr").spec.limits = [];
        hrPod(o).resources = { limits: { cpu: "20" } };
      },
      object: HPA,
      field: "spec.maxReplicas",
    },
    {
      title: "two workloads that fit only one by one",
      apply: (o) => {
        const second = structuredClone(find(o, "Deployment", "ollama", "tenant-hr"));
        second.metadata.name = "second";
        second.spec.replicas = 3;
        o.push(second);
      },
      object: "Deployment tenant-hr/second",
    },
    {
      title: "a limit that only the LimitRange gives",
      apply: (o) => {
        delete hrPod(o).containers[0].resources;
        find(o, "LimitRange", "limits", "tenant-hr").spec.limits[0].defaultRequest.cpu = "9";
      },
      object: HPA,
    },
    {
      title: "an unknown maximum",
      apply: (o) => (autoscaler(o).maxReplicas = "?"),
      object: HPA,
      field: "spec.maxReplicas",
    },
  ],
  [
    {
      title: "a pod that asks for less as a whole than its containers may take one by one",
      apply: (o) => {
        hrPod(o).containers[0].resources.limits.cpu = "20";
        hrPod(o).resources = { limits: { cpu: "2" } };
      },
    },
  ],
);

describeRule(
  "capacity/pool-covers-quotas",
  [
    {
      title: "more GPUs promised than the pool may have",
      apply: (o) => (find(o, "ResourceQuota", "quota", "tenant-finance").spec.hard["requests.nvidia.com/gpu"] = "3"),
      object: "NodePool finance-gpu",
    },
    {
      title: "a pool that does not limit the GPUs that its pods ask for",
      apply: (o) => delete find(o, "NodePool", "finance-gpu").spec.limits["nvidia.com/gpu"],
      object: "NodePool finance-gpu",
      field: 'spec.limits["nvidia.com/gpu"]',
    },
    {
      title: "fewer processors than the quotas promise",
      apply: (o) => (find(o, "NodePool", "finance-gpu").spec.limits.cpu = "7"),
      object: "NodePool finance-gpu",
      field: 'spec.limits["cpu"]',
    },
    {
      title: "a pool whose limit is no quantity",
      apply: (o) => (find(o, "NodePool", "finance-gpu").spec.limits["nvidia.com/gpu"] = "?"),
      object: "NodePool finance-gpu",
    },
    {
      title: "GPUs that are left over on no whole node",
      apply: (o) => wholeNodes(o, { cpu: "64", memory: "256Gi", "nvidia.com/gpu": "5" }, "nvidia.com/gpu=3"),
      object: "NodePool finance-gpu",
      field: 'spec.limits["nvidia.com/gpu"]',
    },
    {
      title: "GPUs of nodes that another limit does not allow",
      apply: (o) => wholeNodes(o, { cpu: "31", memory: "256Gi", "nvidia.com/gpu": "4" }, "cpu=16,nvidia.com/gpu=2"),
      object: "NodePool finance-gpu",
      field: 'spec.limits["nvidia.com/gpu"]',
    },
  ],
  [
    {
      title: "as many whole nodes as the quotas need",
      apply: (o) => wholeNodes(o, { cpu: "64", memory: "256Gi", "nvidia.com/gpu": "4" }, "cpu=16,nvidia.com/gpu=2"),
    },
  ],
);

/** A pool that says what one node has, with a quota of four GPUs in nodes of two. */
function wholeNodes(objects: Loose[], limits: object, amounts: string): void {
  const { metadata, spec } = find(objects, "NodePool", "finance-gpu");
  metadata.annotations = {
    "ollama-platform.io/node-amounts": amounts,
    "ollama-platform.io/node-room": amounts,
  };
  spec.limits = limits;
  find(objects, "ResourceQuota", "quota", "tenant-finance").spec.hard["requests.nvidia.com/gpu"] = "4";
}

describeRule("capacity/container-resources", [
  ...(
    [
      ["requests", "cpu"],
      ["requests", "memory"],
      ["limits", "memory"],
    ] as const
  ).flatMap(([kind, resource]) =>
    ["initContainers", "containers"].map((list): Break => ({
      title: `no ${kind}.${resource} in ${list}`,
      apply: (o) => {
        // Without a LimitRange nothing else gives an amount; a limit alone would be the request too.
        o.splice(o.indexOf(find(o, "LimitRange", "limits", "tenant-hr")), 1);
        const { resources } = hrPod(o)[list][0];
        delete resources[kind][resource];
        if (kind === "requests") delete resources.limits[resource];
      },
      object: HR,
      field: `spec.template.spec.${list}[0].resources.${kind}.${resource}`,
    })),
  ),
  { title: "an amount of zero", apply: (o) => (hrPod(o).containers[0].resources.requests.cpu = "0"), object: HR },
]);

describeRule("capacity/claims-fit-quota", [
  {
    title: "a claim that is too large",
    apply: (o) => (find(o, "PersistentVolumeClaim", "models", "tenant-hr").spec.resources.requests.storage = "21Gi"),
    object: "PersistentVolumeClaim tenant-hr/models",
  },
  {
    title: "a claim without size",
    apply: (o) => delete find(o, "PersistentVolumeClaim", "models", "tenant-hr").spec.resources,
    object: "PersistentVolumeClaim tenant-hr/models",
  },
  {
    title: "a volume of each pod",
    apply: (o) =>
      hrPod(o).volumes.push({
        name: "big",
        ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: "6Gi" } } } } },
      }),
    object: HR,
  },
  {
    title: "claims of a StatefulSet",
    apply: (o) =>
      o.push({
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: { name: "db", namespace: "tenant-hr" },
        spec: {
          replicas: 3,
          template: { spec: {} },
          volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "9Gi" } } } }],
        },
      }),
    object: "StatefulSet tenant-hr/db",
  },
]);

describeRule("capacity/autoscaler-target", [
  { title: "a target that does not exist", apply: (o) => (autoscaler(o).scaleTargetRef.name = "ghost"), object: HPA },
  { title: "a minimum above the maximum", apply: (o) => (autoscaler(o).minReplicas = 3), object: HPA },
  { title: "an unknown maximum", apply: (o) => (autoscaler(o).maxReplicas = "?"), object: HPA },
  {
    title: "two autoscalers of one workload",
    apply: (o) => {
      const second = structuredClone(find(o, "HorizontalPodAutoscaler", "ollama", "tenant-hr"));
      second.metadata.name = "second";
      o.push(second);
    },
    object: HPA,
  },
]);

describeRule("capacity/scratch-limited", [
  {
    title: "no limit",
    apply: (o) => (financePod(o).volumes[1].emptyDir = {}),
    object: "Deployment tenant-finance/ollama",
  },
  {
    title: "a volume without a source, which becomes one without a limit",
    apply: (o) => delete financePod(o).volumes[1].emptyDir,
    object: "Deployment tenant-finance/ollama",
  },
  { title: "no limit in memory", apply: (o) => (hrPod(o).volumes[1].emptyDir = { medium: "Memory" }), object: HR },
  { title: "a limit that is no quantity", apply: (o) => (hrPod(o).volumes[1].emptyDir.sizeLimit = "?"), object: HR },
]);

const budget = (o: Loose[], spec: object) =>
  (find(o, "PodDisruptionBudget", "ollama", "tenant-hr").spec = {
    selector: { matchLabels: { app: "ollama" } },
    ...spec,
  });
const PDB = "PodDisruptionBudget tenant-hr/ollama";
describeRule(
  "capacity/disruption-budget",
  [
    { title: "no eviction at all", apply: (o) => budget(o, { maxUnavailable: 0 }), object: PDB },
    { title: "none by percentage", apply: (o) => budget(o, { maxUnavailable: "0%" }), object: PDB },
    { title: "all pods available", apply: (o) => budget(o, { minAvailable: "100%" }), object: PDB },
    { title: "as many available as there ever are", apply: (o) => budget(o, { minAvailable: 2 }), object: PDB },
  ],
  [{ title: "one less than there are", apply: (o) => budget(o, { minAvailable: 0 }) }],
);

const schema = (name: string, subject: object) => (o: Loose[]) =>
  o.push({
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "FlowSchema",
    metadata: { name: "fast" },
    spec: { priorityLevelConfiguration: { name }, rules: [{ subjects: [subject], resourceRules: [] }] },
  });
const level = (name: string, type: string) => ({
  apiVersion: "flowcontrol.apiserver.k8s.io/v1",
  kind: "PriorityLevelConfiguration",
  metadata: { name },
  spec: { type },
});
const people = (name: string) => ({ kind: "Group", group: { name } });
const refused = (title: string, apply: (o: Loose[]) => unknown): Break => ({
  title,
  apply,
  object: "FlowSchema fast",
  field: "spec.rules[0].subjects[0]",
});
const account = (namespace: string, name = "*") => ({ kind: "ServiceAccount", serviceAccount: { namespace, name } });
describeRule(
  "capacity/api-priority",
  [
    refused("a tenant's group", schema("exempt", people("hr-viewers"))),
    refused("a tenant's accounts", schema("exempt", account("tenant-hr"))),
    refused("the accounts of all namespaces", schema("exempt", account("*"))),
    refused("everybody", schema("exempt", people("system:authenticated"))),
    refused("a level of one's own", (o) => {
      schema("express", people("hr-viewers"))(o);
      o.push(level("express", "Exempt"));
    }),
    refused("a level that nothing declares", schema("elsewhere", people("hr-viewers"))),
  ],
  [
    { title: "a level of the cluster that waits", apply: schema("workload-low", people("hr-viewers")) },
    {
      title: "a level of one's own that waits",
      apply: (o) => {
        schema("express", people("hr-viewers"))(o);
        o.push(level("express", "Limited"));
      },
    },
    { title: "an account of the platform", apply: schema("exempt", account("kube-system", "controller")) },
    { title: "people of the platform", apply: schema("exempt", people("platform-admins")) },
  ],
);

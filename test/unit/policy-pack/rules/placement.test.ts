import { UNKNOWN } from "../../../../policy-pack/model/kubernetes";
import { loadSettings } from "../../../../policy-pack/settings/load";
import { describeRule, type Break } from "../breaks";
import { financePod, find, hrPod, type Loose, POOL_KEY, ruleIds, settings } from "../fixture";

const HR = "Deployment tenant-hr/ollama";
const FINANCE = "Deployment tenant-finance/ollama";
const POOL = "NodePool finance-gpu";
const pool = (objects: Loose[]) => find(objects, "NodePool", "finance-gpu");
const sharedPools = { ...settings, ...loadSettings({ pools: { shared: ["shared"] } }, ruleIds) };

const required = (...terms: object[]) => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
});
const term = (operator: string, values?: string[]) => ({ matchExpressions: [{ key: POOL_KEY, operator, values }] });

/** Gives hr's pods a RuntimeClass. */
function hrRuntimeClass(objects: Loose[], rest: Loose): void {
  const metadata = { name: "gvisor" };
  objects.push({ apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata, handler: "runsc", ...rest });
  hrPod(objects).runtimeClassName = "gvisor";
}

describeRule(
  "placement/own-pools",
  [
    {
      title: "another tenant's pool by the RuntimeClass",
      apply: (o) => hrRuntimeClass(o, { scheduling: { nodeSelector: { [POOL_KEY]: "finance-gpu" } } }),
      object: "RuntimeClass gvisor",
      field: `scheduling.nodeSelector["${POOL_KEY}"]`,
    },
    {
      title: "another tenant's pool",
      apply: (o) => (hrPod(o).nodeSelector = { [POOL_KEY]: "finance-gpu" }),
      object: HR,
    },
    {
      title: "a pool that nobody declares",
      apply: (o) => (hrPod(o).nodeSelector = { [POOL_KEY]: "ghost" }),
      object: HR,
    },
    {
      title: "another tenant's pool by affinity",
      apply: (o) => (hrPod(o).affinity = required(term("In", ["finance-gpu"]))),
      object: HR,
    },
    { title: "any pool by affinity", apply: (o) => (hrPod(o).affinity = required(term("Exists"))), object: HR },
    { title: "all pools but one", apply: (o) => (hrPod(o).affinity = required(term("NotIn", ["x"]))), object: HR },
  ],
  [{ title: "a shared pool", apply: (o) => (hrPod(o).nodeSelector = { [POOL_KEY]: "shared" }), settings: sharedPools }],
);

const VENDOR_TOLERATION = { key: "sku", operator: "Equal", value: "gpu", effect: "NoSchedule" };

/** Gives the nodes of finance's pool a vendor's taint. */
function carryVendorTaint(objects: Loose[]): void {
  pool(objects).spec.template.spec.taints.push({ key: "sku", value: "gpu", effect: "NoSchedule" });
}

const tolerate = (title: string, toleration: unknown): Break => ({
  title,
  apply: (o) => (hrPod(o).tolerations = [toleration]),
  object: HR,
  field: "spec.template.spec.tolerations[0]",
});
describeRule(
  "placement/tolerations",
  [
    tolerate("every taint", { operator: "Exists" }),
    tolerate("every pool", { key: POOL_KEY, operator: "Exists" }),
    tolerate("another tenant's pool", { key: POOL_KEY, value: "finance-gpu", effect: "NoSchedule" }),
    tolerate("control planes", { key: "node-role.kubernetes.io/control-plane", operator: "Exists" }),
    { title: "an unknown list", apply: (o) => (hrPod(o).tolerations = "?"), object: HR },
    {
      title: "a further taint of a pool that the pod does not select",
      apply: (o) => {
        carryVendorTaint(o);
        hrPod(o).tolerations = [VENDOR_TOLERATION];
      },
      object: HR,
    },
    {
      title: "a taint that the pool it selects does not have",
      apply: (o) => financePod(o).tolerations.push(VENDOR_TOLERATION),
      object: FINANCE,
    },
    {
      title: "another tenant's pool by the RuntimeClass",
      apply: (o) => hrRuntimeClass(o, { scheduling: { tolerations: [{ key: POOL_KEY, value: "finance-gpu" }] } }),
      object: "RuntimeClass gvisor",
      field: "scheduling.tolerations[0]",
    },
    {
      title: "an unknown list of the RuntimeClass",
      apply: (o) => hrRuntimeClass(o, { scheduling: { tolerations: "?" } }),
      object: "RuntimeClass gvisor",
    },
  ],
  [
    {
      title: "a further taint of the pool that the pod selects",
      apply: (o) => {
        carryVendorTaint(o);
        financePod(o).tolerations.push(VENDOR_TOLERATION);
      },
    },
    {
      title: "a RuntimeClass that no tenant's pod names",
      apply: (o) => {
        hrRuntimeClass(o, { scheduling: { tolerations: [{ operator: "Exists" }] } });
        delete hrPod(o).runtimeClassName;
      },
    },
    {
      title: "conditions of nodes and the GPU mark",
      apply: (o) =>
        (hrPod(o).tolerations = [
          { key: "node.kubernetes.io/not-ready", operator: "Exists" },
          { key: "nvidia.com/gpu", operator: "Exists" },
        ]),
    },
  ],
);

describeRule(
  "placement/gpu-pods",
  [
    { title: "a GPU pod without pool", apply: (o) => delete financePod(o).nodeSelector, object: FINANCE },
    {
      title: "a GPU pod with an alternative to its pool",
      apply: (o) => {
        delete financePod(o).nodeSelector;
        financePod(o).affinity = required(term("In", ["finance-gpu"]), { matchExpressions: [] });
      },
      object: FINANCE,
    },
    {
      title: "a GPU slice without pool",
      apply: (o) => (hrPod(o).containers[0].resources.limits["nvidia.com/mig-1g.10gb"] = 1),
      object: HR,
    },
    {
      title: "a device claim without pool",
      apply: (o) => (hrPod(o).containers[0].resources.claims = [{ name: "gpu" }]),
      object: HR,
    },
  ],
  [
    {
      title: "a pool by affinity",
      apply: (o) => {
        delete financePod(o).nodeSelector;
        financePod(o).affinity = required(term("In", ["finance-gpu"]));
      },
    },
  ],
);

const env = (pod: Loose, name: string, value: string) => pod.initContainers[0].env.push({ name, value });
describeRule("placement/gpu-visibility", [
  { title: "a server without GPU that hides none", apply: (o) => hrPod(o).initContainers[0].env.pop(), object: HR },
  {
    title: "a container without GPU that asks for all",
    apply: (o) => (hrPod(o).containers[0].env = [{ name: "NVIDIA_VISIBLE_DEVICES", value: "all" }]),
    object: HR,
  },
  {
    title: "a value from elsewhere",
    apply: (o) =>
      (hrPod(o).containers[0].env = [{ name: "NVIDIA_VISIBLE_DEVICES", valueFrom: { configMapKeyRef: {} } }]),
    object: HR,
  },
  {
    title: "a choice beside a GPU request",
    apply: (o) => env(financePod(o), "NVIDIA_VISIBLE_DEVICES", "all"),
    object: FINANCE,
  },
  ...["LD_PRELOAD", "NVIDIA_DISABLE_REQUIRE", "CUDA_MPS_PIPE_DIRECTORY"].map((name): Break => ({
    title: name,
    apply: (o) => env(financePod(o), name, "x"),
    object: FINANCE,
  })),
]);

describeRule("placement/node-name", [
  { title: "a chosen node", apply: (o) => (hrPod(o).nodeName = "node-1"), object: HR },
  { title: "another scheduler", apply: (o) => (hrPod(o).schedulerName = "mine"), object: HR },
]);

const priority = (objects: Loose[]) => find(objects, "PriorityClass", "tenant-hr");
describeRule(
  "placement/priority",
  [
    {
      title: "a class of the cluster",
      apply: (o) => (hrPod(o).priorityClassName = "system-node-critical"),
      object: HR,
    },
    { title: "a class that is not declared", apply: (o) => (hrPod(o).priorityClassName = "ghost"), object: HR },
    { title: "a class that evicts", apply: (o) => delete priority(o).preemptionPolicy, object: HR },
    { title: "a value above another tenant's", apply: (o) => (priority(o).value = 1001), object: HR },
    {
      title: "a class for every pod of the cluster",
      apply: (o) => (priority(o).globalDefault = true),
      object: /^PriorityClass /,
      field: "globalDefault",
    },
    { title: "the priority of system pods", apply: (o) => (priority(o).value = 2_000_000_000), object: HR },
  ],
  [{ title: "no class", apply: (o) => delete hrPod(o).priorityClassName }],
);

const node = (taints: unknown) => (o: Loose[]) =>
  o.push({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "n", labels: { [POOL_KEY]: "finance-gpu" } },
    spec: { taints },
  });
describeRule("placement/pool-fences", [
  { title: "no taint", apply: (o) => (pool(o).spec.template.spec.taints = []), object: POOL },
  { title: "a node of the pool without taint", apply: node(undefined), object: "Node n", field: "spec.taints" },
  {
    title: "a node of the pool with another pool's taint",
    apply: node([{ key: POOL_KEY, value: "other", effect: "NoSchedule" }]),
    object: "Node n",
  },
  {
    title: "a soft taint",
    apply: (o) => (pool(o).spec.template.spec.taints[0].effect = "PreferNoSchedule"),
    object: POOL,
  },
  {
    title: "the taint of another pool",
    apply: (o) => (pool(o).spec.template.spec.taints[0].value = "other"),
    object: POOL,
  },
  { title: "no label on the nodes", apply: (o) => delete pool(o).spec.template.metadata.labels, object: POOL },
  { title: "no owner", apply: (o) => delete pool(o).metadata.labels, object: POOL },
  {
    title: "an owner of a shared pool",
    apply: () => undefined,
    settings: loadSettings({ pools: { shared: ["finance-gpu"] } }, ruleIds),
    object: POOL,
  },
  {
    title: "a compute class without taint",
    apply: (o) =>
      o.push({
        apiVersion: "cloud.google.com/v1",
        kind: "ComputeClass",
        metadata: { name: "gke", labels: { "ollama-platform.io/tenant": "hr" } },
        spec: { nodePoolConfig: { nodeLabels: { "ollama-platform.io/pool": "gke" } } },
      }),
    object: "ComputeClass gke",
    field: "spec.nodePoolConfig.taints",
  },
  {
    title: "a machine deployment without taint",
    apply: (o) =>
      o.push({
        apiVersion: "cluster.x-k8s.io/v1beta2",
        kind: "MachineDeployment",
        metadata: { name: "md", namespace: "kube-system", labels: { "ollama-platform.io/tenant": "hr" } },
        spec: { template: { metadata: { labels: { [POOL_KEY]: "md" } }, spec: {} } },
      }),
    object: "MachineDeployment kube-system/md",
  },
]);

describeRule("placement/pool-limits", [
  { title: "no limits", apply: (o) => delete pool(o).spec.limits, object: POOL, field: "spec.limits.cpu" },
  {
    title: "no limit of memory",
    apply: (o) => delete pool(o).spec.limits.memory,
    object: POOL,
    field: "spec.limits.memory",
  },
  { title: "a limit that is no quantity", apply: (o) => (pool(o).spec.limits.cpu = "many"), object: POOL },
]);

describeRule(
  "placement/gpu-sharing",
  [
    ...["TIME_SHARING", "MPS"].map((sharingStrategy): Break => ({
      title: `a shared compute class with ${sharingStrategy}`,
      apply: (o) =>
        o.push({
          apiVersion: "cloud.google.com/v1",
          kind: "ComputeClass",
          metadata: { name: "gke" },
          spec: { priorities: [{ gpu: { type: "l4", gpuSharing: { sharingStrategy } } }] },
        }),
      object: "ComputeClass gke",
    })),
    ...["timeSlicing", "mps"].map((mode): Break => ({
      title: `a device plugin with ${mode}`,
      apply: (o) =>
        o.push({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "nvidia-plugin", namespace: "kube-system" },
          data: { any: `version: v1\nsharing:\n  ${mode}:\n    resources: []\n` },
        }),
      object: "ConfigMap kube-system/nvidia-plugin",
    })),
  ],
  [
    {
      title: "a ConfigMap of something else whose content is unknown",
      apply: (o) =>
        o.push({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "endpoints", namespace: "kube-system" },
          data: { database: UNKNOWN },
        }),
    },
    {
      title: "GPUs that are divided in hardware only",
      apply: (o) =>
        o.push({
          apiVersion: "cloud.google.com/v1",
          kind: "ComputeClass",
          metadata: { name: "gke" },
          spec: { priorities: [{ gpu: { type: "nvidia-a100-80gb", gpuSharing: { gpuPartitionSize: "1g.10gb" } } }] },
        }),
    },
  ],
);

const affinity =
  (kind: string, term: object, preferred = false) =>
  (o: Loose[]) =>
    (hrPod(o).affinity = {
      [kind]: preferred
        ? { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] }
        : { requiredDuringSchedulingIgnoredDuringExecution: [term] },
    });
describeRule(
  "placement/pod-affinity",
  [
    {
      title: "affinity to another tenant",
      apply: affinity("podAffinity", { namespaces: ["tenant-finance"] }),
      object: HR,
    },
    { title: "affinity to every namespace", apply: affinity("podAffinity", { namespaceSelector: {} }), object: HR },
    { title: "aversion to every namespace", apply: affinity("podAntiAffinity", { namespaceSelector: {} }), object: HR },
    {
      title: "a preference for another tenant",
      apply: affinity("podAffinity", { namespaces: ["tenant-finance"] }, true),
      object: HR,
    },
  ],
  [
    {
      title: "its own namespace",
      apply: affinity("podAntiAffinity", { namespaces: ["tenant-hr"], labelSelector: {} }),
    },
  ],
);

const level = (o: Loose[], value: string) =>
  (find(o, "Namespace", "tenant-hr").metadata.labels["ollama-platform.io/isolation-level"] = value);
describeRule("placement/isolation-level", [
  { title: "dedicated nodes without a pool", apply: (o) => level(o, "dedicated-nodes"), object: HR },
  {
    title: "dedicated nodes on a shared pool",
    apply: (o) => {
      level(o, "dedicated-nodes");
      hrPod(o).nodeSelector = { [POOL_KEY]: "shared" };
    },
    settings: sharedPools,
    object: HR,
  },
  {
    title: "a sandbox without runtime class",
    apply: (o) => level(o, "sandboxed"),
    object: HR,
    field: /runtimeClassName/,
  },
  {
    title: "a sandbox in name only",
    apply: (o) => {
      level(o, "sandboxed");
      hrRuntimeClass(o, { metadata: { name: "gvisor" }, handler: "runc" });
    },
    object: "RuntimeClass gvisor",
    field: "handler",
  },
  {
    title: "a sandbox with an ordinary runtime",
    apply: (o) => {
      level(o, "sandboxed");
      hrPod(o).runtimeClassName = "nvidia";
    },
    object: HR,
    field: /runtimeClassName/,
  },
]);

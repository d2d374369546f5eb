/** What tenants' containers ask for, see and are limited to of GPUs, under whatever name. */
import { describeRule, type Break } from "../breaks";
import { financePod, find, hrPod, type Loose } from "../fixture";
import { inEveryKind, onEveryContainer } from "../shapes";

const HR = "Deployment tenant-hr/ollama";
const FINANCE = "Deployment tenant-finance/ollama";
const QUOTA = "ResourceQuota tenant-hr/quota";
const VARIABLE = "NVIDIA_VISIBLE_DEVICES";
const POD = "spec.template.spec";

const env = (...variables: [name: string, value: string][]) => variables.map(([name, value]) => ({ name, value }));
const setEnv = (container: Loose, ...variables: [string, string][]) => (container.env = env(...variables));
/** Makes the container one without GPUs, whichever it is. */
const withoutGpu = (container: Loose) => {
  container.resources = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } };
};
const configMap = (data: Loose) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "tenant-hr" },
  data,
});
/** Lets hr's gateway take over variables. */
const imported = (title: string, data: Loose, origin: Loose = { configMapRef: { name: "settings" } }): Break => ({
  title,
  apply: (o) => {
    if (data !== undefined) o.push(configMap(data));
    hrPod(o).containers[0].envFrom = [origin];
  },
  object: HR,
  field: `${POD}.containers[0].envFrom[0]`,
});

/** As `imported`, without the value of the container's own that would win. */
const naming = (...args: Parameters<typeof imported>): Break => {
  const one = imported(...args);
  return {
    ...one,
    apply: (o) => {
      one.apply(o);
      hrPod(o).containers[0].env = [];
    },
  };
};

describeRule(
  "placement/gpu-visibility",
  [
    ...onEveryContainer(
      "two values, of which the last counts,",
      (c) => {
        withoutGpu(c);
        setEnv(c, [VARIABLE, "void"], [VARIABLE, "all"]);
      },
      "env[1]",
    ),
    ...onEveryContainer(
      "no value, which leaves it to the image,",
      (c) => {
        withoutGpu(c);
        c.image = "docker.io/library/python:3.13.1";
        delete c.env;
      },
      "env",
    ),
    ...onEveryContainer(
      "a value beside a GPU request",
      (c) => {
        c.resources = { limits: { "nvidia.com/gpu": "1" } };
        setEnv(c, [VARIABLE, "void"], [VARIABLE, "all"]);
      },
      "env[1]",
    ),
    ...inEveryKind((pod) => (pod.containers[0].env = env([VARIABLE, "0"]))),
    naming("a ConfigMap that names GPUs", { [VARIABLE]: "all", OTHER: "x" }),
    naming(
      "a ConfigMap that names GPUs by a prefix",
      { VISIBLE_DEVICES: "all" },
      {
        prefix: "NVIDIA_",
        configMapRef: { name: "settings" },
      },
    ),
    imported("a ConfigMap that loads code", { LD_PRELOAD: "/tmp/x.so" }),
    imported("a ConfigMap that nobody declares", undefined),
    imported("a Secret that nobody declares", undefined, { secretRef: { name: "other" } }),
    {
      title: "accelerators of another vendor's runtime",
      apply: (o) => hrPod(o).containers[0].env.push({ name: "AMD_VISIBLE_DEVICES", value: "all" }),
      object: HR,
      field: `${POD}.containers[0].env[1].name`,
    },
  ],
  [
    {
      title: "two values, of which the last hides all GPUs",
      apply: (o) => setEnv(hrPod(o).containers[0], [VARIABLE, "all"], [VARIABLE, "void"]),
    },
    { title: "none", apply: (o) => setEnv(hrPod(o).containers[0], [VARIABLE, "none"]) },
    {
      title: "a ConfigMap whose value the container's own wins over",
      apply: imported("", { [VARIABLE]: "all" }).apply,
    },
    { title: "a ConfigMap with other variables", apply: imported("", { LOG_LEVEL: "info" }).apply },
    {
      title: "no value beside a GPU by the name of a device class",
      apply: (o) => {
        hrPod(o).containers[0].resources.limits["example.com/card"] = "1";
        hrPod(o).containers[0].env = [];
        o.push(deviceClass("cards", "example.com/card"));
      },
    },
  ],
);

/** A class of devices, with a resource name of its own where one is given. */
function deviceClass(name: string, extendedResourceName?: string): Loose {
  return { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name }, spec: { extendedResourceName } };
}

const annotate = (key: string, value = "nvidia.com/gpu=all"): Break => ({
  title: `the annotation ${key}`,
  apply: (o) =>
    (find(o, "Deployment", "ollama", "tenant-finance").spec.template.metadata.annotations = { [key]: value }),
  object: FINANCE,
  field: `spec.template.metadata.annotations["${key}"]`,
});
const runtimeClass = (name: string, handler: string) => ({
  apiVersion: "node.k8s.io/v1",
  kind: "RuntimeClass",
  metadata: { name },
  handler,
});
describeRule(
  "placement/gpu-runtime",
  [
    annotate("cdi.k8s.io/x"),
    annotate("cdi.k8s.io/nvidia-device-plugin_1"),
    annotate("io.kubernetes.cri-o.Devices", "/dev/nvidia0"),
    annotate("devices.nri.io/container.ollama", "- path: /dev/nvidia0"),
    ...onEveryContainer(
      "a mount that names every GPU",
      (c) => (c.volumeMounts = [{ name: "scratch", mountPath: "/var/run/nvidia-container-devices/all" }]),
      "volumeMounts[0].mountPath",
    ),
    ...[
      "/run/nvidia-container-devices/0",
      "//var/run/./nvidia-container-devices/",
      "/var/../run/nvidia-container-devices",
    ].map((mountPath): Break => ({
      title: `a mount at ${mountPath}`,
      apply: (o) => (hrPod(o).containers[0].volumeMounts = [{ name: "scratch", mountPath }]),
      object: HR,
    })),
    ...inEveryKind(
      (pod) =>
        (pod.containers[0].volumeMounts = [{ name: "scratch", mountPath: "/var/run/nvidia-container-devices/all" }]),
    ),
    ...["nvidia", "nvidia-cdi", "nvidia-legacy"].map((name): Break => ({
      title: `the runtime ${name} without a request`,
      apply: (o) => (hrPod(o).runtimeClassName = name),
      object: HR,
      field: `${POD}.runtimeClassName`,
    })),
    {
      title: "the runtime by another name of its class",
      apply: (o) => {
        o.push(runtimeClass("fast", "nvidia"));
        hrPod(o).runtimeClassName = "fast";
      },
      object: HR,
    },
  ],
  [
    { title: "the runtime beside a request", apply: (o) => (financePod(o).runtimeClassName = "nvidia") },
    { title: "another runtime", apply: (o) => (hrPod(o).runtimeClassName = "gvisor") },
    { title: "other annotations", apply: annotate("example.com/note").apply },
    {
      title: "a mount beside that folder",
      apply: (o) => (hrPod(o).containers[0].volumeMounts = [{ name: "scratch", mountPath: "/var/run/nvidia" }]),
    },
  ],
);

const ask = (resources: Loose) => (container: Loose) =>
  (container.resources = { limits: resources, requests: resources });
describeRule(
  "placement/gpu-amounts",
  [
    ...onEveryContainer(
      "two slices of a kind",
      ask({ "nvidia.com/mig-1g.10gb": 2 }),
      'resources.limits["nvidia.com/mig-1g.10gb"]',
    ),
    ...onEveryContainer(
      "slices of two kinds",
      ask({ "nvidia.com/mig-1g.10gb": "1", "nvidia.com/mig-2g.20gb": "1" }),
      "resources",
    ),
    ...onEveryContainer(
      "a slice and a whole GPU",
      ask({ "nvidia.com/mig-1g.10gb": 1, "nvidia.com/gpu": 1 }),
      "resources",
    ),
    ...onEveryContainer("half a GPU", ask({ "nvidia.com/gpu": "500m" }), 'resources.limits["nvidia.com/gpu"]'),
    ...["nvidia.com/mig-1g.7gb", "nvidia.com/mig-8g.80gb", "nvidia.com/mig-", "nvidia.com/mig-1g.10gb.x"].map(
      (resource): Break => ({
        title: `the slice ${resource}, which no GPU has`,
        apply: (o) => ask({ [resource]: "1" })(financePod(o).containers[0]),
        object: FINANCE,
        field: `${POD}.containers[0].resources.limits["${resource}"]`,
      }),
    ),
    {
      title: "no quantity",
      apply: (o) => ask({ "nvidia.com/gpu": "some" })(financePod(o).containers[0]),
      object: FINANCE,
    },
    {
      title: "a part of what a device class defines",
      apply: (o) => {
        o.push(deviceClass("cards", "example.com/card"));
        ask({ "example.com/card": "1500m" })(hrPod(o).containers[0]);
      },
      object: HR,
    },
  ],
  [
    ...["nvidia.com/mig-1g.10gb", "nvidia.com/mig-1g.5gb.me", "nvidia.com/mig-7g.141gb", "nvidia.com/mig-3g.90gb"].map(
      (resource) => ({
        title: `one ${resource}`,
        apply: (o: Loose[]) => void ask({ [resource]: "1" })(financePod(o).containers[0]),
      }),
    ),
    { title: "two whole GPUs", apply: (o) => ask({ "nvidia.com/gpu": "2" })(financePod(o).containers[0]) },
    { title: "2000 thousandths", apply: (o) => ask({ "nvidia.com/gpu": "2000m" })(financePod(o).containers[0]) },
    {
      title: "none of another kind",
      apply: (o) => ask({ "nvidia.com/gpu": 1, "nvidia.com/mig-1g.10gb": 0 })(financePod(o).containers[0]),
    },
  ],
);

describeRule("placement/gpu-pods", [
  {
    title: "a GPU by the name of a device class, without pool",
    apply: (o) => {
      o.push(deviceClass("cards", "example.com/card"));
      hrPod(o).containers[0].resources.limits["example.com/card"] = "1";
    },
    object: HR,
  },
  ...onEveryContainer(
    "a device class without pool",
    ask({ "deviceclass.resource.kubernetes.io/gpu.nvidia.com": "1" }),
    "",
  ).map(({ apply, ...rest }): Break => ({
    ...rest,
    apply: (o) => {
      delete financePod(o).nodeSelector;
      apply(o);
    },
    field: `${POD}.nodeSelector`,
  })),
]);

const offered = (title: string, resource: string, object: Loose): Break => ({
  title,
  apply: (o) => o.push(object),
  object: QUOTA,
  field: `spec.hard["requests.${resource}"]`,
});
const node = (rest: Loose): Loose => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "n", ...rest.metadata },
  ...rest.parts,
});
const machines = (annotations: Loose, kind = "MachineDeployment"): Loose => ({
  apiVersion: "cluster.x-k8s.io/v1beta2",
  kind,
  metadata: { name: "m", namespace: "clusters", annotations },
  spec: {},
});
const SLICE = "nvidia.com/mig-1g.10gb";
const layout = (labels: Loose): Loose => ({
  apiVersion: "karpenter.sh/v1",
  kind: "NodePool",
  metadata: { name: "slices" },
  spec: { template: { metadata: { labels } } },
});
describeRule(
  "capacity/gpu-resources-limited",
  [
    offered("slices that a node offers", SLICE, node({ parts: { status: { allocatable: { [SLICE]: "7" } } } })),
    offered("slices that an overlay offers", SLICE, {
      apiVersion: "karpenter.sh/v1alpha1",
      kind: "NodeOverlay",
      metadata: { name: "o" },
      spec: { capacity: { [SLICE]: "7" } },
    }),
    offered(
      "slices that a node's layout makes",
      SLICE,
      node({ metadata: { labels: { "nvidia.com/mig.config": "all-1g.10gb" } } }),
    ),
    offered("slices that a pool's layout makes", SLICE, layout({ "nvidia.com/mig.config": "all-1g.10gb" })),
    offered(
      "slices that a group scales to from zero",
      SLICE,
      machines({ "capacity.cluster-autoscaler.kubernetes.io/gpu-type": SLICE }),
    ),
    offered(
      "slices that the labels of such a group make",
      SLICE,
      machines({ "capacity.cluster-autoscaler.kubernetes.io/labels": "a=b,nvidia.com/mig.config=all-1g.10gb" }),
    ),
    offered(
      "slices in the template of a group",
      SLICE,
      machines({ [`cluster-autoscaler.kubernetes.io/node-template/resources/${SLICE}`]: "7" }, "MachineSet"),
    ),
    offered("GPUs that a device class defines", "example.com/card", deviceClass("cards", "example.com/card")),
    ...[
      "habana.ai/gaudi",
      "aws.amazon.com/neuroncore",
      "google.com/tpu",
      "huawei.com/Ascend910",
      "tencent.com/vcuda-core",
    ].map((resource) =>
      offered(`${resource} of a node`, resource, node({ parts: { status: { allocatable: { [resource]: "8" } } } })),
    ),
    ...["devices.example.com/kvm", "rdma/hca", "example.com/gpu"].map((resource): Break => ({
      title: `${resource}, which a pod asks for`,
      apply: (objects) => (hrPod(objects).initContainers[0].resources.limits[resource] = "1"),
      object: "ResourceQuota tenant-hr/quota",
      field: `spec.hard["requests.${resource}"]`,
    })),
    offered("a device class", "deviceclass.resource.kubernetes.io/cards", deviceClass("cards")),
  ],
  [
    {
      title: "devices that the quota counts, and pages of memory, which are none",
      apply: (objects) => {
        Object.assign(hrPod(objects).containers[0].resources.limits, { "rdma/hca": "1", "hugepages-2Mi": "2Mi" });
        find(objects, "ResourceQuota", "quota", "tenant-hr").spec.hard["requests.rdma/hca"] = "2";
      },
    },
    {
      title: "devices of a node that no pod asks for",
      apply: (o) => o.push(node({ parts: { status: { allocatable: { "vpc.amazonaws.com/pod-eni": "9" } } } })),
    },
    { title: "a node without GPUs", apply: (o) => o.push(node({ parts: { status: { allocatable: { cpu: "4" } } } })) },
    {
      title: "whole GPUs under the name that is limited",
      apply: (o) => o.push(layout({ "nvidia.com/mig.config": "all-1g.10gb", "nvidia.com/mig.strategy": "single" })),
    },
    {
      title: "a node whose slices are limited",
      apply: (o) => {
        o.push(node({ parts: { status: { allocatable: { [SLICE]: "7" } } } }));
        for (const tenant of ["hr", "finance"])
          find(o, "ResourceQuota", "quota", `tenant-${tenant}`).spec.hard[`requests.${SLICE}`] = "0";
      },
    },
    {
      title: "labels of a group that say nothing of slices",
      apply: (o) =>
        o.push(machines({ "capacity.cluster-autoscaler.kubernetes.io/labels": "nvidia.com/gpu.present=true" })),
    },
  ],
);

import assert from "node:assert/strict";
import { IsolationLevel, NodePoolBackend, type NodePoolSpec } from "../../../components/spec/index";
import { faultsOfPool } from "../../support/faults";
import type { CustomObject, KubernetesObject } from "../../../components/plan/kubernetes";
import { planNodePool } from "../../../components/plan/node-pool/plan";
import { backendPool, BACKENDS, environmentOn, expectedKinds, VARIANTS } from "../../support/node-pools";
import { poolViolations } from "../../support/policy";
import { faultsOf, objectsOf } from "./fixture";

const LEVELS = Object.values(IsolationLevel);

describe("Every backend, with every kind of GPU and isolation level", () => {
  for (const backend of BACKENDS) {
    for (const variant of VARIANTS) {
      for (const level of LEVELS) {
        const title = `${backend}, ${variant}, ${level}`;
        const spec = environmentOn(backend, variant, level);
        if (variant.startsWith("shared") && level !== IsolationLevel.shared) {
          it(`is refused, because the level asks for nodes of the tenant's own: ${title}`, () =>
            assert.match(faultsOf(spec).join(), /^tenant finance: isolationLevel: /));
          continue;
        }
        it(`renders the backend's objects and passes the policies: ${title}`, () => {
          const objects = objectsOf(spec);
          assert.deepEqual(poolKinds(objects), expectedKinds(backend, variant));
          assert.deepEqual(poolViolations(objects, spec), []);
        });
      }
    }
  }

  it("is told apart by the policies from a pool that has lost its fence", () => {
    for (const backend of BACKENDS.filter((each) => each !== NodePoolBackend.existing)) {
      const spec = environmentOn(backend, "dedicated", IsolationLevel.dedicatedNodes);
      const objects = JSON.parse(JSON.stringify(objectsOf(spec)).replaceAll('"NoSchedule"', '"PreferNoSchedule"'));
      const rules = poolViolations(objects as KubernetesObject[], spec).map(({ rule }) => rule);
      assert.ok(rules.includes("placement/pool-fences"), `${backend}: ${rules.join()}`);
    }
  });
});

/** Kinds of the objects of the pool, in their order. */
function poolKinds(objects: KubernetesObject[]): string[] {
  return objects
    .filter(({ metadata }) => metadata.labels["app.kubernetes.io/component"] === "node-pool")
    .map(({ kind }) => kind);
}

function objectOf(pool: NodePoolSpec, kind: string): CustomObject {
  const found = planNodePool(pool).objects.find((object) => object.kind === kind);
  assert.ok(found, `no ${kind}`);
  return found as CustomObject;
}

describe("MIG slices on Karpenter", () => {
  const slices = backendPool(NodePoolBackend.karpenterAws, "shared slices");

  it("choose instances by whole GPUs, label them for the MIG manager, and limit both", () => {
    const text = JSON.stringify(objectOf(slices, "NodePool"));
    assert.match(text, /"key":"karpenter.k8s.aws\/instance-gpu-count","operator":"In","values":\["2"\]/);
    assert.match(text, /"nvidia.com\/mig.config":"all-1g.10gb"/);
    assert.match(text, /"nvidia.com\/mig-1g.10gb":"28","nvidia.com\/gpu":"4"/);
  });

  it("tell Karpenter which slices an instance of this pool has", () => {
    assert.deepEqual(objectOf(slices, "NodeOverlay").spec, {
      requirements: [{ key: "karpenter.sh/nodepool", operator: "In", values: ["gpu"] }],
      capacity: { "nvidia.com/mig-1g.10gb": "14" },
    });
  });
});

describe("Node class of a pool", () => {
  it("keeps the instance metadata service from pods, and encrypts every disk", () => {
    const { spec } = objectOf(backendPool(NodePoolBackend.karpenterAws, "dedicated"), "EC2NodeClass");
    assert.deepEqual(spec["metadataOptions"], {
      httpEndpoint: "enabled",
      httpProtocolIPv6: "disabled",
      httpPutResponseHopLimit: 1,
      httpTokens: "required",
    });
    const disks = spec["blockDeviceMappings"] as { deviceName: string; ebs: { encrypted: boolean } }[];
    assert.deepEqual(
      disks.map(({ deviceName, ebs }) => `${deviceName} ${ebs.encrypted}`),
      ["/dev/xvda true", "/dev/xvdb true"],
    );
  });

  it("is the one that the NodePool refers to, or the one named where no facts are declared", () => {
    const own = JSON.stringify(objectOf(backendPool(NodePoolBackend.karpenterAzure, "dedicated"), "NodePool"));
    assert.match(own, /"kind":"AKSNodeClass","name":"gpu"/);
    const named = { ...backendPool(NodePoolBackend.karpenterAws, "dedicated"), aws: undefined, nodeClass: "special" };
    assert.deepEqual(
      planNodePool(named).objects.map(({ kind }) => kind),
      ["NodePool"],
    );
    assert.match(JSON.stringify(objectOf(named, "NodePool")), /"kind":"EC2NodeClass","name":"special"/);
  });
});

describe("Compute class", () => {
  const pool = backendPool(NodePoolBackend.gkeComputeClass, "dedicated");
  const spec = (change: Partial<NodePoolSpec> = {}) => objectOf({ ...pool, ...change }, "ComputeClass").spec;

  it("prefers spot and falls back to on-demand only when spot is allowed", () => {
    const spots = (change: Partial<NodePoolSpec>) =>
      (spec(change)["priorities"] as { spot: boolean }[]).map(({ spot }) => spot);
    assert.deepEqual(spots({}), [false]);
    assert.deepEqual(spots({ spot: true }), [true, false]);
  });

  for (const [duration, minutes] of [
    ["30s", 1],
    ["1h30m", 90],
    ["90h", 1440],
    ["Never", 1440],
  ] as const) {
    it(`leaves empty nodes for ${minutes} minutes when ${duration} is declared`, () => {
      const policy = spec({ disruption: { consolidateAfter: duration } })["autoscalingPolicy"];
      assert.deepEqual(policy, { consolidationDelayMinutes: minutes });
    });
  }

  it("leads pods to itself, because GKE makes nodes of a class only for pods that select it", () => {
    const objects = objectsOf(environmentOn(NodePoolBackend.gkeComputeClass, "dedicated", IsolationLevel.shared));
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    assert.match(JSON.stringify(deployment), /"cloud.google.com\/compute-class":"gpu"/);
  });

  it("divides GPUs by their partition size and counts whole ones", () => {
    const slices = backendPool(NodePoolBackend.gkeComputeClass, "shared slices");
    assert.deepEqual((objectOf(slices, "ComputeClass").spec["priorities"] as { gpu: object }[])[0]?.gpu, {
      type: "nvidia-a100-80gb",
      count: 2,
      driverVersion: "default",
      gpuSharing: { gpuPartitionSize: "1g.10gb" },
    });
  });

  it("gives one slice to a replica", () => {
    const two = environmentOn(NodePoolBackend.gkeComputeClass, "shared slices", IsolationLevel.shared);
    two.tenants.forEach(({ server }) => Object.assign(server ?? {}, { gpus: 2 }));
    assert.match(faultsOf(two).join(), /server\.gpus: 2 is more than one MIG slice, and a process can use one/);
  });
});

describe("Machine deployment", () => {
  const pool = backendPool(NodePoolBackend.clusterApi, "dedicated");

  it("is scaled by the cluster autoscaler, from zero and within every limit of the pool", () => {
    const { metadata, spec } = objectOf(
      { ...pool, limits: { cpu: "50", memory: "512Gi", gpus: 8 } },
      "MachineDeployment",
    );
    assert.equal("replicas" in spec, false);
    assert.deepEqual(metadata.annotations, {
      "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "0",
      "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "3",
      "capacity.cluster-autoscaler.kubernetes.io/cpu": "16",
      "capacity.cluster-autoscaler.kubernetes.io/memory": "64Gi",
      "capacity.cluster-autoscaler.kubernetes.io/gpu-type": "nvidia.com/gpu",
      "capacity.cluster-autoscaler.kubernetes.io/gpu-count": "2",
      "capacity.cluster-autoscaler.kubernetes.io/labels": "node-restriction.kubernetes.io/ollama-pool=gpu",
      "capacity.cluster-autoscaler.kubernetes.io/taints": "node-restriction.kubernetes.io/ollama-pool=gpu:NoSchedule",
    });
  });

  it("replaces nodes within the disruption budget, and adds one first when none may go", () => {
    const rolling = (maxUnavailableNodes?: string) =>
      JSON.stringify(objectOf({ ...pool, disruption: { maxUnavailableNodes } }, "MachineDeployment").spec["rollout"]);
    assert.match(rolling(), /"maxSurge":0,"maxUnavailable":1/);
    assert.match(rolling("10%"), /"maxSurge":0,"maxUnavailable":"10%"/);
    assert.match(rolling("0"), /"maxSurge":1,"maxUnavailable":0/);
  });
});

describe("Settings of a backend", () => {
  const broken: [string, NodePoolBackend, Partial<NodePoolSpec>, string][] = [
    ["spot machines of a template", "cluster-api", { spot: true }, "spot"],
    ["requirements on a compute class", "gke-compute-class", { requirements: [] }, "requirements"],
    ["a node class on GKE", "gke-compute-class", { nodeClass: "gpu" }, "nodeClass"],
    [
      "a budget on GKE",
      "gke-compute-class",
      { disruption: { maxUnavailableNodes: "1" } },
      "disruption.maxUnavailableNodes",
    ],
    [
      "an idle time of machines",
      "cluster-api",
      { disruption: { consolidateAfter: "5m" } },
      "disruption.consolidateAfter",
    ],
    ["another cloud's nodes", "karpenter-azure", { gke: { machineFamily: "g2" } }, "gke"],
    ["anything on nodes that exist", "existing", { disruption: {} }, "disruption"],
    ["two node classes", "karpenter-aws", { nodeClass: "gpu" }, "nodeClass"],
    ["two node classes", "karpenter-azure", { nodeClass: "gpu" }, "nodeClass"],
    [
      "two machines",
      "gke-compute-class",
      { gke: { machineType: "g2-standard-4", machineFamily: "g2" } },
      "gke.machineFamily",
    ],
    ["GKE's GPUs without product", "gke-compute-class", { gpu: { memoryGiB: 24, countPerNode: 2 } }, "gpu.product"],
    ["a name that GKE takes for no taint", "gke-compute-class", { name: "ab" }, "name"],
    ["machines without cluster", "cluster-api", { clusterApi: undefined }, "clusterApi"],
    ["machines of unknown size", "cluster-api", { nodeCpu: undefined }, "nodeCpu"],
    ["a limit below one machine", "cluster-api", { limits: { cpu: "8", memory: "256Gi", gpus: 8 } }, "limits.cpu"],
    [
      "an unknown MIG profile",
      "karpenter-aws",
      { gpu: { memoryGiB: 9, resource: "nvidia.com/mig-9g.9gb" } },
      "gpu.resource",
    ],
    [
      "slices that are no whole GPUs",
      "karpenter-azure",
      { gpu: { memoryGiB: 10, resource: "nvidia.com/mig-1g.10gb", countPerNode: 8 } },
      "gpu.countPerNode",
    ],
    [
      "MIG by resource name on GKE",
      "gke-compute-class",
      { gpu: { memoryGiB: 10, resource: "nvidia.com/mig-1g.10gb", countPerNode: 7, product: "nvidia-a100-80gb" } },
      "gpu.resource",
    ],
  ];
  for (const [what, backend, change, path] of broken) {
    it(`refuse ${what}: ${backend}`, () =>
      assert.deepEqual(pathsOf({ ...backendPool(backend, "dedicated"), ...change }), [path]));
  }

  it("refuse a device plugin configuration on a shared pool, and label a dedicated pool's nodes with it", () => {
    const config = { gpu: { memoryGiB: 24, countPerNode: 2, devicePluginConfig: "time-sliced" } };
    const shared = { ...backendPool(NodePoolBackend.karpenterAws, "shared"), ...config };
    assert.deepEqual(pathsOf(shared), ["gpu.devicePluginConfig"]);
    const own = { ...backendPool(NodePoolBackend.karpenterAws, "dedicated"), ...config };
    assert.match(JSON.stringify(objectOf(own, "NodePool")), /"nvidia.com\/device-plugin.config":"time-sliced"/);
  });

  const sections: [NodePoolBackend, (pool: NodePoolSpec) => void, string][] = [
    ["karpenter-aws", ({ aws }) => Object.assign(aws ?? {}, { amiAlias: "al2023@latest" }), "aws.amiAlias"],
    ["karpenter-aws", ({ aws }) => Object.assign(aws ?? {}, { role: "arn:aws:iam::1:role/x" }), "aws.role"],
    ["karpenter-aws", ({ aws }) => Object.assign(aws ?? {}, { subnetTags: {} }), "aws.subnetTags"],
    ["karpenter-azure", ({ azure }) => Object.assign(azure ?? {}, { imageFamily: "Windows" }), "azure.imageFamily"],
    ["karpenter-azure", ({ azure }) => Object.assign(azure ?? {}, { subnetId: "gpu" }), "azure.subnetId"],
    ["karpenter-azure", ({ azure }) => Object.assign(azure ?? {}, { diskGiB: 8 }), "azure.diskGiB"],
    [
      "cluster-api",
      (pool) => Object.assign(pool.clusterApi?.bootstrap ?? {}, { name: "A B" }),
      "clusterApi.bootstrap.name",
    ],
    [
      "cluster-api",
      (pool) => Object.assign(pool.clusterApi?.infrastructure ?? {}, { kind: "" }),
      "clusterApi.infrastructure.kind",
    ],
    ["cluster-api", (pool) => Object.assign(pool.clusterApi ?? {}, { minNodes: 99 }), "clusterApi.minNodes"],
  ];
  for (const [backend, change, path] of sections) {
    it(`refuse a wrong ${path}`, () => {
      const pool = backendPool(backend, "dedicated");
      change(pool);
      assert.deepEqual(pathsOf(pool), [path]);
    });
  }
});

function pathsOf(pool: NodePoolSpec): string[] {
  return faultsOfPool(pool).map(({ path }) => path);
}

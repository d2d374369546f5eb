import * as assert from "node:assert/strict";
import type { NodePoolSpec } from "../../../components/spec/index";
import { faultsOfPool } from "../../support/faults";
import { planNodePool } from "../../../components/plan/node-pool/plan";

/** A pool without fault. */
function pool(change: Partial<NodePoolSpec> = {}): NodePoolSpec {
  return {
    name: "gpu",
    backend: "karpenter-aws",
    tenancy: "shared",
    gpu: { memoryGiB: 24, countPerNode: 4, product: "l4" },
    limits: { cpu: "96", memory: "384Gi", gpus: 8 },
    ...change,
  };
}

const faults = (spec: NodePoolSpec) => faultsOfPool(spec).map(({ path }) => path);

describe("Node pool", () => {
  it("taints and labels its nodes from the start, limits them, and removes only empty ones", () => {
    const [object] = planNodePool(pool()).objects;
    assert.deepEqual(object, {
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      metadata: {
        name: "gpu",
        labels: {
          "app.kubernetes.io/part-of": "ollama-platform",
          "app.kubernetes.io/managed-by": "pulumi",
          "app.kubernetes.io/component": "node-pool",
        },
        annotations: {
          "ollama-platform.io/node-amounts": "nvidia.com/gpu=4",
          "ollama-platform.io/node-room": "nvidia.com/gpu=4",
        },
      },
      spec: {
        template: {
          metadata: { labels: { "node-restriction.kubernetes.io/ollama-pool": "gpu" } },
          spec: {
            nodeClassRef: { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default" },
            taints: [{ key: "node-restriction.kubernetes.io/ollama-pool", value: "gpu", effect: "NoSchedule" }],
            requirements: [
              { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
              { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
              { key: "karpenter.k8s.aws/instance-gpu-name", operator: "In", values: ["l4"] },
              { key: "karpenter.k8s.aws/instance-gpu-count", operator: "In", values: ["4"] },
            ],
            expireAfter: "720h",
            terminationGracePeriod: "1h",
          },
        },
        limits: { cpu: "96", memory: "384Gi", "nvidia.com/gpu": "8" },
        disruption: { consolidationPolicy: "WhenEmpty", consolidateAfter: "10m", budgets: [{ nodes: "1" }] },
      },
    });
  });

  it("says what one node has, so that others count whole nodes too", () => {
    const node = { nodeCpu: "15", nodeMemory: "60Gi", nodeAgents: { cpu: "1" }, nodeSystem: { memory: "4Gi" } };
    const [object] = planNodePool(pool({ backend: "karpenter-kwok", ...node })).objects;
    assert.deepEqual(object?.metadata.annotations, {
      "ollama-platform.io/node-amounts": "cpu=15,memory=64Gi,nvidia.com/gpu=4",
      "ollama-platform.io/node-room": "cpu=14,memory=60Gi,nvidia.com/gpu=4",
    });
  });

  for (const [backend, group, kind] of [
    ["karpenter-kwok", "karpenter.kwok.sh", "KWOKNodeClass"],
    ["karpenter-aws", "karpenter.k8s.aws", "EC2NodeClass"],
    ["karpenter-azure", "karpenter.azure.com", "AKSNodeClass"],
  ] as const) {
    it(`refers to the node class of its cloud: ${backend}`, () => {
      const [object] = planNodePool(pool({ backend, nodeClass: "gpu" })).objects;
      assert.match(JSON.stringify(object), new RegExp(`"group":"${group}","kind":"${kind}","name":"gpu"`));
    });
  }

  it("uses interruptible capacity only when it is told to", () => {
    assert.doesNotMatch(JSON.stringify(planNodePool(pool()).objects), /"spot"/);
    assert.match(JSON.stringify(planNodePool(pool({ spot: true })).objects), /\["on-demand","spot"\]/);
  });

  it("allows no GPU node when it has no GPUs", () => {
    const cpuOnly = pool({ gpu: undefined, limits: { cpu: "8", memory: "32Gi" } });
    assert.match(JSON.stringify(planNodePool(cpuOnly).objects), /"nvidia.com\/gpu":"0"/);
  });

  it("makes no object for nodes that exist already", () => {
    assert.deepEqual(planNodePool(pool({ backend: "existing" })).objects, []);
  });

  const broken: [string, Partial<NodePoolSpec>, string][] = [
    ["a name that is no label", { name: "GPU" }, "name"],
    ["an unknown backend", { backend: "slurm" as NodePoolSpec["backend"] }, "backend"],
    ["an unknown tenancy", { tenancy: "public" as NodePoolSpec["tenancy"] }, "tenancy"],
    ["a dedicated pool without owner", { tenancy: "dedicated" }, "tenant"],
    ["a shared pool with an owner", { tenant: "finance" }, "tenant"],
    ["time-sliced GPUs for all", { gpu: { memoryGiB: 24, resource: "nvidia.com/gpu.shared" } }, "gpu.resource"],
    ["a GPU resource without domain", { gpu: { memoryGiB: 24, resource: "gpu" } }, "gpu.resource"],
    ["GPUs without memory", { gpu: { memoryGiB: 0 } }, "gpu.memoryGiB"],
    ["GPUs without limit", { limits: { cpu: "8", memory: "32Gi" } }, "limits.gpus"],
    ["GPUs for less than one node", { limits: { cpu: "8", memory: "32Gi", gpus: 3 } }, "limits.gpus"],
    ["a malformed node size", { nodeMemory: "64 GB" }, "nodeMemory"],
    ["a limit without GPUs", { gpu: undefined }, "limits.gpus"],
    ["a malformed quantity", { limits: { cpu: "8 cores", memory: "32Gi", gpus: 4 } }, "limits.cpu"],
    ["a limit of nothing", { limits: { cpu: "8", memory: "0", gpus: 4 } }, "limits.memory"],
    [
      "a requirement on the pool's own label",
      { requirements: [{ key: "node-restriction.kubernetes.io/ollama-pool", operator: "Exists" }] },
      "requirements[0].key",
    ],
    ["an unknown operator", { requirements: [{ key: "a", operator: "Is" }] }, "requirements[0].operator"],
    ["In without values", { requirements: [{ key: "a", operator: "In" }] }, "requirements[0].values"],
    ["a malformed duration", { disruption: { consolidateAfter: "soon" } }, "disruption.consolidateAfter"],
    ["a malformed budget", { disruption: { maxUnavailableNodes: "101%" } }, "disruption.maxUnavailableNodes"],
  ];
  for (const [what, change, path] of broken) {
    it(`refuses ${what}`, () => assert.deepEqual(faults(pool(change)), [path]));
  }

  it("reports all of its faults at once", () => {
    const paths = faults(pool({ name: "GPU", tenancy: "dedicated", limits: { cpu: "x", memory: "y", gpus: 4 } }));
    assert.deepEqual(paths.sort(), ["limits.cpu", "limits.memory", "name", "tenant"]);
  });
});

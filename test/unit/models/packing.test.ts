import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ModelStoreMode,
  NodePoolBackend,
  NodePoolTenancy,
  type ModelStoreSpec,
  type NodePoolSpec,
  type PlatformSpec,
  type TenantSpec,
} from "../../../components/spec/index";
import { nodesEnough, replicasPerNode, type Amounts } from "../../../components/models/packing";
import { milliCpu, parseBytes } from "../../../components/models/quantity";
import { faultsOfPlatform, lineOf } from "../../support/faults";
import type {
  Deployment,
  HorizontalPodAutoscaler,
  KubernetesObject,
  ResourceQuota,
} from "../../../components/plan/kubernetes";
import { planPlatform, type PlatformPlan } from "../../../components/plan/platform";
import type { Job } from "../../../components/plan/store/objects";
import { tenantObjects } from "../../../components/plan/tenant/tenant";

/** What a pod asks for, read from its containers as the scheduler and the quota read it. */
interface Pod {
  cpuMillis: number;
  memoryBytes: number;
  ephemeralBytes: number;
  gpus: number;
}

const RESOURCE = "nvidia.com/gpu";

function ofKind<T extends KubernetesObject>(objects: KubernetesObject[], kind: T["kind"]): T[] {
  return objects.filter((object): object is T => object.kind === kind);
}

function podOf({ spec }: Deployment | Job): Pod {
  const requests = (spec.template.spec?.containers ?? []).map(({ resources }) => resources?.requests ?? {});
  const sum = (read: (request: Record<string, string>) => number) =>
    requests.map((request) => read(request as Record<string, string>)).reduce((a, b) => a + b, 0);
  return {
    cpuMillis: sum(({ cpu }) => milliCpu(cpu ?? "0")),
    memoryBytes: sum(({ memory }) => parseBytes(memory ?? "0")),
    ephemeralBytes: sum((request) => parseBytes(request["ephemeral-storage"] ?? "0")),
    gpus: sum((request) => Number(request[RESOURCE] ?? "0")),
  };
}

/**
 * The pods of every tenant at its autoscaler's maximum while an update rolls: one more where it starts first, and the
 * loader of a store of its own.
 */
function podsDuringUpdate(plan: PlatformPlan): { pods: Pod[]; quota: Record<string, string> }[] {
  return plan.tenants.map((tenant) => {
    const objects = tenantObjects(tenant);
    const [deployment] = ofKind<Deployment>(objects, "Deployment");
    const [autoscaler] = ofKind<HorizontalPodAutoscaler>(objects, "HorizontalPodAutoscaler");
    const quota = ofKind<ResourceQuota>(objects, "ResourceQuota").find(
      ({ spec }) => "requests.cpu" in (spec.hard ?? {}),
    );
    assert.ok(deployment && autoscaler && quota);
    const surge = Number(deployment.spec.strategy?.rollingUpdate?.maxSurge ?? 1);
    const pods = Array.from({ length: autoscaler.spec.maxReplicas + surge }, () => podOf(deployment));
    pods.push(...ofKind<Job>(objects, "Job").map(podOf));
    return { pods, quota: quota.spec.hard as Record<string, string> };
  });
}

/** Tries every way of putting items on nodes; nodes with the same room are tried once. */
function canPack(items: number[], nodes: number[]): boolean {
  const [item, ...rest] = items;
  if (item === undefined) return true;
  const tried = new Set<number>();
  return nodes.some((room, index) => {
    if (room < item || tried.has(room)) return false;
    tried.add(room);
    return canPack(rest, nodes.with(index, room - item));
  });
}

/**
 * Whether all pods run at once in the pool: whole nodes within the GPU limit, CPU and memory within theirs, and no pod
 * larger than a node.
 */
function canPlace(pods: Pod[], { gpu, limits, nodeCpu, nodeMemory }: NodePoolSpec): boolean {
  const perNode = gpu?.countPerNode ?? 1;
  const nodes = Array.from({ length: Math.floor((limits.gpus ?? 0) / perNode) }, () => perNode);
  const sizes = pods.map(({ gpus }) => gpus).filter((gpus) => gpus > 0);
  const total = (read: (pod: Pod) => number) => pods.map(read).reduce((a, b) => a + b, 0);
  return (
    canPack(
      sizes.sort((a, b) => b - a),
      nodes,
    ) &&
    total(({ cpuMillis }) => cpuMillis) <= milliCpu(limits.cpu) &&
    total(({ memoryBytes }) => memoryBytes) <= parseBytes(limits.memory) &&
    pods.every(({ cpuMillis }) => nodeCpu === undefined || cpuMillis <= milliCpu(nodeCpu)) &&
    pods.every(({ memoryBytes }) => nodeMemory === undefined || memoryBytes <= parseBytes(nodeMemory))
  );
}

const pool = fc
  .record({
    countPerNode: fc.integer({ min: 1, max: 4 }),
    gpus: fc.integer({ min: 1, max: 20 }),
    cpu: fc.integer({ min: 4, max: 120 }),
    memory: fc.integer({ min: 16, max: 300 }),
    nodeCpu: fc.option(fc.integer({ min: 2, max: 16 }), { nil: undefined, freq: 2 }),
    nodeMemory: fc.option(fc.integer({ min: 4, max: 64 }), { nil: undefined, freq: 2 }),
  })
  .map(({ countPerNode, gpus, cpu, memory, nodeCpu, nodeMemory }): NodePoolSpec => ({
    name: "pool",
    backend: NodePoolBackend.karpenterKwok,
    tenancy: NodePoolTenancy.shared,
    gpu: { memoryGiB: 24, countPerNode },
    limits: { cpu: String(cpu), memory: `${memory}Gi`, gpus },
    nodeCpu: nodeCpu?.toString(),
    nodeMemory: nodeMemory === undefined ? undefined : `${nodeMemory}Gi`,
  }));

const tenant = fc.record({
  models: fc.constantFrom<string[]>(
    ["qwen2.5:0.5b"],
    ["llama3.1:8b"],
    ["llama3.1:8b", "qwen2.5:0.5b"],
    ["qwen2.5:32b"],
  ),
  gpus: fc.constantFrom(1, 1, 2, 3, 4),
  maxReplicas: fc.integer({ min: 1, max: 6 }),
  cpu: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  quotaGpus: fc.option(fc.integer({ min: 1, max: 16 }), { nil: undefined, freq: 2 }),
  quotaCpu: fc.option(fc.integer({ min: 4, max: 60 }), { nil: undefined, freq: 2 }),
  quotaPods: fc.option(fc.integer({ min: 2, max: 8 }), { nil: undefined, freq: 4 }),
});

/** A store for each tenant, whose loader runs beside the servers. */
const ownStores: ModelStoreSpec = {
  mode: ModelStoreMode.dedicated,
  registries: [{ host: "registry.ollama.ai", cidrs: ["203.0.113.0/28"] }],
};

const environment = fc
  .tuple(pool, fc.array(tenant, { minLength: 1, maxLength: 3 }), fc.constantFrom(undefined, ownStores))
  .map(([nodePool, tenants, modelStore]): PlatformSpec & { nodePools: [NodePoolSpec] } => ({
    environment: "random",
    modelStore,
    nodePools: [nodePool],
    models: ["qwen2.5:0.5b", "llama3.1:8b", "qwen2.5:32b"].map((name) => ({ name })),
    tenants: tenants.map(({ models, gpus, maxReplicas, cpu, quotaGpus, quotaCpu, quotaPods }, index): TenantSpec => ({
      name: `tenant${index}`,
      models: { allow: models },
      server: { nodePool: "pool", gpus, cpu: cpu?.toString() },
      autoscaling: { maxReplicas },
      quota: { gpus: quotaGpus, cpu: quotaCpu?.toString(), pods: quotaPods },
    })),
  }));

function faultsOf(spec: PlatformSpec): string[] {
  return faultsOfPlatform(spec).map((fault) => lineOf(fault, spec));
}

function withMaximum(spec: PlatformSpec, name: string, maxReplicas: number): PlatformSpec {
  const tenants = spec.tenants.map((each) => (each.name === name ? { ...each, autoscaling: { maxReplicas } } : each));
  return { ...spec, tenants };
}

describe("what the capacity algebra accepts", function () {
  // Hundreds of whole environments are planned; a busy machine takes its time.
  this.timeout(60_000);

  it("is placed by a brute-force packing of pods on nodes, and admitted by the quotas", () => {
    let accepted = 0;
    fc.assert(
      fc.property(environment, (spec) => {
        if (faultsOf(spec).length > 0) return;
        accepted += 1;
        const tenants = podsDuringUpdate(planPlatform(spec));
        assert.ok(
          canPlace(
            tenants.flatMap(({ pods }) => pods),
            spec.nodePools[0],
          ),
          "does not pack",
        );
        for (const { pods, quota } of tenants) {
          const total = (read: (each: Pod) => number) => pods.map(read).reduce((a, b) => a + b, 0);
          assert.ok(total(({ cpuMillis }) => cpuMillis) <= milliCpu(quota["requests.cpu"] ?? "0"), "cpu quota");
          assert.ok(
            total(({ memoryBytes }) => memoryBytes) <= parseBytes(quota["requests.memory"] ?? "0"),
            "memory quota",
          );
          assert.ok(total(({ gpus }) => gpus) <= Number(quota[`requests.${RESOURCE}`]), "gpu quota");
          assert.ok(
            total(({ ephemeralBytes }) => ephemeralBytes) <= parseBytes(quota["requests.ephemeral-storage"] ?? "0"),
            "ephemeral storage quota",
          );
          assert.ok(pods.length <= Number(quota["pods"]), "pods quota");
        }
      }),
      { numRuns: 1000 },
    );
    assert.ok(accepted > 20, `only ${accepted} accepted: the generator does not test much`);
  });

  it("includes the largest number of replicas that a refusal names, and not one more", () => {
    let refused = 0;
    fc.assert(
      fc.property(environment, (spec) => {
        for (const fault of faultsOf(spec)) {
          const match = /^tenant (tenant\d): autoscaling\.maxReplicas: .*: at most (\d+):/.exec(fault);
          if (!match?.[1] || !match[2]) continue;
          refused += 1;
          const [name, largest] = [match[1], Number(match[2])];
          const isRefused = (maximum: number) =>
            faultsOf(withMaximum(spec, name, maximum)).some((each) =>
              each.startsWith(`tenant ${name}: autoscaling.maxReplicas`),
            );
          assert.ok(!isRefused(largest), `${largest} is refused too`);
          assert.ok(isRefused(largest + 1), `${largest + 1} is accepted`);
        }
      }),
      { numRuns: 400 },
    );
    assert.ok(refused > 50, `only ${refused} refused: the generator does not test much`);
  });
});

describe("the packing of replicas on nodes", () => {
  const UNKNOWN = { cpuMillis: Infinity, memoryBytes: Infinity };
  const room = (gpus: number): Amounts => ({ ...UNKNOWN, gpus });
  const replica = (gpus: number): Amounts => ({ cpuMillis: 500, memoryBytes: 1, gpus });
  const groups = fc.array(
    fc.record({ gpus: fc.integer({ min: 0, max: 4 }), replicas: fc.integer({ min: 0, max: 3 }) }),
    {
      maxLength: 3,
    },
  );

  it("names a number of nodes on which a brute-force packing places all, and not one above what GPUs alone need twice", () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 4, max: 8 }), (replicas, perNode) => {
        const sizes = replicas.flatMap(({ gpus, replicas: count }) =>
          new Array<number>(gpus > 0 ? count : 0).fill(gpus),
        );
        const nodes = nodesEnough(
          replicas.map(({ gpus, replicas: count }) => ({ replica: replica(gpus), replicas: count })),
          room(perNode),
        );
        assert.ok(canPack(sizes, new Array<number>(nodes).fill(perNode)));
        const sum = sizes.reduce((a, b) => a + b, 0);
        assert.ok(nodes <= Math.max(1, Math.ceil((2 * sum) / perNode)));
      }),
    );
  });

  const amounts = fc.record({
    cpuMillis: fc.integer({ min: 1, max: 8 }),
    memoryBytes: fc.integer({ min: 1, max: 8 }),
    gpus: fc.integer({ min: 0, max: 4 }),
  });

  it("is the best possible for replicas of one size, whichever of CPU, memory and GPUs holds them", () => {
    fc.assert(
      fc.property(fc.nat(20), amounts, (replicas, size) => {
        const node = { cpuMillis: 8, memoryBytes: 12, gpus: 4 };
        const perNode = replicasPerNode(size, node);
        assert.ok(perNode >= 1);
        assert.equal(nodesEnough([{ replica: size, replicas }], node), Math.ceil(replicas / perNode));
      }),
    );
  });

  it("places no more on a node than it has room for, in every resource", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ replica: amounts, replicas: fc.nat(3) }), { maxLength: 3 }), (sizes) => {
        const node = { cpuMillis: 8, memoryBytes: 12, gpus: 4 };
        const nodes = nodesEnough(sizes, node);
        for (const name of ["cpuMillis", "memoryBytes", "gpus"] as const) {
          const sum = sizes.reduce((total, group) => total + group.replica[name] * group.replicas, 0);
          assert.ok(sum <= nodes * node[name], `${name}: ${sum} on ${nodes} nodes`);
        }
      }),
    );
  });

  it("has no number for a replica that is larger than a node", () => {
    assert.equal(nodesEnough([{ replica: replica(3), replicas: 1 }], room(2)), Infinity);
    assert.equal(nodesEnough([{ replica: replica(3), replicas: 0 }], room(2)), 0);
    assert.equal(replicasPerNode(replica(3), room(2)), 0);
  });

  it("ends its search above the most nodes that there can be", () => {
    assert.equal(nodesEnough([{ replica: replica(2), replicas: 1000 }], room(2), 3), 4);
  });
});

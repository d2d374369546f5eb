import * as assert from "node:assert/strict";
import {
  ModelStoreMode,
  type NodePoolLimits,
  type NodePoolSpec,
  type PlatformSpec,
  type TenantSpec,
} from "../../../components/spec/index";
import type { Deployment } from "../../../components/plan/kubernetes";
import { changed, faultsOf, finance, legal, objectsOf, platform } from "./fixture";

function faultsWith(name: string, change: (tenant: TenantSpec) => void): string[] {
  return faultsOf(changed(name, change));
}

describe("Capacity", () => {
  it("accepts the fixture, so that every refusal below has one reason", () =>
    assert.deepEqual(faultsOf(platform()), []));

  it("refuses replicas beyond a declared quota and names the most that fit", () => {
    const sized = (maxReplicas: number) => (tenant: TenantSpec) => {
      tenant.server = { cpu: "4", memory: "8Gi" };
      tenant.autoscaling = { maxReplicas };
      tenant.quota = { cpu: "18", memory: "20Gi" };
    };
    const faults = faultsWith("hr", sized(5));
    assert.equal(faults.length, 1);
    assert.match(
      faults[0] ?? "",
      /^tenant hr: autoscaling\.maxReplicas: 5 is too many: .*quota\.cpu 18; .*quota\.memory 20Gi: at most 2:/,
    );
    assert.deepEqual(faultsWith("hr", sized(2)), []);
  });

  describe("with a model store of each tenant's own", () => {
    const sized = (cpu: string, pods: number, maxReplicas = 2) => {
      const spec = changed("hr", (tenant) => {
        tenant.server = { cpu: "4", memory: "8Gi" };
        tenant.autoscaling = { maxReplicas };
        tenant.quota = { cpu, pods };
      });
      return { ...spec, modelStore: { mode: ModelStoreMode.dedicated, registries } };
    };
    const registries = [{ host: "registry.ollama.ai", cidrs: ["203.0.113.0/28"] }];

    it("counts the loader beside the replicas: 2 of 4250m and 250m for it", () => {
      assert.deepEqual(faultsOf(sized("8750m", 3)), []);
      assert.match(
        faultsOf(sized("8500m", 3)).join("\n"),
        /^tenant hr: autoscaling\.maxReplicas: 2 is too many: 2 replicas of 4250m and 250m for the model loader exceed quota\.cpu 8500m: at most 1:/,
      );
      assert.match(
        faultsOf(sized("8750m", 2)).join(),
        /2 replicas of 1 and 1 for the model loader exceed quota\.pods 2/,
      );
    });

    it("accepts the same quota without a loader (control)", () => {
      assert.deepEqual(faultsOf({ ...sized("8500m", 2), modelStore: undefined }), []);
    });

    it("says so where not even one replica fits beside it", () => {
      assert.match(
        faultsOf(sized("4400m", 3, 1)).join(),
        /quota\.cpu: does not fit: one replica with the model loader needs 4500m \(250m of it for its gateway\), and quota\.cpu allows 4400m/,
      );
    });
  });

  it("refuses replicas beyond the pool and names the most that fit", () => {
    const faults = faultsWith("finance", (tenant) => {
      tenant.autoscaling = { maxReplicas: 3 };
    });
    assert.match(
      faults.join(),
      /^tenant finance: autoscaling\.maxReplicas: 3 is too many: .*limits\.gpus of node pool finance-gpu 2: at most 2:/,
    );
  });

  /** The fixture with finance on nodes of `countPerNode` GPUs, `gpus` for a replica. */
  function onNodes(pool: { countPerNode: number; gpus: number }, gpus: number, maxReplicas: number): PlatformSpec {
    const spec = changed("finance", (tenant) => {
      tenant.server = { nodePool: "finance-gpu", gpus };
      tenant.autoscaling = { maxReplicas };
    });
    spec.nodePools?.forEach((each) => {
      if (each.name !== "finance-gpu") return;
      each.gpu = { memoryGiB: 24, countPerNode: pool.countPerNode };
      each.limits.gpus = pool.gpus;
    });
    return spec;
  }

  it("counts whole nodes: what is left over on several of them makes no replica", () => {
    assert.match(
      faultsOf(onNodes({ countPerNode: 4, gpus: 9 }, 3, 3)).join("\n"),
      /^tenant finance: autoscaling\.maxReplicas: 3 is too many: 3 replicas need 3 nodes with 1 on each, and limits\.gpus 9 of node pool finance-gpu makes 2: at most 2:/,
    );
    assert.deepEqual(faultsOf(onNodes({ countPerNode: 4, gpus: 9 }, 3, 2)), []);
  });

  it("starts no replica ahead of an update that no node has room for", () => {
    const surge = (gpus: number) => {
      const spec = onNodes({ countPerNode: 4, gpus }, 3, 2);
      const quotas = { cpu: "64", memory: "256Gi", ephemeralStorage: "64Gi", pods: 9, gpus: Math.min(9, gpus - 3) };
      spec.tenants.forEach((tenant) => tenant.name === "finance" && (tenant.quota = quotas));
      const deployment = objectsOf(spec).find(
        ({ kind, metadata }) => kind === "Deployment" && metadata.namespace === "tenant-finance",
      ) as Deployment;
      return deployment.spec.strategy?.rollingUpdate?.maxSurge;
    };
    assert.equal(surge(11), 0);
    assert.equal(surge(12), 1);
  });

  it("refuses a replica that is larger than a node, and names by how much", () => {
    const spec = changed("finance", (tenant) => {
      tenant.server = { nodePool: "finance-gpu", gpus: 1, cpu: "15", memory: "60Gi" };
    });
    spec.nodePools?.forEach((each) => Object.assign(each, { nodeCpu: "15", nodeMemory: "56Gi" }));
    const faults = faultsOf(spec).join("\n");
    assert.match(
      faults,
      /tenant finance: server\.memory: does not fit on a node: one replica needs \S+, and nodeMemory of node pool finance-gpu is 56Gi/,
    );
  });

  it("refuses a quota below one replica", () => {
    const faults = faultsWith("hr", (tenant) => {
      tenant.server = { cpu: "4" };
      tenant.quota = { cpu: "3" };
    });
    assert.match(faults.join(), /^tenant hr: quota\.cpu: "3" is below one replica, which takes (\d+m?): at least \1,/);
  });

  it("refuses a quota beyond the pool and names the pool's limit", () => {
    const faults = faultsWith("finance", (tenant) => {
      tenant.quota = { cpu: "65", gpus: 3 };
    });
    assert.equal(faults.length, 2);
    assert.match(faults.join("\n"), /quota\.cpu: "65" exceeds limits\.cpu 64 of node pool finance-gpu: at most 64/);
    assert.match(faults.join("\n"), /quota\.gpus: "3" exceeds limits\.gpus 2 of node pool finance-gpu: at most 2/);
  });

  it("refuses a GPU quota without a pool", () => {
    const faults = faultsWith("hr", (tenant) => {
      tenant.quota = { gpus: 1 };
    });
    assert.match(faults.join(), /quota\.gpus: 1 grants GPUs, but no node pool is named/);
  });

  it("refuses a model that does not fit the GPUs of a replica and names how many it needs", () => {
    const spec = platform();
    spec.models.push({ name: "llama3.1:70b" });
    spec.nodePools?.forEach((pool) => {
      if (pool.name !== "finance-gpu") return;
      pool.gpu = { memoryGiB: 24, countPerNode: 8 };
      pool.limits.gpus = 8;
    });
    spec.tenants = spec.tenants.map((tenant) =>
      tenant.name === "finance" ? { ...finance(), access: {}, models: { allow: ["llama3.1:70b"] } } : tenant,
    );
    assert.match(
      faultsOf(spec).join(),
      /tenant finance: server\.gpus: 1 of 24 GiB cannot hold .*llama3\.1:70b.*write at least [2-8]/,
    );
  });

  it("refuses memory below what the largest model needs, and names how much that is", () => {
    const faults = faultsWith("hr", (tenant) => {
      tenant.server = { memory: "512Mi" };
    });
    const least = /^tenant hr: server\.memory: "512Mi" is less than .* at least `?(\w+)/.exec(faults.join())?.[1] ?? "";
    assert.deepEqual(
      faultsWith("hr", (tenant) => void (tenant.server = { memory: least })),
      [],
    );
  });

  it("refuses more GPUs for a replica than a node has", () => {
    const faults = faultsWith("finance", (tenant) => {
      tenant.server = { nodePool: "finance-gpu", gpus: 2 };
      tenant.autoscaling = { maxReplicas: 1 };
    });
    assert.match(faults.join(), /server\.gpus: 2 is more than one node of the pool finance-gpu has/);
  });

  it("names the smallest slice or card that holds a model which no number of the pool's GPUs holds", () => {
    const spec = changed("legal", (tenant) => {
      tenant.models = { allow: ["llama3.1:70b"] };
    });
    spec.models.push({ name: "llama3.1:70b" });
    assert.match(
      faultsOf(spec).join(),
      /tenant legal: server\.gpus: 1 of 10 GiB cannot hold .*70b.*: a slice such as 3g\.71gb: no number of these GPUs holds it: choose a slice such as 3g\.71gb,/,
    );
    const whole = changed("finance", (tenant) => {
      tenant.models = { allow: ["llama3.1:8b", "llama3.1:70b"] };
    });
    whole.models.push({ name: "llama3.1:70b" });
    assert.match(faultsOf(whole).join(), /cannot hold .*70b.*: a GPU of 48 GiB or more, such as L40S: no number/);
  });

  it("refuses more than one MIG slice for a replica, because a process sees one", () => {
    const faults = faultsWith("legal", (tenant) => {
      tenant.server = { nodePool: "slices", gpus: 2 };
    });
    assert.match(faults.join(), /server\.gpus: 2 is more than one MIG slice, and a process can use one/);
  });

  /** The fixture with three tenants on the shared pool, `replicas` each. */
  function crowded(...replicas: number[]): PlatformSpec {
    const spec = platform();
    spec.tenants = [
      finance(),
      ...replicas.map((maxReplicas, index) => ({ ...legal(), name: `legal-${index}`, autoscaling: { maxReplicas } })),
    ];
    return spec;
  }

  it("refuses tenants whose GPU quotas exceed their shared pool together, and names the shares", () => {
    const faults = faultsOf(crowded(3, 3, 2));
    assert.equal(faults.length, 1);
    assert.match(
      faults[0] ?? "",
      /^node pool slices: limits\.gpus: "7" is less than the tenants' GPU quotas together, 8 \(legal-0 3, legal-1 3, legal-2 2\): limits\.gpus of at least 14: raise limits\.gpus to 14, or lower the quotas by 1/,
    );
    assert.deepEqual(faultsOf(crowded(3, 3, 1)), []);
  });

  it("refuses tenants whose replicas do not pack on the whole nodes of their shared pool, and names what is enough", () => {
    const spec = crowded(1, 1, 1);
    spec.nodePools?.forEach((each) => {
      if (each.name !== "slices") return;
      each.gpu = { memoryGiB: 24, countPerNode: 4 };
      each.limits.gpus = 8;
    });
    spec.tenants.forEach(
      (tenant, index) =>
        tenant.name !== "finance" && (tenant.server = { nodePool: "slices", gpus: index === 3 ? 2 : 3 }),
    );
    assert.match(
      faultsOf(spec).join("\n"),
      /^node pool slices: limits\.gpus: "8" makes 2 whole nodes, and the tenants' replicas at their maxima need 3 \(legal-0 1 of 3, legal-1 1 of 3, legal-2 1 of 2\): at least 12: raise it to 12/,
    );
    spec.nodePools?.forEach((each) => each.name === "slices" && (each.limits.gpus = 12));
    assert.deepEqual(faultsOf(spec), []);
  });

  /** The fixture with finance alone on nodes of 8 CPUs, 32 GiB and one GPU. */
  function onMachines(limits: Partial<NodePoolLimits>, maxReplicas: number, pool: Partial<NodePoolSpec> = {}) {
    const spec = changed("finance", (tenant) => {
      tenant.server = { nodePool: "finance-gpu", gpus: 1, cpu: "4", memory: "16Gi" };
      tenant.autoscaling = { maxReplicas };
    });
    spec.nodePools?.forEach((each) => {
      if (each.name !== "finance-gpu") return;
      Object.assign(each, { nodeCpu: "8", nodeMemory: "32Gi", ...pool });
      each.limits = { cpu: "64", memory: "256Gi", gpus: 8, ...limits };
    });
    return spec;
  }

  for (const [what, limits, key] of [
    ["CPU", { cpu: "39" }, "limits\\.cpu 39"],
    ["memory", { memory: "129Gi" }, "limits\\.memory 129Gi"],
    ["GPUs", { gpus: 4 }, "limits\\.gpus of node pool finance-gpu 4|limits\\.gpus 4"],
    ["nodes", { nodes: 4 }, "limits\\.nodes 4"],
  ] as const) {
    it(`counts the nodes of a pool by the least of its limits: ${what}`, () => {
      assert.deepEqual(faultsOf(onMachines(limits, 4)), []);
      assert.match(
        faultsOf(onMachines(limits, 5)).join(),
        new RegExp(`^tenant finance: autoscaling\\.maxReplicas: 5 is too many: .*(${key}).*: at most 4:`),
      );
    });
  }

  it("takes off a node what its agents and its system need", () => {
    assert.deepEqual(faultsOf(onMachines({ cpu: "36" }, 4)), []);
    assert.match(
      faultsOf(onMachines({ cpu: "36" }, 4, { nodeSystem: { cpu: "1500m" } })).join(),
      /maxReplicas: 4 is too many: .*limits\.cpu 36 of node pool finance-gpu makes 3: at most 3/,
    );
    assert.match(
      faultsOf(onMachines({}, 1, { nodeAgents: { cpu: "3800m" } })).join(),
      /server\.cpu: does not fit on a node: one replica needs 4250m, and nodeCpu of node pool finance-gpu is 4200m, 3800m of `nodeAgents` taken off/,
    );
  });

  it("counts nodes without GPUs as well: a rest that is no replica is of no use", () => {
    const spec = (maxReplicas: number) => {
      const changedSpec = onMachines({ cpu: "24", gpus: 0 }, maxReplicas, { gpu: undefined });
      changedSpec.tenants.forEach((tenant) => {
        if (tenant.name === "finance") tenant.server = { nodePool: "finance-gpu", cpu: "5", memory: "16Gi" };
      });
      return changedSpec;
    };
    assert.deepEqual(faultsOf(spec(3)), []);
    assert.match(faultsOf(spec(4)).join(), /4 replicas need 4 nodes with 1 on each, and limits\.cpu 24 .* makes 3/);
  });

  it("names everything that does not fit at once: the pool's limits and a replica", () => {
    const spec = onMachines({ cpu: "7", memory: "31Gi" }, 9, { nodeAgents: { memory: "20Gi" } });
    const places = faultsOf(spec).map((fault) => fault.replace(/^([^:]+: [^:]+): .*/s, "$1"));
    assert.deepEqual(places.sort(), [
      "node pool finance-gpu: limits.cpu",
      "node pool finance-gpu: limits.memory",
      "tenant finance: server.memory",
    ]);
  });

  it("holds a quota to what the pool's nodes have for pods", () => {
    const withQuota = (cpu: string) => {
      const spec = onMachines({ cpu: "39" }, 1);
      spec.tenants.forEach((tenant) => tenant.name === "finance" && (tenant.quota = { cpu }));
      return faultsOf(spec);
    };
    assert.deepEqual(withQuota("32"), []);
    assert.match(
      withQuota("33").join(),
      /quota\.cpu: "33" exceeds 32, which is what the 4 nodes within limits\.cpu of node pool finance-gpu have for pods: at most 32/,
    );
  });

  it("refuses CPU and memory that quotas promise twice on a shared pool, as the policy pack does", () => {
    const spec = (cpu: string) => {
      const shared = crowded(1, 1);
      shared.tenants.forEach((tenant) => tenant.name !== "finance" && (tenant.quota = { cpu }));
      return shared;
    };
    assert.deepEqual(faultsOf(spec("32")), []);
    assert.match(
      faultsOf(spec("40")).join(),
      /^node pool slices: limits\.cpu: "64" is less than the tenants' CPU quotas together, 80 \(legal-0 40, legal-1 40\): limits\.cpu of at least 80/,
    );
  });

  it("refuses a fixed number of nodes that the limits do not allow, and says how many they do", () => {
    assert.deepEqual(faultsOf(onMachines({}, 4, { fixedNodes: 4 })), []);
    assert.match(
      faultsOf(onMachines({ cpu: "24" }, 1, { fixedNodes: 4 })).join(),
      /limits\.cpu: "24" allows 3 of the 4 nodes, which take 8 each: at least 32: raise it to 32, or set `fixedNodes: 3`/,
    );
    assert.match(faultsOf(onMachines({}, 5, { fixedNodes: 4 })).join(), /fixedNodes 4 of node pool .* at most 4/);
  });

  it("counts a suspended tenant, so that it can be resumed", () => {
    const spec = crowded(4, 4);
    spec.tenants.forEach((tenant) => (tenant.suspended = true));
    assert.match(faultsOf(spec).join(), /limits\.gpus/);
  });
});

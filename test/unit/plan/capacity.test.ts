import * as assert from "node:assert/strict";
import { ModelStoreMode, type PlatformSpec, type TenantSpec } from "../../../components/spec/index";
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
      /^tenant finance: autoscaling\.maxReplicas: 3 is too many: 3 replicas of 3 need more nodes of 4 GPUs than limits\.gpus 9 of node pool finance-gpu makes: at most 2:/,
    );
    assert.deepEqual(faultsOf(onNodes({ countPerNode: 4, gpus: 9 }, 3, 2)), []);
  });

  it("starts no replica ahead of an update that no node has room for", () => {
    const surge = (gpus: number) => {
      const spec = onNodes({ countPerNode: 4, gpus }, 3, 2);
      const quotas = { cpu: "64", memory: "256Gi", ephemeralStorage: "64Gi", pods: 9, gpus: 9 };
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
      /^node pool slices: limits\.gpus: "7" is less than the tenants' GPU quotas together, 8 \(legal-0 3, legal-1 3, legal-2 2\): at least 8: raise it to at least 8, or lower them by 1/,
    );
    assert.deepEqual(faultsOf(crowded(3, 3, 1)), []);
  });

  it("refuses tenants whose replicas do not pack on the whole nodes of their shared pool, and names what is enough", () => {
    const spec = crowded(1, 1);
    spec.nodePools?.forEach((each) => {
      if (each.name !== "slices") return;
      each.gpu = { memoryGiB: 24, countPerNode: 4 };
      each.limits.gpus = 7;
    });
    spec.tenants.forEach((tenant) => tenant.name !== "finance" && (tenant.server = { nodePool: "slices", gpus: 3 }));
    assert.match(
      faultsOf(spec).join("\n"),
      /^node pool slices: limits\.gpus: 7 makes 1 whole nodes of 4 GPUs, and the tenants' replicas at their maxima need 2 \(legal-0 1 of 3, legal-1 1 of 3\): at least 8: raise it to 8/,
    );
    spec.nodePools?.forEach((each) => each.name === "slices" && (each.limits.gpus = 8));
    assert.deepEqual(faultsOf(spec), []);
  });

  it("counts a suspended tenant, so that it can be resumed", () => {
    const spec = crowded(4, 4);
    spec.tenants.forEach((tenant) => (tenant.suspended = true));
    assert.match(faultsOf(spec).join(), /limits\.gpus/);
  });
});

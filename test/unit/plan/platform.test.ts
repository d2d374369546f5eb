import * as assert from "node:assert/strict";
import { planPlatform } from "../../../components/plan/platform";
import { changed, faultsOf, hr, objectsOf, platform } from "./fixture";

describe("Platform", () => {
  it("has the same plan whatever the order of its declarations", () => {
    const reversed = platform();
    reversed.tenants.reverse();
    reversed.models.reverse();
    reversed.nodePools?.reverse();
    assert.deepEqual(planPlatform(reversed), planPlatform(platform()));
  });

  it("plans a tenant as that tenant is planned by itself", () => {
    const spec = platform();
    const alone = {
      ...platform(),
      tenants: [hr()],
      nodePools: spec.nodePools?.filter(({ tenancy }) => tenancy === "shared"),
    };
    const planned = planPlatform(alone).tenants[0];
    assert.deepEqual(
      planned,
      planPlatform(spec).tenants.find(({ tenant }) => tenant.name === "hr"),
    );
  });

  it("tells other stacks where each tenant is, and no secret", () => {
    const { output } = planPlatform(platform());
    assert.equal(output.schemaVersion, 1);
    assert.deepEqual(Object.keys(output.tenants), ["finance", "hr", "legal"]);
    assert.deepEqual(output.tenants["finance"], {
      displayName: "Finance department",
      namespace: "tenant-finance",
      url: "http://ollama.tenant-finance.svc:11434",
      models: ["registry.ollama.ai/library/llama3.1:8b", "registry.ollama.ai/library/nomic-embed-text:latest"],
      clients: ["analysts", "ledger"],
      isolationLevel: "dedicated-nodes",
      maxReplicas: 2,
      suspended: false,
      nodePool: "finance-gpu",
    });
    assert.deepEqual(output.nodePools["finance-gpu"], {
      backend: "karpenter-kwok",
      tenancy: "dedicated",
      tenant: "finance",
      gpuResource: "nvidia.com/gpu",
      gpus: 2,
    });
  });

  it("labels every object with who manages it and what it belongs to", () => {
    for (const { metadata } of objectsOf(platform())) {
      assert.equal(metadata.labels["app.kubernetes.io/part-of"], "ollama-platform");
      assert.equal(metadata.labels["app.kubernetes.io/managed-by"], "pulumi");
      assert.ok(metadata.labels["app.kubernetes.io/component"]);
    }
  });

  it("refuses two tenants and two pools of one name", () => {
    const spec = platform();
    spec.tenants.push(hr());
    spec.nodePools?.push(...spec.nodePools.slice(1));
    const faults = faultsOf(spec).join("\n");
    assert.match(faults, /^node pool slices: name: "slices" is the name of an earlier node pool as well/m);
    assert.match(faults, /^tenant hr: name: "hr" is the name of an earlier tenant as well/m);
  });

  it("refuses an unknown pool, another tenant's pool, and a pool of an unknown tenant", () => {
    const unknown = changed("hr", (tenant) => {
      tenant.server = { nodePool: "gpu" };
    });
    assert.match(
      faultsOf(unknown).join(),
      /^tenant hr: server\.nodePool: "gpu" is not a node pool of this (stack|environment): `slices`/,
    );
    const foreign = changed("hr", (tenant) => {
      tenant.server = { nodePool: "finance-gpu" };
    });
    assert.match(
      faultsOf(foreign).join(),
      /^tenant hr: server\.nodePool: "finance-gpu" is dedicated to the tenant finance/,
    );
    const orphaned = platform();
    orphaned.tenants = [hr()];
    assert.match(faultsOf(orphaned).join(), /^node pool finance-gpu: tenant: "finance" is not a tenant/);
  });

  it("refuses an isolation level that the nodes do not give", () => {
    const shared = changed("legal", (tenant) => {
      tenant.isolationLevel = "dedicated-nodes";
    });
    assert.match(
      faultsOf(shared).join(),
      /^tenant legal: isolationLevel: "dedicated-nodes" needs nodes of the tenant's own/,
    );
    const sandboxed = changed("finance", (tenant) => {
      tenant.isolationLevel = "sandboxed";
    });
    assert.match(faultsOf(sandboxed).join(), /^tenant finance: isolationLevel: "sandboxed" needs a RuntimeClass/);
  });

  it("refuses autoscaler bounds that cross, and a context that a model was not trained for", () => {
    const crossed = changed("hr", (tenant) => {
      tenant.autoscaling = { minReplicas: 3, maxReplicas: 2 };
    });
    assert.match(faultsOf(crossed).join(), /^tenant hr: autoscaling\.minReplicas: 3 is above `maxReplicas`, 2/);
    const long = changed("hr", (tenant) => {
      tenant.server = { contextLength: 10_000_000 };
    });
    assert.match(faultsOf(long).join(), /^tenant hr: server\.contextLength: 10000000 is /);
  });

  it("refuses an environment without tenants", () => {
    const spec = platform();
    spec.tenants = [];
    spec.nodePools = [];
    assert.deepEqual(faultsOf(spec), ["environment test: tenants: is empty: at least one tenant: declare a tenant"]);
  });

  it("reports every fault of every part at once", () => {
    const spec = platform();
    spec.environment = "Test";
    spec.images = { envoy: "envoy" };
    spec.cluster = { dns: { namespace: "kube-system", podLabels: {} }, podCidrs: ["10.244.0.1/16"] };
    spec.tenants.forEach((tenant) => (tenant.server = { ...tenant.server, memory: "lots" }));
    spec.nodePools?.forEach((pool) => (pool.limits.cpu = "-1"));
    const faults = faultsOf(spec);
    for (const place of [
      "environment Test: environment",
      "environment Test: images.envoy",
      "environment Test: cluster.dns.podLabels",
      "environment Test: cluster.podCidrs[0]",
      "node pool finance-gpu: limits.cpu",
      "node pool slices: limits.cpu",
      "tenant finance: server.memory",
      "tenant hr: server.memory",
      "tenant legal: server.memory",
    ]) {
      assert.equal(
        faults.filter((fault) => fault.startsWith(`${place}: `)).length,
        1,
        `${place} in\n${faults.join("\n")}`,
      );
    }
    assert.equal(faults.length, 9);
  });
});

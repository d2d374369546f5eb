import * as assert from "node:assert/strict";
import type { Deployment, LimitRange, ResourceQuota } from "../../../components/plan/kubernetes";
import type { TenantPlan } from "../../../components/plan/tenant/tenant";
import { find, planOf, planWith } from "./fixture";

function hard(plan: TenantPlan, name = "quota"): Record<string, string> {
  return find<ResourceQuota>(plan, "ResourceQuota", name).spec.hard ?? {};
}

describe("Quota of a tenant", () => {
  it("limits requests and limits of every compute resource that the server has", () => {
    const container = find<Deployment>(planOf("hr"), "Deployment", "ollama").spec.template.spec?.containers[0];
    for (const resource of Object.keys(container?.resources?.limits ?? {})) {
      for (const side of ["requests", "limits"]) assert.ok(`${side}.${resource}` in hard(planOf("hr")));
    }
  });

  it("lists every GPU resource of the environment, zero for those that are not the tenant's", () => {
    assert.equal(hard(planOf("finance"))["requests.nvidia.com/gpu"], "2");
    assert.equal(hard(planOf("finance"))["requests.nvidia.com/mig-1g.10gb"], "0");
    assert.equal(hard(planOf("legal"))["requests.nvidia.com/mig-1g.10gb"], "2");
    assert.equal(hard(planOf("legal"))["requests.nvidia.com/gpu"], "0");
    assert.equal(hard(planOf("hr"))["requests.nvidia.com/gpu"], "0");
    assert.equal(hard(planOf("hr"))["requests.nvidia.com/mig-1g.10gb"], "0");
  });

  it("closes resource claims, which the GPU limits do not count", () => {
    const limits = hard(planOf("finance"));
    assert.equal(limits["count/resourceclaims.resource.k8s.io"], "0");
    assert.equal(limits["gpu.nvidia.com.deviceclass.resource.k8s.io/devices"], "0");
    assert.equal(limits["mig.nvidia.com.deviceclass.resource.k8s.io/devices"], "0");
  });

  it("allows no node port and no load balancer", () => {
    const limits = hard(planOf("hr"));
    assert.deepEqual([limits["services.nodeports"], limits["services.loadbalancers"]], ["0", "0"]);
  });

  it("allows no pod with another priority class than the tenant's own", () => {
    const { spec } = find<ResourceQuota>(planOf("hr"), "ResourceQuota", "quota-priority");
    assert.deepEqual(spec, {
      hard: { pods: "0" },
      scopeSelector: {
        matchExpressions: [{ scopeName: "PriorityClass", operator: "NotIn", values: ["ollama-platform-tenant-hr"] }],
      },
    });
    const pod = find<Deployment>(planOf("hr"), "Deployment", "ollama").spec.template.spec;
    assert.equal(pod?.priorityClassName, "ollama-platform-tenant-hr");
  });

  it("takes declared limits as they are", () => {
    const plan = planWith("hr", (tenant) => {
      tenant.quota = { cpu: "40", memory: "200Gi", ephemeralStorage: "20Gi", storage: "50Gi", pods: 12 };
    });
    const limits = hard(plan);
    assert.equal(limits["requests.cpu"], "40");
    assert.equal(limits["limits.memory"], "200Gi");
    assert.equal(limits["limits.ephemeral-storage"], "20Gi");
    assert.equal(limits["requests.storage"], "50Gi");
    assert.equal(limits["pods"], "12");
  });

  it("lets no pod run in a suspended tenant and keeps the other amounts", () => {
    const { pods, ...rest } = hard(
      planWith("hr", (tenant) => {
        tenant.suspended = true;
      }),
    );
    const { pods: running, ...before } = hard(planOf("hr"));
    assert.equal(pods, "0");
    assert.notEqual(running, "0");
    assert.deepEqual(rest, before);
  });
});

describe("Limit range of a tenant", () => {
  it("has a default for every compute resource that the quota makes mandatory", () => {
    const [container] = find<LimitRange>(planOf("hr"), "LimitRange", "limits").spec.limits;
    for (const resource of ["cpu", "memory", "ephemeral-storage"]) {
      assert.ok(container?.default?.[resource]);
      assert.ok(container?.defaultRequest?.[resource]);
    }
  });

  it("lets no claim be larger than the storage quota", () => {
    const claim = find<LimitRange>(planOf("hr"), "LimitRange", "limits").spec.limits[1];
    assert.equal(claim?.max?.["storage"], hard(planOf("hr"))["requests.storage"]);
  });
});

import * as assert from "node:assert/strict";
import { tenantObjects } from "../../../components/plan/tenant/tenant";
import { changed, faultsOf, planOf, planWith, platform } from "./fixture";

describe("Namespace of a tenant", () => {
  it("carries tenant, isolation level and all six Pod Security labels in one object", () => {
    const { labels } = planOf("finance").namespace.metadata;
    assert.equal(labels["ollama-platform.io/tenant"], "finance");
    assert.equal(labels["ollama-platform.io/isolation-level"], "dedicated-nodes");
    for (const mode of ["enforce", "audit", "warn"]) {
      assert.equal(labels[`pod-security.kubernetes.io/${mode}`], "restricted");
      assert.equal(labels[`pod-security.kubernetes.io/${mode}-version`], "v1.34");
    }
  });

  it("carries the tenant's own labels and annotations beside those", () => {
    const plan = planWith("hr", (tenant) => {
      tenant.namespaceLabels = { "example.com/cost-centre": "4711" };
      tenant.namespaceAnnotations = { "example.com/contact": "hr-it@example.com" };
    });
    const { labels, annotations } = plan.namespace.metadata;
    assert.equal(labels["example.com/cost-centre"], "4711");
    assert.equal(labels["ollama-platform.io/tenant"], "hr");
    assert.equal(annotations?.["example.com/contact"], "hr-it@example.com");
  });

  it("is the only object that labels the namespace", () => {
    for (const tenant of ["finance", "hr", "legal"]) {
      assert.equal(tenantObjects(planOf(tenant)).filter(({ kind }) => kind === "Namespace").length, 1);
    }
  });

  for (const version of ["latest", "1.34", "v1.34.2", ""]) {
    it(`is not made with the Pod Security version ${JSON.stringify(version)}, which pins nothing`, () => {
      const spec = platform();
      spec.cluster = { podSecurityVersion: version };
      assert.match(faultsOf(spec).join(), /cluster\.podSecurityVersion: .*does not have the form/);
    });
  }

  for (const name of ["Finance", "fi_nance", "-finance", "finance-", "", "a".repeat(41), "fin.ance"]) {
    it(`is not made for the tenant name ${JSON.stringify(name)}`, () => {
      const faults = faultsOf(
        changed("hr", (tenant) => {
          tenant.name = name;
        }),
      );
      assert.match(faults.join(), /name: .*(does not have the form|has 41 characters)/);
    });
  }

  it("holds every namespaced object of the plan", () => {
    const plan = planOf("finance");
    const namespaced = tenantObjects(plan).filter(({ kind }) => kind !== "Namespace" && kind !== "PriorityClass");
    assert.ok(namespaced.every(({ metadata }) => metadata.namespace === "tenant-finance"));
  });
});

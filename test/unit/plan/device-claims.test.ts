import * as assert from "node:assert/strict";
import type { Deployment, ResourceQuota } from "../../../components/plan/kubernetes";
import type { CustomObject } from "../../../components/plan/kubernetes";
import type { GpuSpec, NodePoolSpec, PlatformSpec } from "../../../components/spec/index";
import { planPlatform } from "../../../components/plan/platform";
import { faultsOfPlatform, faultsOfPool } from "../../support/faults";
import { find, namesOf, planOf, platform } from "./fixture";

/** The fixture with GPUs of finance that a driver gives out by claims. */
function claiming(gpu: Partial<GpuSpec> = {}, pool: Partial<NodePoolSpec> = {}): PlatformSpec {
  const spec = platform();
  const [first, ...others] = spec.nodePools ?? [];
  if (first === undefined) throw new Error("the fixture has no pool");
  const claimed = { deviceClass: "gpu.nvidia.com", memoryGiB: 24, countPerNode: 2, ...gpu };
  spec.nodePools = [{ ...first, backend: "existing", gpu: claimed, ...pool }, ...others];
  return spec;
}

const podOf = (spec: PlatformSpec, tenant = "finance") =>
  find<Deployment>(planOf(tenant, spec), "Deployment", "ollama").spec.template.spec;
const ollamaOf = (spec: PlatformSpec) => podOf(spec)?.initContainers?.[0];
const quotaOf = (spec: PlatformSpec, tenant = "finance") =>
  find<ResourceQuota>(planOf(tenant, spec), "ResourceQuota", "quota").spec.hard ?? {};
const placesOf = (spec: NodePoolSpec) => faultsOfPool(spec).map(({ path }) => path);

/** A pool whose GPUs are given out by claims. */
const pool = (change: Partial<NodePoolSpec> = {}): NodePoolSpec => ({
  name: "gpu",
  backend: "existing",
  tenancy: "shared",
  gpu: { deviceClass: "gpu.nvidia.com", memoryGiB: 24, countPerNode: 2 },
  limits: { cpu: "64", memory: "256Gi", gpus: 4 },
  ...change,
});

describe("GPUs by dynamic resource allocation", () => {
  it("are claimed by a template of the tenant's, from which each pod has a claim of its own", () => {
    const template = find<CustomObject>(
      planOf("finance", claiming()),
      "ResourceClaimTemplate",
      "gpus-1-gpu.nvidia.com",
    );
    assert.equal(template.apiVersion, "resource.k8s.io/v1");
    assert.equal(template.metadata.namespace, "tenant-finance");
    const exactly = { deviceClassName: "gpu.nvidia.com", allocationMode: "ExactCount", count: 1 };
    assert.deepEqual(template.spec, { spec: { devices: { requests: [{ name: "gpus", exactly }] } } });
    assert.deepEqual(podOf(claiming())?.resourceClaims, [
      { name: "gpus", resourceClaimTemplateName: "gpus-1-gpu.nvidia.com" },
    ]);
    assert.deepEqual(ollamaOf(claiming())?.resources?.claims, [{ name: "gpus" }]);
  });

  it("are not requested as an extended resource, and the image's variable shows none of the node's", () => {
    const container = ollamaOf(claiming());
    assert.doesNotMatch(JSON.stringify(container?.resources?.limits), /nvidia/);
    assert.equal(container?.env?.find(({ name }) => name === "NVIDIA_VISIBLE_DEVICES")?.value, "void");
  });

  it("have another template for another number, because none can be changed", () => {
    const spec = claiming();
    spec.tenants
      .filter(({ name }) => name === "finance")
      .forEach((tenant) => (tenant.server = { ...tenant.server, gpus: 2 }));
    spec.tenants
      .filter(({ name }) => name === "finance")
      .forEach((tenant) => (tenant.autoscaling = { maxReplicas: 1 }));
    assert.deepEqual(namesOf(planOf("finance", spec), "ResourceClaimTemplate"), ["gpus-2-gpu.nvidia.com"]);
  });

  it("are counted by the tenant's quota, and closed to every other tenant and to every other class", () => {
    const own = quotaOf(claiming());
    assert.equal(own["gpu.nvidia.com.deviceclass.resource.k8s.io/devices"], "2");
    assert.equal(own["mig.nvidia.com.deviceclass.resource.k8s.io/devices"], "0");
    assert.equal(own["count/resourceclaims.resource.k8s.io"], "2");
    assert.equal(own["count/resourceclaimtemplates.resource.k8s.io"], "2");
    assert.equal(own["requests.nvidia.com/gpu"], "0");
    for (const tenant of ["hr", "legal"]) {
      const other = quotaOf(claiming(), tenant);
      assert.equal(other["gpu.nvidia.com.deviceclass.resource.k8s.io/devices"], "0");
      assert.equal(other["count/resourceclaims.resource.k8s.io"], "0");
      assert.equal(other["count/resourceclaimtemplates.resource.k8s.io"], "0");
    }
  });

  it("have a limit of their own class too where that is someone's own", () => {
    const spec = claiming({ deviceClass: "large.example.com" });
    assert.equal(quotaOf(spec)["large.example.com.deviceclass.resource.k8s.io/devices"], "2");
    assert.equal(quotaOf(spec, "hr")["large.example.com.deviceclass.resource.k8s.io/devices"], "0");
  });

  it("are requested by name where the class offers them so: Kubernetes makes the claims, and both are counted", () => {
    const spec = claiming({ resource: "nvidia.com/gpu" });
    assert.deepEqual(namesOf(planOf("finance", spec), "ResourceClaimTemplate"), []);
    assert.equal(podOf(spec)?.resourceClaims, undefined);
    assert.equal(ollamaOf(spec)?.resources?.limits?.["nvidia.com/gpu"], "1");
    const own = quotaOf(spec);
    assert.equal(own["requests.nvidia.com/gpu"], "2");
    assert.equal(own["gpu.nvidia.com.deviceclass.resource.k8s.io/devices"], "2");
    assert.equal(own["count/resourceclaims.resource.k8s.io"], "2");
    assert.equal(own["count/resourceclaimtemplates.resource.k8s.io"], "0");
  });

  it("are claimed by servers with GPUs only", () => {
    const spec = claiming({}, { tenancy: "shared", tenant: undefined });
    spec.tenants = spec.tenants.map((tenant) =>
      tenant.name === "hr"
        ? { ...tenant, server: { nodePool: "finance-gpu" } }
        : { ...tenant, isolationLevel: "shared" },
    );
    assert.deepEqual(namesOf(planOf("hr", spec), "ResourceClaimTemplate"), []);
    assert.equal(quotaOf(spec, "hr")["gpu.nvidia.com.deviceclass.resource.k8s.io/devices"], "0");
  });

  it("are one for a process where the class is that of slices", () => {
    const spec = claiming({ deviceClass: "mig.nvidia.com", memoryGiB: 20 });
    spec.tenants
      .filter(({ name }) => name === "finance")
      .forEach((tenant) => (tenant.server = { ...tenant.server, gpus: 2 }));
    const [fault] = faultsOfPlatform(spec);
    assert.match(fault?.problem ?? "", /more than one MIG slice/);
  });

  it("are told by the pool's output", () => {
    assert.deepEqual(planPlatform(claiming()).output.nodePools["finance-gpu"], {
      backend: "existing",
      tenancy: "dedicated",
      tenant: "finance",
      gpuDeviceClass: "gpu.nvidia.com",
      gpus: 2,
    });
  });

  it("need nodes that are there already: of pools that grow they are refused, of fixed ones and existing ones not", () => {
    assert.deepEqual(placesOf(pool()), []);
    assert.deepEqual(placesOf(pool({ backend: "karpenter-aws" })), ["gpu.deviceClass"]);
    assert.deepEqual(placesOf(pool({ backend: "karpenter-aws", fixedNodes: 2 })), []);
    assert.deepEqual(placesOf(pool({ backend: "karpenter-kwok" })), ["gpu.deviceClass"]);
  });

  it("are of a class that has the name of an object, and take no configuration of a device plugin", () => {
    const gpu = { memoryGiB: 24, countPerNode: 2 };
    assert.deepEqual(placesOf(pool({ gpu: { ...gpu, deviceClass: "GPU_nvidia" } })), ["gpu.deviceClass"]);
    const configured = { ...gpu, deviceClass: "gpu.nvidia.com", devicePluginConfig: "time-sliced" };
    const owned = { tenancy: "dedicated", tenant: "finance" } as const;
    assert.deepEqual(placesOf(pool({ ...owned, gpu: configured })), ["gpu.devicePluginConfig"]);
    assert.deepEqual(placesOf(pool({ ...owned, gpu: { ...configured, deviceClass: undefined } })), []);
  });
});

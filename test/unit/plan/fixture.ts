import { faultsOfPlatform, lineOf } from "../../support/faults";
import type { PlatformSpec, TenantSpec } from "../../../components/spec/index";
import type { KubernetesObject } from "../../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { planTenant, tenantObjects, type TenantPlan } from "../../../components/plan/tenant/tenant";

/** A tenant on GPUs of its own. */
export function finance(): TenantSpec {
  return {
    name: "finance",
    displayName: "Finance department",
    isolationLevel: "dedicated-nodes",
    models: { allow: ["llama3.1:8b", "nomic-embed-text"] },
    server: { nodePool: "finance-gpu", gpus: 1 },
    autoscaling: { minReplicas: 1, maxReplicas: 2 },
    access: {
      viewers: ["finance-staff"],
      operators: ["finance-admins"],
      clients: [
        { name: "ledger", models: ["llama3.1:8b"], requestsPerMinute: 60, maxConcurrentRequests: 4, keyGeneration: 2 },
        { name: "analysts", expires: "2027-01-31", maxTokens: 1024 },
      ],
    },
    network: {
      ingressFrom: [{ namespace: "finance-apps", podLabels: { app: "assistant" } }],
      egressTo: [{ cidr: "0.0.0.0/0", ports: [{ port: 443 }] }],
    },
  };
}

/** A tenant on the CPUs of nodes that all share. */
export function hr(): TenantSpec {
  return {
    name: "hr",
    models: { allow: ["llama3.2:1b"] },
    autoscaling: { minReplicas: 1, maxReplicas: 3 },
    access: { viewers: ["hr-staff"], operators: ["hr-admins"] },
  };
}

/** A tenant on a shared pool of MIG slices. */
export function legal(): TenantSpec {
  return {
    name: "legal",
    models: { allow: ["llama3.1:8b"] },
    server: { nodePool: "slices", gpus: 1 },
    autoscaling: { maxReplicas: 2 },
  };
}

/** An environment without fault: each test breaks one thing in it. */
export function platform(): PlatformSpec {
  return {
    environment: "test",
    cluster: {
      ingressControllers: [{ namespace: "ingress-nginx", podLabels: { "app.kubernetes.io/name": "ingress-nginx" } }],
      monitoring: [{ namespace: "monitoring", podLabels: { "app.kubernetes.io/name": "prometheus" } }],
      nodeCidrs: ["192.168.0.0/24"],
    },
    nodePools: [
      {
        name: "finance-gpu",
        backend: "karpenter-kwok",
        tenancy: "dedicated",
        tenant: "finance",
        gpu: { memoryGiB: 24, countPerNode: 1, product: "l4" },
        limits: { cpu: "64", memory: "256Gi", gpus: 2 },
      },
      {
        name: "slices",
        backend: "karpenter-aws",
        tenancy: "shared",
        gpu: { resource: "nvidia.com/mig-1g.10gb", memoryGiB: 10, countPerNode: 7 },
        limits: { cpu: "64", memory: "512Gi", gpus: 7 },
      },
    ],
    models: [{ name: "llama3.1:8b" }, { name: "nomic-embed-text" }, { name: "llama3.2:1b" }],
    tenants: [finance(), hr(), legal()],
  };
}

/** Plan of one tenant of `spec` by itself. */
export function planOf(name: string, spec = platform()): TenantPlan {
  const { tenants, ...environment } = spec;
  const tenant = tenants.find((candidate) => candidate.name === name);
  if (tenant === undefined) throw new Error(`no tenant ${name} in the fixture`);
  return planTenant({ ...environment, tenant });
}

/** Plan of the fixture's tenant `name` after a change to its declaration. */
export function planWith(name: string, change: (tenant: TenantSpec) => void): TenantPlan {
  return planOf(name, changed(name, change));
}

/** The fixture with one tenant changed. */
export function changed(name: string, change: (tenant: TenantSpec) => void): PlatformSpec {
  const spec = platform();
  spec.tenants.filter((tenant) => tenant.name === name).forEach(change);
  return spec;
}

/** The object of a kind and name in a plan; fails when there is none. */
export function find<T extends KubernetesObject>(plan: TenantPlan, kind: T["kind"], name: string): T {
  const found = tenantObjects(plan).find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`the plan has no ${kind} ${name}`);
  return found as T;
}

/** Names of the objects of a kind in a plan. */
export function namesOf(plan: TenantPlan, kind: string): string[] {
  return tenantObjects(plan)
    .filter((object) => object.kind === kind)
    .map(({ metadata }) => metadata.name);
}

/** All objects of an environment. */
export function objectsOf(spec: PlatformSpec): KubernetesObject[] {
  return platformObjects(planPlatform(spec));
}

/** Every fault of an environment as text; empty when there is none. */
export function faultsOf(spec: PlatformSpec): string[] {
  return faultsOfPlatform(spec).map((fault) => lineOf(fault, spec));
}

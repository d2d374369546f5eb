import fc from "fast-check";
import type { NodePoolSpec, PlatformSpec, TenantSpec } from "../../../components/spec/index";

/** Names as short and as long as they may be. */
const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/);

const MODELS = ["llama3.1:8b", "nomic-embed-text", "llama3.2:1b"];

const sharedPool: fc.Arbitrary<NodePoolSpec> = fc.record({
  name: fc.constantFrom("shared-a", "shared-b"),
  backend: fc.constantFrom("karpenter-kwok" as const, "karpenter-aws" as const, "karpenter-azure" as const),
  tenancy: fc.constant("shared" as const),
  gpu: fc.record({
    resource: fc.constantFrom("nvidia.com/gpu", "nvidia.com/mig-1g.20gb"),
    memoryGiB: fc.constantFrom(20, 80),
    countPerNode: fc.integer({ min: 1, max: 8 }),
  }),
  limits: fc.record({
    cpu: fc.integer({ min: 32, max: 512 }).map(String),
    memory: fc.integer({ min: 128, max: 2048 }).map((gib) => `${gib}Gi`),
    gpus: fc.integer({ min: 1, max: 32 }),
  }),
});

function tenant(poolNames: string[]): fc.Arbitrary<TenantSpec> {
  const onPool = fc.record({
    nodePool: fc.constantFrom(...poolNames, ...(poolNames.length === 0 ? [undefined] : [])),
    gpus: fc.integer({ min: 0, max: 1 }),
    cpu: fc.integer({ min: 100, max: 8_000 }).map((millis) => `${millis}m`),
    memory: fc.integer({ min: 7, max: 64 }).map((gib) => `${gib}Gi`),
  });
  const anywhere = fc.record({ cpu: fc.constantFrom("2", "500m"), memory: fc.constantFrom("24Gi", "25600Mi") });
  const replicas = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 6 }));
  const quota = fc.record(
    {
      cpu: fc.integer({ min: 1, max: 64 }).map(String),
      memory: fc.integer({ min: 1, max: 256 }).map((gib) => `${gib}Gi`),
      ephemeralStorage: fc.integer({ min: 1, max: 30 }).map((gib) => `${gib}Gi`),
      gpus: fc.integer({ min: 0, max: 8 }),
      pods: fc.integer({ min: 1, max: 12 }),
    },
    { requiredKeys: [] },
  );
  return fc.record(
    {
      name,
      models: fc.record({ allow: fc.subarray(MODELS, { minLength: 1 }) }),
      server: poolNames.length === 0 ? anywhere : fc.oneof(anywhere, onPool),
      autoscaling: replicas.map(([minReplicas, more]) => ({ minReplicas, maxReplicas: minReplicas + more })),
      quota: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, quota),
      suspended: fc.boolean(),
    },
    { requiredKeys: ["name", "models", "server", "autoscaling"] },
  );
}

/** Environments without faults of form; what they ask for may or may not fit. */
export const anyPlatform: fc.Arbitrary<PlatformSpec> = fc
  .uniqueArray(sharedPool, { maxLength: 2, selector: (pool) => pool.name })
  .chain((nodePools) =>
    fc
      .uniqueArray(tenant(nodePools.map((pool) => pool.name)), {
        minLength: 1,
        maxLength: 6,
        selector: (one) => one.name,
      })
      .map((tenants) => ({
        environment: "test",
        nodePools,
        models: MODELS.map((model) => ({ name: model })),
        tenants,
      })),
  );

/** Environments in which everything fits: tenants on nodes without a pool, with computed quotas. */
export const fittingPlatform: fc.Arbitrary<PlatformSpec> = fc
  .uniqueArray(tenant([]), { minLength: 1, maxLength: 8, selector: (one) => one.name })
  .map((tenants) => ({
    environment: "test",
    models: MODELS.map((model) => ({ name: model })),
    tenants: tenants.map(({ quota: _, ...rest }) => rest),
  }));

import { unusedSettings } from "../plan/node-pool/backends";
import { POOL_KEY, POOL_KEY_GKE } from "../plan/node-pool/key";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import { below, type At } from "../spec/path";
import { NodePoolBackend, NodePoolTenancy, type NodePoolSpec, type NodeRequirement } from "../spec/index";
import { listNames, useKnown } from "./suggest";

/** Checks each node pool: its owner, its GPUs against its limits, its requirements, and what its backend can do. */
export function validatePools({ spec: { nodePools, tenants }, isWhole }: Declared, report: Report): void {
  const names = isWhole ? tenants?.map((tenant) => tenant?.name) : undefined;
  for (const { item: pool, index } of present(nodePools)) {
    const at = below("nodePools", index);
    validateOwner(pool, names, at, report);
    validateGpus(pool, at, report);
    validateBackend(pool, at, report);
    for (const { item, index: position } of present(pool.requirements)) {
      validateRequirement(item, (...rest) => at("requirements", position, ...rest), report);
    }
  }
}

/** @param tenants Names of all tenants, undefined for those that could not be read; absent when not all are known. */
function validateOwner(
  pool: Draft<NodePoolSpec>,
  tenants: (string | undefined)[] | undefined,
  at: At,
  report: Report,
): void {
  const restsOn = [at("tenancy")];
  if (pool.tenancy === NodePoolTenancy.shared && pool.tenant !== undefined) {
    report({
      path: at("tenant"),
      value: pool.tenant,
      restsOn,
      problem: "names an owner, but the pool is shared",
      fix: "remove `tenant`, or set `tenancy: dedicated`",
    });
  }
  if (pool.tenancy !== NodePoolTenancy.dedicated) return;
  if (pool.tenant === undefined) {
    report({
      path: at("tenant"),
      restsOn,
      problem: "is missing: the pool is dedicated, but to nobody",
      allowed: "the name of a tenant",
      fix: "add `tenant` with the name of the owner, or set `tenancy: shared`",
    });
  } else if (tenants !== undefined && !tenants.includes(pool.tenant) && !tenants.includes(undefined)) {
    const known = present(tenants).map(({ item }) => item);
    report({
      path: at("tenant"),
      value: pool.tenant,
      restsOn,
      problem: "is not a tenant of this stack",
      allowed: known.length === 0 ? "a tenant of the environment" : listNames(known),
      fix: useKnown(pool.tenant, known, "declare the tenant, or name an existing tenant"),
    });
  }
}

function validateGpus(pool: Draft<NodePoolSpec>, at: At, report: Report): void {
  const limit = pool.limits?.gpus ?? 0;
  const perNode = pool.gpu?.countPerNode ?? 1;
  const restsOn = [at("gpu"), at("gpu", "countPerNode"), at("limits")];
  if (pool.gpu === undefined && limit > 0) {
    report({
      path: at("limits", "gpus"),
      value: limit,
      restsOn,
      problem: "limits GPUs, but the nodes of the pool have none",
      fix: "describe the GPUs under `gpu`, or remove the limit",
    });
  }
  if (pool.gpu !== undefined && limit < perNode) {
    const problem = `does not even allow the ${perNode} GPUs of one node`;
    report({
      path: at("limits", "gpus"),
      value: limit,
      restsOn,
      problem,
      allowed: `${perNode} or more`,
      fix: `set \`gpus: ${perNode}\` or more`,
    });
  }
  if (pool.tenancy === NodePoolTenancy.shared && pool.gpu?.resource?.endsWith(".shared") === true) {
    report({
      path: at("gpu", "resource"),
      value: pool.gpu.resource,
      problem: "is a time-sliced GPU, which keeps neither memory nor faults of tenants apart",
      allowed: "whole GPUs or MIG slices on a shared pool",
      fix: "share whole GPUs or MIG slices, or dedicate the pool to one tenant",
    });
  }
  const sliceGigabytes = Number(/\.([0-9]+)gb$/.exec(pool.gpu?.resource ?? "")?.[1] ?? Infinity);
  const memory = pool.gpu?.memoryGiB ?? 0;
  if (memory > sliceGigabytes) {
    const problem = "is more than the MIG slice has";
    report({
      path: at("gpu", "memoryGiB"),
      value: memory,
      restsOn: [at("gpu", "resource")],
      problem,
      allowed: `at most ${sliceGigabytes}`,
      fix: `set \`memoryGiB: ${sliceGigabytes}\``,
    });
  }
}

/** Settings that the pool's backend does not act on: they would do nothing, unseen. */
function validateBackend(pool: Draft<NodePoolSpec>, at: At, report: Report): void {
  for (const setting of unusedSettings(pool)) {
    report({
      path: at(...setting.split(".")),
      problem:
        pool.backend === NodePoolBackend.existing
          ? "has no effect on nodes that exist already"
          : `has no effect with the backend ${pool.backend}`,
      restsOn: [at("backend")],
      at: "key",
      fix: `remove \`${setting}\`, or choose a backend that acts on it`,
    });
  }
}

const setByPlatform = [POOL_KEY, POOL_KEY_GKE, "karpenter.sh/nodepool", "kubernetes.io/hostname"];

function validateRequirement(requirement: Draft<NodeRequirement>, at: At, report: Report): void {
  const { key, operator } = requirement;
  const count = requirement.values?.length ?? 0;
  const restsOn = [at("operator"), at("values")];
  if (key !== undefined && setByPlatform.includes(key)) {
    report({ path: at("key"), value: key, problem: "is set by the platform", fix: "remove the requirement" });
  }
  if (key === "karpenter.sh/capacity-type") {
    report({
      path: at("key"),
      value: key,
      problem: "is set by the platform from `spot`",
      fix: "remove the requirement, and set `spot` of the pool",
    });
  }
  if ((operator === "In" || operator === "NotIn") && count === 0) {
    report({
      path: at("values"),
      restsOn,
      problem: `is empty, but ${operator} compares with values`,
      allowed: "one value or more",
      fix: "add the values",
    });
  }
  if ((operator === "Exists" || operator === "DoesNotExist") && count > 0) {
    report({
      path: at("values"),
      restsOn,
      problem: `has no meaning with ${operator}`,
      fix: "remove `values`, or use the operator In or NotIn",
    });
  }
  if ((operator === "Gt" || operator === "Lt") && !(count === 1 && /^[0-9]+$/.test(requirement.values?.[0] ?? ""))) {
    report({
      path: at("values"),
      restsOn,
      problem: `does not suit ${operator}`,
      allowed: 'one whole number in quotes, for example `["4"]`',
      fix: "correct `values`",
    });
  }
}

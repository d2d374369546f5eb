import type { ModelObject } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { record } from "../../model/json";
import { parseMilli } from "../../model/quantity";
import { owasp } from "../frameworks";
import { isBoundByNodes, type Pool, pools } from "../../readers/pools";
import type { Finding, Rule } from "../rule";

export const rule: Rule = {
  id: "placement/pool-limits",
  title: "Every node pool that grows by itself has an upper limit: of CPU and memory, or of nodes.",
  severity: "medium",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation:
    "Set spec.limits.cpu and spec.limits.memory of the NodePool, and the GPU resource where it has GPUs; or spec.limits.nodes.",
  configuredBy: ["pools"],
  check: (model, configuration) =>
    pools(model, configuration).flatMap((pool) =>
      pool.object === undefined || pool.limits === undefined ? [] : faults(pool, pool.object, pool.limits),
    ),
};

function faults(pool: Pool, object: ModelObject, limits: Record<string, unknown>): Finding[] {
  const { replicas } = record(object.object.spec);
  // The API of a static pool takes no other limit than that of nodes.
  if (replicas !== undefined && !isBoundByNodes(pool))
    return [
      {
        object,
        field: "spec.replicas",
        message: `is ${show(replicas)} and no whole number, so nothing bounds the pool.`,
        fix: "Set replicas to the number of nodes.",
      },
    ];
  if (isBoundByNodes(pool)) return [];
  return ["cpu", "memory"]
    .filter((resource) => parseMilli(limits[resource]) === undefined)
    .map((resource) => ({
      object,
      field: `spec.limits.${resource}`,
      message: `is ${show(limits[resource])}: one tenant's load could buy nodes without end.`,
    }));
}

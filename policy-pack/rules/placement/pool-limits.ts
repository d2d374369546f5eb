import { parseMilli } from "../../model/quantity";
import { owasp } from "../frameworks";
import { pools } from "../pool-rules";
import type { Rule } from "../rule";
import { show } from "../select";

export const rule: Rule = {
  id: "placement/pool-limits",
  title: "Every node pool that grows by itself has an upper limit of CPU and memory.",
  severity: "medium",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Set spec.limits.cpu and spec.limits.memory of the NodePool, and the GPU resource where it has GPUs.",
  configuredBy: ["pools"],
  check: (model, configuration) =>
    pools(model, configuration).flatMap(({ object, limits }) => {
      if (object === undefined || limits === undefined) return [];
      return ["cpu", "memory"]
        .filter((resource) => parseMilli(limits[resource]) === undefined)
        .map((resource) => ({
          object,
          field: `spec.limits.${resource}`,
          message: `is ${show(limits[resource])}: one tenant's load could buy nodes without end.`,
        }));
    }),
};

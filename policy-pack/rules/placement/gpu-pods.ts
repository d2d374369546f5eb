import { accelerators, acceleratorsOf } from "../../readers/accelerators";
import { boundPools } from "../../readers/pools";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { tenantPods } from "../../readers/select";

export const rule: Rule = {
  id: "placement/gpu-pods",
  title: "A tenant's pod that asks for a GPU runs on a named pool and nowhere else.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Select the tenant's pool in nodeSelector by the pool label.",
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const isAccelerator = accelerators(model, configuration);
    return tenantPods(model).flatMap((pod) => {
      const asking = pod.containers.filter(
        ({ container }) => acceleratorsOf(container.resources, isAccelerator).length > 0,
      );
      if (asking.length === 0 || boundPools(pod, configuration.pools.keys) !== undefined) return [];
      return [
        {
          object: pod.source,
          field: `${pod.path}.nodeSelector`,
          message: `names no pool, but container ${asking.map((c) => c.container.name).join(", ")} asks for a GPU: it would take any free GPU of the cluster, whoever used its memory before.`,
          fix: `Add ${configuration.pools.keys[0] ?? "the pool label"}: <name of the tenant's pool> to nodeSelector.`,
        },
      ];
    });
  },
};

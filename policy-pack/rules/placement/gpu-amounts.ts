import { isSliceProfile, sliceProfile } from "../../model/accelerators";
import { show } from "../../model/fault";
import { record } from "../../model/json";
import { parseMilli } from "../../model/quantity";
import { accelerators, namedAccelerators } from "../../readers/accelerators";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantContainers } from "../../readers/select";

/** What is wrong with an amount of a GPU resource; undefined when nothing is. */
function fault(resource: string, amount: unknown): Pick<Finding, "message" | "fix"> | undefined {
  const milli = parseMilli(amount);
  const profile = sliceProfile(resource);
  if (milli === undefined || milli % 1000n !== 0n)
    return {
      message: `is ${show(amount)}: the API server takes whole numbers of a GPU only.`,
      fix: "Write a whole number; for a part of a GPU request a MIG slice.",
    };
  if (profile !== undefined && milli > 0n && !isSliceProfile(profile))
    return {
      message: `is ${show(amount)} of the profile ${show(profile)}, which no GPU can be divided into, so the pod would wait for ever.`,
      fix: "Name a profile of the GPU, for example nvidia.com/mig-1g.10gb.",
    };
  if (profile !== undefined && milli > 1000n)
    return {
      message: `is ${show(amount)}, but a process of CUDA sees one slice only: the others would lie idle, out of other tenants' reach.`,
      fix: "Set it to 1, and request a larger profile for more memory.",
    };
  return undefined;
}

export const rule: Rule = {
  id: "placement/gpu-amounts",
  title: "A tenant's container asks for whole GPUs, or for one slice of one.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Request a whole number of GPUs, or one MIG slice.",
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const isAccelerator = accelerators(model, configuration);
    return tenantContainers(model).flatMap(({ pod, source: { container, path } }): Finding[] => {
      const wrong = (["limits", "requests"] as const).flatMap((kind) =>
        Object.entries(record(container.resources?.[kind]))
          .filter(([resource]) => isAccelerator(resource))
          .flatMap(([resource, amount]) => {
            const found = fault(resource, amount);
            const field = `${path}.resources.${kind}["${resource}"]`;
            return found === undefined ? [] : [{ object: pod.source, field, ...found }];
          }),
      );
      const kinds = namedAccelerators(container.resources, isAccelerator);
      if (kinds.length < 2 || kinds.every((resource) => sliceProfile(resource) === undefined)) return wrong;
      return [
        ...wrong,
        {
          object: pod.source,
          field: `${path}.resources`,
          message: `asks for ${kinds.join(" and ")} at once, but a process of CUDA sees one slice only: the rest would lie idle, out of other tenants' reach.`,
          fix: "Keep one of them.",
        },
      ];
    });
  },
};

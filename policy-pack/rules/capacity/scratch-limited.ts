import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { parseMilli } from "../../model/quantity";
import { nsa } from "../frameworks";
import type { Rule } from "../rule";
import { tenantPods } from "../../readers/select";

/** Whether a volume is scratch space: the API server makes an emptyDir of a volume that names no source. */
function isScratch(volume: Record<string, unknown>): boolean {
  return volume.emptyDir !== undefined || Object.keys(volume).every((key) => key === "name");
}

export const rule: Rule = {
  id: "capacity/scratch-limited",
  title: "Every scratch volume of a tenant's pod has a size limit.",
  severity: "medium",
  scope: "object",
  frameworks: [nsa("Resource policies")],
  remediation: "Set emptyDir.sizeLimit to a quantity above 0.",
  check: (model) =>
    tenantPods(model).flatMap((pod) =>
      list(pod.spec.volumes).flatMap((volume, index) =>
        !isScratch(record(volume)) || (parseMilli(record(volume.emptyDir).sizeLimit) ?? 0n) > 0n
          ? []
          : [
              {
                object: pod.source,
                field: `${pod.path}.volumes[${index}].emptyDir.sizeLimit`,
                message: `is ${show(record(volume.emptyDir).sizeLimit)}, and the kubelet enforces nothing but a size above 0: the volume could fill the ${record(volume.emptyDir).medium === "Memory" ? "memory" : "disk"} that other tenants' pods share.`,
              },
            ],
      ),
    ),
};

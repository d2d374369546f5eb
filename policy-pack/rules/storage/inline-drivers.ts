import { show } from "../../model/fault";
import { list } from "../../model/json";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { tenantPods } from "../../readers/select";

export const rule: Rule = {
  id: "storage/inline-drivers",
  title: "A tenant's pod mounts by a driver of its own choice only what the configuration calls local and harmless.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation:
    "Mount a claim instead; a driver that only makes files on the pod's own node may be listed under storage.inlineDrivers in the pack's configuration.",
  configuredBy: ["storage"],
  check: (model, { storage: { inlineDrivers } }) =>
    tenantPods(model).flatMap((pod) =>
      list(pod.spec.volumes).flatMap((volume, index) => {
        const csi = volume?.csi as { driver?: unknown } | undefined;
        if (csi === undefined || inlineDrivers.includes(String(csi.driver))) return [];
        return [
          {
            object: pod.source,
            field: `${pod.path}.volumes[${index}].csi.driver`,
            message: `is ${show(csi.driver)}: the pod itself tells the driver which server, share and Secret to mount, past claims and volumes, so it could mount another tenant's.`,
          },
        ];
      }),
    ),
};

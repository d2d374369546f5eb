import { show } from "../../model/fault";
import { record } from "../../model/json";
import { cis, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { persistentVolumes } from "../../readers/storage";

export const rule: Rule = {
  id: "storage/no-host-path",
  title: "No persistent volume is a path of a node.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.9"), cis("5.2.12"), owasp("K01")],
  remediation: "Use a CSI driver, NFS, or a local volume with node affinity.",
  check: (model) =>
    persistentVolumes(model)
      .filter((volume) => record(volume.object.spec).hostPath !== undefined)
      .map((volume) => ({
        object: volume,
        field: "spec.hostPath",
        message: `is ${show(record(volume.object.spec).hostPath)}: whoever claims the volume reads and writes there on any node, past the pod's own volume rules.`,
      })),
};

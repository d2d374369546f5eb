import { cis, nsa, owasp, pss } from "../frameworks";
import type { Rule } from "../rule";
import { list, tenantPods } from "../select";

/** Volume sources that the restricted profile allows; all others reach the node or the network past the platform. */
const allowed = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

export const rule: Rule = {
  id: "pods/volume-types",
  title: "A tenant's pod mounts only volume types of the restricted profile, and never a path of its node.",
  severity: "critical",
  scope: "object",
  frameworks: [
    pss("Restricted: Volume Types"),
    pss("Baseline: HostPath Volumes"),
    cis("5.2.12"),
    nsa("Kubernetes Pod security"),
    owasp("K01"),
  ],
  remediation: `Use one of the volume types ${allowed.join(", ")}.`,
  check: (model) =>
    tenantPods(model).flatMap((pod) => {
      const path = `${pod.path}.volumes`;
      if (pod.spec.volumes !== undefined && !Array.isArray(pod.spec.volumes))
        return [{ object: pod.source, field: path, message: "is unknown, so a host path cannot be ruled out." }];
      return list(pod.spec.volumes).flatMap((volume, index) => {
        const sources = Object.keys(volume).filter((key) => key !== "name" && !allowed.includes(key));
        return sources.map((source) => ({
          object: pod.source,
          field: `${path}[${index}].${source}`,
          message:
            source === "hostPath"
              ? "mounts a path of the node, where other tenants' files and sockets lie."
              : "is a volume type outside the restricted profile.",
        }));
      });
    }),
};

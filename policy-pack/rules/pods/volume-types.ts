import { show } from "../../model/fault";
import { list } from "../../model/json";
import { harmOfSource, restrictedSources } from "../../model/volume-types";
import { cis, nsa, owasp, pss } from "../frameworks";
import type { Rule } from "../rule";
import { tenantPods } from "../../readers/select";

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
  remediation: `Use one of the volume types ${restrictedSources.filter((source) => source !== "csi").join(", ")}.`,
  check: (model) =>
    tenantPods(model).flatMap((pod) => {
      const path = `${pod.path}.volumes`;
      if (pod.spec.volumes !== undefined && !Array.isArray(pod.spec.volumes))
        return [{ object: pod.source, field: path, message: "is unknown, so a host path cannot be ruled out." }];
      return list(pod.spec.volumes).flatMap((volume, index) =>
        Object.keys(volume).flatMap((source) => {
          const harm = source === "name" ? undefined : harmOfSource(source);
          if (harm === undefined) return [];
          return [
            {
              object: pod.source,
              field: `${path}[${index}].${source}`,
              message: `is ${show(volume[source])}: the volume ${harm}.`,
            },
          ];
        }),
      );
    }),
};

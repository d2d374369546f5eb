import { show } from "../../model/fault";
import { owasp, pss } from "../frameworks";
import type { Rule } from "../rule";
import { tenantContainers } from "../../readers/select";

export const rule: Rule = {
  id: "pods/proc-mount",
  title: "No container of a tenant sees an unmasked /proc.",
  severity: "high",
  scope: "object",
  frameworks: [pss("Baseline: /proc Mount Type"), owasp("K01")],
  remediation: "Remove securityContext.procMount or set it to Default.",
  check: (model) =>
    tenantContainers(model)
      .filter(({ source }) => ![undefined, "Default"].includes(source.container.securityContext?.procMount))
      .map(({ pod, source }) => ({
        object: pod.source,
        field: `${source.path}.securityContext.procMount`,
        message: `is ${show(source.container.securityContext?.procMount)}, which shows the kernel's settings of the node to the container.`,
      })),
};

import { show } from "../../model/fault";
import { roleName } from "../../model/pods";
import { cis, nsa, owasp, pss } from "../frameworks";
import type { Rule } from "../rule";
import { tenantContainers } from "../../readers/select";

export const rule: Rule = {
  id: "pods/privileged",
  title: "No container of a tenant is privileged.",
  severity: "critical",
  scope: "object",
  frameworks: [pss("Baseline: Privileged Containers"), cis("5.2.2"), nsa("Kubernetes Pod security"), owasp("K01")],
  remediation: "Remove securityContext.privileged or set it to false.",
  check: (model) =>
    tenantContainers(model)
      .filter(({ source }) => ![undefined, false].includes(source.container.securityContext?.privileged))
      .map(({ pod, source }) => ({
        object: pod.source,
        field: `${source.path}.securityContext.privileged`,
        message: `is ${show(source.container.securityContext?.privileged)}: the ${roleName(source.role)} would own the node, its GPUs and every other tenant's pods on it.`,
      })),
};

import { show } from "../../model/fault";
import { cis, owasp, pss } from "../frameworks";
import type { Rule } from "../rule";
import { tenantContainers } from "../../readers/select";

export const rule: Rule = {
  id: "pods/privilege-escalation",
  title: "No process of a tenant's container can gain more privileges than its parent.",
  severity: "high",
  scope: "object",
  frameworks: [pss("Restricted: Privilege Escalation"), cis("5.2.6"), owasp("K01")],
  remediation: "Set securityContext.allowPrivilegeEscalation to false on every container, init containers included.",
  check: (model) =>
    tenantContainers(model)
      .filter(({ source }) => source.container.securityContext?.allowPrivilegeEscalation !== false)
      .map(({ pod, source }) => ({
        object: pod.source,
        field: `${source.path}.securityContext.allowPrivilegeEscalation`,
        message: `is ${show(source.container.securityContext?.allowPrivilegeEscalation)}; only false stops set-user-ID programs, and true is the default.`,
      })),
};

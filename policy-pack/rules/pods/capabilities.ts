import { show } from "../../model/fault";
import { list } from "../../model/json";
import { cis, nsa, owasp, pss } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantContainers } from "../../readers/select";

export const rule: Rule = {
  id: "pods/capabilities",
  title: "Every container of a tenant drops all capabilities and adds none but NET_BIND_SERVICE.",
  severity: "high",
  scope: "object",
  frameworks: [
    pss("Restricted: Capabilities"),
    cis("5.2.8"),
    cis("5.2.9"),
    cis("5.2.10"),
    nsa("Kubernetes Pod security"),
    owasp("K01"),
  ],
  remediation: "Set securityContext.capabilities to {drop: [ALL]} on every container.",
  check: (model) =>
    tenantContainers(model).flatMap(({ pod, source }) => {
      const { drop, add } = source.container.securityContext?.capabilities ?? {};
      const path = `${source.path}.securityContext.capabilities`;
      const findings: Finding[] = [];
      if (!list(drop).includes("ALL"))
        findings.push({
          object: pod.source,
          field: `${path}.drop`,
          message: `is ${show(drop)} and does not contain "ALL", so the container keeps the runtime's default capabilities, raw sockets among them.`,
        });
      // A value that is no list is unknown: it may add anything.
      const added = add === undefined || Array.isArray(add) ? list(add) : [String(add)];
      const excess = added.filter((capability) => capability !== "NET_BIND_SERVICE");
      if (excess.length > 0)
        findings.push({
          object: pod.source,
          field: `${path}.add`,
          message: `contains ${excess.join(", ")}; only NET_BIND_SERVICE is allowed.`,
          fix: `Remove ${excess.join(", ")} from capabilities.add.`,
        });
      return findings;
    }),
};

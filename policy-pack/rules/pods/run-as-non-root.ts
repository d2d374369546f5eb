import { cis, nsa, owasp, pss } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { show, tenantContainers } from "../select";

export const rule: Rule = {
  id: "pods/run-as-non-root",
  title: "Every container of a tenant runs as a user other than root.",
  severity: "high",
  scope: "object",
  frameworks: [
    pss("Restricted: Running as Non-root"),
    pss("Restricted: Running as Non-root user"),
    cis("5.2.7"),
    nsa("Kubernetes Pod security"),
    owasp("K01"),
  ],
  remediation: "Set securityContext.runAsNonRoot to true and runAsUser to a number above 0 on the pod.",
  check: (model) =>
    tenantContainers(model).flatMap(({ pod, source }) => {
      // A container's own value wins over the pod's.
      const own = source.container.securityContext ?? {};
      const ofPod = pod.spec.securityContext ?? {};
      const findings: Finding[] = [];
      const nonRoot = own.runAsNonRoot ?? ofPod.runAsNonRoot;
      if (nonRoot !== true)
        findings.push({
          object: pod.source,
          field: `${own.runAsNonRoot === undefined ? pod.path : source.path}.securityContext.runAsNonRoot`,
          message: `is ${show(nonRoot)} for the ${source.role} container ${show(source.container.name)}, so its image may run as root.`,
        });
      const user = own.runAsUser ?? ofPod.runAsUser;
      if (user !== undefined && !(typeof user === "number" && user > 0))
        findings.push({
          object: pod.source,
          field: `${own.runAsUser === undefined ? pod.path : source.path}.securityContext.runAsUser`,
          message: `is ${show(user)}; a user ID above 0 is needed.`,
          fix: "Set runAsUser to the ID of an unprivileged user, for example 10001.",
        });
      return findings;
    }),
};

import { cis, nsa, owasp, pss } from "../frameworks";
import type { Rule } from "../rule";
import { show, tenantContainers } from "../select";

const allowed = ["RuntimeDefault", "Localhost"];

export const rule: Rule = {
  id: "pods/seccomp",
  title: "Every container of a tenant runs under a seccomp profile.",
  severity: "medium",
  scope: "object",
  frameworks: [pss("Restricted: Seccomp"), cis("5.7.2"), nsa("Kubernetes Pod security"), owasp("K01")],
  remediation: "Set securityContext.seccompProfile to {type: RuntimeDefault} on the pod.",
  check: (model) =>
    tenantContainers(model).flatMap(({ pod, source }) => {
      const own = source.container.securityContext?.seccompProfile?.type;
      const type = own ?? pod.spec.securityContext?.seccompProfile?.type;
      if (allowed.includes(type ?? "")) return [];
      return [
        {
          object: pod.source,
          field: `${own === undefined ? pod.path : source.path}.securityContext.seccompProfile.type`,
          message: `is ${show(type)} for the ${source.role} container ${show(source.container.name)}; ${allowed.join(" or ")} is needed, since without a profile every system call of the shared kernel is open.`,
        },
      ];
    }),
};

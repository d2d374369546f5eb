import { show } from "../../model/fault";
import { list } from "../../model/json";
import { enforcedMinor, isSafeSysctl, sysctlSafeSince } from "../../model/pod-security";
import { owasp, pss } from "../frameworks";
import type { Rule } from "../rule";
import { tenantPods } from "../../readers/select";

/** Why a setting is refused, as far as the version tells. */
function reason(name: string, minor: number | undefined): string {
  const since = sysctlSafeSince(name);
  return since === undefined || minor === undefined
    ? "which is not among the settings that Kubernetes calls safe"
    : `which Kubernetes calls safe from 1.${since} on, but the namespace enforces the standard of 1.${minor}`;
}

export const rule: Rule = {
  id: "pods/sysctls",
  title: "A tenant's pod changes no kernel setting that other pods feel.",
  severity: "high",
  scope: "object",
  frameworks: [pss("Baseline: Sysctls"), owasp("K01")],
  remediation: "Remove the setting from securityContext.sysctls.",
  check: (model) =>
    tenantPods(model).flatMap((pod) => {
      const sysctls = pod.spec.securityContext?.sysctls;
      const field = `${pod.path}.securityContext.sysctls`;
      if (sysctls === undefined) return [];
      if (!Array.isArray(sysctls)) return [{ object: pod.source, field, message: "is unknown until deployment." }];
      const minor = enforcedMinor(model.namespaces.get(pod.namespace)?.labels);
      return list(sysctls).flatMap((sysctl, index) =>
        isSafeSysctl(sysctl?.name ?? "", minor)
          ? []
          : [
              {
                object: pod.source,
                field: `${field}[${index}].name`,
                message: `is ${show(sysctl?.name)}, ${reason(sysctl?.name ?? "", minor)}.`,
              },
            ],
      );
    }),
};

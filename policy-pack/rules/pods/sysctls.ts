import { owasp, pss } from "../frameworks";
import type { Rule } from "../rule";
import { show, tenantPods } from "../select";

/** Kernel settings that are namespaced and that the baseline profile allows. */
const safe = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
];

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
      return sysctls.flatMap(({ name }, index) =>
        safe.includes(name ?? "")
          ? []
          : [
              {
                object: pod.source,
                field: `${field}[${index}].name`,
                message: `is ${show(name)}, which is not among the settings that Kubernetes calls safe.`,
              },
            ],
      );
    }),
};

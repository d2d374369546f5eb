import { show } from "../../model/fault";
import { owasp, pss } from "../frameworks";
import type { PodSource } from "../../model/cluster-model";
import type { SeLinuxOptions } from "../../model/kubernetes";
import { enforcedMinor, isContainerType } from "../../model/pod-security";
import type { Finding, Rule } from "../rule";
import { tenantContainers, tenantPods } from "../../readers/select";

/** What is wrong with the options under a version of the standard, as field and value. */
function faults(options: SeLinuxOptions | undefined, minor: number | undefined): [field: string, value: unknown][] {
  if (options === undefined) return [];
  if (typeof options !== "object") return [["", options]];
  return [
    ...(isContainerType(options.type ?? "", minor) ? [] : [[".type", options.type] as [string, unknown]]),
    ...(["user", "role"] as const)
      .filter((key) => (options[key] ?? "") !== "")
      .map((key): [string, unknown] => [`.${key}`, options[key]]),
  ];
}

export const rule: Rule = {
  id: "pods/selinux",
  title: "No pod of a tenant chooses an SELinux user, role or type beyond the container types.",
  severity: "high",
  scope: "object",
  frameworks: [pss("Baseline: SELinux"), owasp("K01")],
  remediation: "Remove seLinuxOptions, or set only its type to container_t, container_init_t or container_kvm_t.",
  check: (model) => {
    const finding =
      (object: Finding["object"], path: string) =>
      ([field, value]: [string, unknown]): Finding => ({
        object,
        field: `${path}.securityContext.seLinuxOptions${field}`,
        message: `is ${show(value)}, which may lift the confinement that separates containers.`,
      });
    const minorOf = (pod: PodSource) => enforcedMinor(model.namespaces.get(pod.namespace)?.labels);
    return [
      ...tenantPods(model).flatMap((pod) =>
        faults(pod.spec.securityContext?.seLinuxOptions, minorOf(pod)).map(finding(pod.source, pod.path)),
      ),
      ...tenantContainers(model).flatMap(({ pod, source }) =>
        faults(source.container.securityContext?.seLinuxOptions, minorOf(pod)).map(finding(pod.source, source.path)),
      ),
    ];
  },
};

import { show } from "../../model/fault";
import { cis, pss } from "../frameworks";
import type { Rule } from "../rule";
import { tenantContainers, tenantPods } from "../../readers/select";

export const rule: Rule = {
  id: "pods/host-process",
  title: "No pod of a tenant runs as a Windows host process.",
  severity: "critical",
  scope: "object",
  frameworks: [pss("Baseline: HostProcess"), cis("5.2.11")],
  remediation: "Remove windowsOptions.hostProcess or set it to false.",
  check: (model) => {
    const contexts = [
      ...tenantPods(model).map((pod) => ({ pod, path: pod.path, context: pod.spec.securityContext })),
      ...tenantContainers(model).map(({ pod, source }) => ({
        pod,
        path: source.path,
        context: source.container.securityContext,
      })),
    ];
    return contexts
      .filter(({ context }) => ![undefined, false].includes(context?.windowsOptions?.hostProcess))
      .map(({ pod, path, context }) => ({
        object: pod.source,
        field: `${path}.securityContext.windowsOptions.hostProcess`,
        message: `is ${show(context?.windowsOptions?.hostProcess)}: the process would run on the node itself.`,
      }));
  },
};
